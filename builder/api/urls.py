"""The addresses of the API."""

from django.urls import path, register_converter

from builder.api import (
    assets,
    drafts,
    keeping,
    models,
    node_types,
    password,
    policies,
    questions,
    reviews,
    runs,
    safety,
    session,
    templates,
    workflows,
)
from builder.runs.stream import run_stream


class ModelName:
    """The name of a model in an address."""

    regex = r"[a-z0-9][a-z0-9._-]{0,99}"

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value


class Number:
    """A number from 1 that every database can compare with."""

    regex = r"[1-9][0-9]{0,8}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(ModelName, "model")
register_converter(Number, "number")

urlpatterns = [
    path("session", session.SessionView.as_view()),
    path("session/password", password.PasswordView.as_view()),
    path("node-types", node_types.NodeTypesView.as_view()),
    path("filters", safety.FiltersView.as_view()),
    path("workspaces/<uuid:workspace>/compile", node_types.CompileView.as_view()),
    path("workspaces/<uuid:workspace>/what-if", safety.WhatIfView.as_view()),
    path("workspaces/<uuid:workspace>/policy", policies.PolicyView.as_view()),
    path("workspaces/<uuid:workspace>/policy/draft", policies.PolicyDraftView.as_view()),
    path("workspaces/<uuid:workspace>/policy/preview", policies.PolicyPreviewView.as_view()),
    path("workspaces/<uuid:workspace>/policy/versions", policies.PolicyVersionsView.as_view()),
    path("workspaces/<uuid:workspace>/policy/versions/<number:number>", policies.PolicyVersionView.as_view()),
    path("workspaces/<uuid:workspace>/policy/shadow", policies.PolicyShadowView.as_view()),
    path("workspaces/<uuid:workspace>/workflows", workflows.WorkflowsView.as_view()),
    path("workflows/<uuid:workflow>", workflows.WorkflowView.as_view()),
    path("workflows/<uuid:workflow>/restore", workflows.RestoreView.as_view()),
    path("workflows/<uuid:workflow>/callers", workflows.CallersView.as_view()),
    path("workflows/<uuid:workflow>/duplicate", workflows.DuplicateView.as_view()),
    path("workflows/<uuid:workflow>/draft", drafts.DraftView.as_view()),
    path("workflows/<uuid:workflow>/revisions", drafts.RevisionsView.as_view()),
    path("workflows/<uuid:workflow>/revisions/<number:number>", drafts.RevisionView.as_view()),
    path("workflows/<uuid:workflow>/versions", drafts.VersionsView.as_view()),
    path("workflows/<uuid:workflow>/versions/<number:number>", drafts.VersionView.as_view()),
    path("workflows/<uuid:workflow>/versions/<number:number>/share", templates.ShareView.as_view()),
    path("workflows/<uuid:workflow>/runs", runs.WorkflowRunsView.as_view()),
    path("workspaces/<uuid:workspace>/runs", runs.WorkspaceRunsView.as_view()),
    path("runs/<uuid:run>", runs.RunView.as_view()),
    path("runs/<uuid:run>/cancel", runs.CancelRunView.as_view()),
    path("runs/<uuid:run>/restart", runs.RestartRunView.as_view()),
    path("runs/<uuid:run>/effects", runs.EffectView.as_view()),
    path("runs/<uuid:run>/questions", questions.QuestionsView.as_view()),
    path("runs/<uuid:run>/question-file", questions.QuestionFileView.as_view()),
    path("runs/<uuid:run>/answers", questions.AnswersView.as_view()),
    path("runs/<uuid:run>/text-file", runs.TextFileView.as_view()),
    path("runs/<uuid:run>/events", runs.EventsView.as_view()),
    path("runs/<uuid:run>/stream", run_stream),
    path("runs/<uuid:run>/appeals", reviews.AppealsView.as_view()),
    path("reviews", reviews.ReviewsView.as_view()),
    path("reviews/<uuid:review>", reviews.ReviewView.as_view()),
    path("reviews/<uuid:review>/looks", reviews.LooksView.as_view()),
    path("reviews/<uuid:review>/opinions", reviews.OpinionsView.as_view()),
    path("review-looks/<uuid:look>/files/<number:number>", reviews.LookFileView.as_view()),
    path("workspaces/<uuid:workspace>/assets", assets.UploadsView.as_view()),
    path("assets/<uuid:asset>", assets.AssetView.as_view()),
    path("workflows/<uuid:workflow>/erase", keeping.EraseWorkflowView.as_view()),
    path("receipts/<uuid:receipt>", keeping.ReceiptView.as_view()),
    path("workspaces/<uuid:workspace>/retention", keeping.RetentionView.as_view()),
    path("account/export", keeping.ExportsView.as_view()),
    path("account/exports/<uuid:export>", keeping.ExportView.as_view()),
    path("account/exports/<uuid:export>/file", keeping.ExportFileView.as_view()),
    path("assets/<uuid:asset>/content", assets.AssetContentView.as_view()),
    path("templates", templates.TemplatesView.as_view()),
    path("templates/<uuid:template>", templates.TemplateView.as_view()),
    path("templates/<uuid:template>/picture", templates.TemplatePictureView.as_view()),
    path("templates/<uuid:template>/use", templates.UseView.as_view()),
    path("models", models.ModelsView.as_view()),
    path("models/<model:name>/install", models.InstallView.as_view()),
    path("models/<model:name>/install/cancel", models.CancelInstallView.as_view()),
]
