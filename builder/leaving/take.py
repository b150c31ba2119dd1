"""Takes one run, one file or one workflow out of the database, in the caller's transaction; says why it may not go."""

from django.db.models import Exists, OuterRef, Q, QuerySet

from builder.assets.lock_content import lock_content
from builder.assets.models import Asset, Origin
from builder.common.errors import Refused
from builder.keeping.holds import on_hold, under_hold
from builder.leaving.erasure import Tally
from builder.reviews.models import Look, Opinion
from builder.runs.forget_content import forget_content, going_on, still_needed
from builder.runs.models import Answer, ContentUse, Run
from builder.runs.plans import forget_plan
from builder.runs.turns import remember_turn
from builder.safety.models import PolicyDraft, Scope, Shadow
from builder.workflows.models import Revision, Workflow, WorkflowVersion
from runtime.words import Words

# A person's hold keeps what they started, answered, looked at or decided about, whoever started that: of an opinion
# the reason stands in the run alone.
RUN_HELD = (
    under_hold(workspace="workspace", run="pk", person="by")
    | Q(Exists(Answer.objects.filter(under_hold(person="by"), run=OuterRef("pk"))))
    | Q(Exists(Opinion.objects.filter(under_hold(person="by"), review__run=OuterRef("pk"))))
    | Q(Exists(Look.objects.filter(under_hold(person="by"), review__run=OuterRef("pk"))))
)
# Of a file that many runs were given, so many are cleaned in one transaction.
TOGETHER = 25


def runs_of(asset: Asset) -> QuerySet[Run]:
    """The runs of the file's workspace that name its content, in whichever part."""
    return Run.objects.filter(
        Exists(ContentUse.objects.filter(run=OuterRef("pk"), sha256=asset.sha256)),
        workspace=asset.workspace_id,
    )


def require_run(runs: QuerySet[Run]) -> None:
    """Raises Refused when one of the runs is held or still needed."""
    if runs.filter(RUN_HELD).exists():
        raise on_hold()
    if runs.filter(going_on()).exists():
        raise _going_on()
    if runs.filter(still_needed()).exists():
        raise _appealed()


def require_asset(asset: Asset) -> None:
    if Asset.objects.filter(pk=asset.pk).filter(under_hold(workspace="workspace", person="by")).exists():
        raise on_hold()
    require_run(runs_of(asset))


def require_workflow(workflow: Workflow, with_runs: bool) -> None:
    """A document is held with its workspace, with whoever drew it, and with the runs that it was drawn for."""
    rows = Workflow.objects.filter(pk=workflow.pk)
    by_people = (
        Revision.objects.filter(workflow=workflow).filter(under_hold(person="by")),
        WorkflowVersion.objects.filter(workflow=workflow).filter(under_hold(person="by")),
    )
    runs = Run.objects.filter(workflow=workflow)
    if rows.filter(under_hold(workspace="workspace")).exists() or any(found.exists() for found in by_people):
        raise on_hold()
    if runs.filter(RUN_HELD).exists():
        raise on_hold()
    if with_runs:
        require_run(runs)


def take_run(run: Run, tally: Tally) -> None:
    """The run with everything that was told of it, and the outputs that it alone delivered. Raises Refused."""
    found = (
        Run.objects.select_for_update(of=("self",))
        .only("id", "workspace_id", "plan_id")
        .filter(pk=run.pk)
        .first()
    )
    if found is None:
        return
    require_run(Run.objects.filter(pk=run.pk))
    contents = set(found.uses.values_list("sha256", flat=True))
    tally.took("runs", found.pk)
    plan = found.plan_id
    remember_turn(found.pk)
    found.delete()
    forget_plan(plan)
    outputs = Asset.objects.filter(workspace=found.workspace_id, origin=Origin.OUTPUT, sha256__in=contents)
    others = ContentUse.objects.filter(run__workspace=OuterRef("workspace"), sha256=OuterRef("sha256"))
    left = list(outputs.exclude(Exists(others)).values_list("pk", flat=True))
    if left:
        Asset.objects.filter(pk__in=left).delete()
        tally.took("outputs", *left)
    tally.contents |= contents


def take_asset(asset: Asset, tally: Tally) -> bool:
    """The file, also where a run has delivered the same content, and every mention of it in the workspace's runs.

    Whether that is all; else call it again, in the next transaction. Raises Refused.
    """
    lock_content(asset.sha256)
    rows = Asset.objects.filter(workspace=asset.workspace_id, sha256=asset.sha256)
    for row in rows:
        require_asset(row)
    ids = list(rows.values_list("pk", flat=True))
    naming = list(runs_of(asset).select_for_update(of=("self",)).order_by("pk")[:TOGETHER])
    for run in naming:
        forget_content(run, asset.sha256, ids)
        tally.took("mentions", run.pk)
    tally.contents.add(asset.sha256)
    if len(naming) == TOGETHER:
        return False
    rows.delete()
    tally.took("files", *ids)
    return True


def take_workflow(workflow: Workflow, tally: Tally) -> None:
    """The document with all its revisions and versions. Runs of it that are left keep their name and lose the link."""
    for kind, rows in (("revisions", workflow.revisions), ("versions", workflow.versions)):
        tally.took(kind, *rows.values_list("pk", flat=True))
    tally.took("workflows", workflow.pk)
    PolicyDraft.objects.filter(scope=Scope.WORKFLOW, owner=str(workflow.pk)).delete()
    Shadow.objects.filter(scope=Scope.WORKFLOW, owner=str(workflow.pk)).delete()
    Workflow.objects.filter(pk=workflow.pk).delete()


def _going_on() -> Refused:
    return Refused(
        "still_needed",
        Words("A run that has not ended still needs this.", "尚有未结束的运行需要此内容。"),
        Words("Wait until it is over, or cancel the run.", "请等待其结束，或取消该运行。"),
        status=409,
    )


def _appealed() -> Refused:
    return Refused(
        "still_needed",
        Words(
            "An appeal that nobody has decided about yet still needs this.", "尚有待处理的申诉需要此内容。"
        ),
        Words(
            "Wait for the decision. Whoever appealed can delete their run, which withdraws the appeal.",
            "请等待审核结果。申诉者可以删除自己的运行，申诉随之撤回。",
        ),
        status=409,
    )
