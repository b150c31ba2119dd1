"""Workflow (a document), Revision (each save of its draft), WorkflowVersion (a published edition)."""

from typing import Any, ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from builder.accounts.models import User, Workspace
from builder.accounts.scope import ScopedQuerySet
from builder.common.models import Identified


class WorkflowQuerySet(ScopedQuerySet["Workflow"]):
    def alive(self) -> "WorkflowQuerySet":
        return self.filter(deleted=None)


class Workflow(Identified):
    """What the user draws. Its draft is the revision with the number `revision`."""

    SCOPE: ClassVar[str] = "workspace"

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="workflows", verbose_name=_("workspace")
    )
    name = models.CharField(_("name"), max_length=200)
    description = models.TextField(_("description"), max_length=2_000, blank=True)
    revision = models.PositiveIntegerField(_("revision"), default=1, editable=False)
    # The number of the newest published version; none when it was never published.
    published = models.PositiveIntegerField(_("published"), null=True, editable=False)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    updated = models.DateTimeField(_("updated"), default=timezone.now, editable=False)
    # Set when a person deleted it; it can be brought back for some time.
    deleted = models.DateTimeField(_("deleted"), null=True, editable=False)
    # It began as a template of people elsewhere: what it tells a model may be their words, whoever works on it now.
    copied = models.BooleanField(_("copied"), default=False, editable=False)

    objects = WorkflowQuerySet.as_manager()

    class Meta:
        verbose_name = _("workflow")
        verbose_name_plural = _("workflows")
        indexes = [models.Index(fields=["workspace", "-updated"], name="workflows_by_update")]

    def __str__(self) -> str:
        return self.name

    @property
    def draft(self) -> "Revision":
        return self.revisions.get(number=self.revision)


class Revision(Identified):
    """One save of a draft: a graph as the browser sent it, complete or not."""

    SCOPE: ClassVar[str] = "workflow__workspace"

    workflow = models.ForeignKey(
        Workflow, models.CASCADE, related_name="revisions", verbose_name=_("workflow")
    )
    number = models.PositiveIntegerField(_("number"))
    graph = models.JSONField(_("graph"))
    saved = models.DateTimeField(_("saved"), default=timezone.now)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["workflow", "number"], name="one_revision_per_number")]

    def __str__(self) -> str:
        return f"{self.workflow} r{self.number}"


class WorkflowVersion(Identified):
    """A published edition. It compiled when it was made, and it never changes."""

    SCOPE: ClassVar[str] = "workflow__workspace"

    workflow = models.ForeignKey(
        Workflow, models.CASCADE, related_name="versions", verbose_name=_("workflow")
    )
    number = models.PositiveIntegerField(_("number"))
    graph = models.JSONField(_("graph"))
    # SHA-256 of the plan's canonical JSON, and the policy that it was compiled under.
    plan_digest = models.CharField(_("plan"), max_length=64)
    policy_version = models.PositiveIntegerField(_("policy"))
    note = models.CharField(_("note"), max_length=500, blank=True)
    created = models.DateTimeField(_("created"), default=timezone.now)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-number"]
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        constraints = [models.UniqueConstraint(fields=["workflow", "number"], name="one_version_per_number")]

    def __str__(self) -> str:
        return f"{self.workflow} v{self.number}"

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("a published version never changes; publish the next one")
        super().save(**options | {"force_insert": True})
