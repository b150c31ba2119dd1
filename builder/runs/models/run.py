"""KeptPlan, Run, Segment, Step: what is executed and how far it is. CachedStep: what need not be made again."""

from typing import ClassVar
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from builder.accounts.models import User, Workspace
from builder.accounts.scope import ScopedQuerySet
from builder.common.models import Identified
from builder.runs.models.states import choices_of, only
from builder.safety.models import PolicyVersion
from builder.workflows.models import Workflow
from runtime.dispatch.states import RunState, SegmentState, StepState

# Who runs what nobody is known to have asked for.
NOBODY = UUID(int=0)


class KeptPlan(models.Model):
    """A plan as it was signed: once in a workspace, however many runs follow it, and gone with the last of them.

    `text` is its canonical JSON, `mac` the signature that a worker checks; the id is a digest of workspace and text.
    """

    id = models.CharField(primary_key=True, max_length=64, editable=False)
    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    text = models.TextField()
    mac = models.CharField(max_length=64)

    def __str__(self) -> str:
        return self.id[:12]


class Run(Identified):
    """One execution of a plan, which never changes under it."""

    SCOPE: ClassVar[str] = "workspace"

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="runs", verbose_name=_("workspace"))
    # None when a graph was run that no workflow holds.
    workflow = models.ForeignKey(
        Workflow, models.SET_NULL, null=True, related_name="runs", verbose_name=_("workflow")
    )
    workflow_name = models.CharField(_("workflow"), max_length=200, blank=True)
    # The published version that was run; none for a draft.
    version = models.PositiveIntegerField(_("version"), null=True)
    # The node at which a partial run ends; empty where the whole was run.
    to = models.CharField(_("up to"), max_length=64, blank=True)
    policy = models.ForeignKey(PolicyVersion, models.PROTECT, related_name="+", verbose_name=_("policy"))
    # The workflows whose drawings are in the plan, by id: what is in force for them is asked of this run as well.
    called = models.JSONField(default=list)
    state = models.CharField(
        _("state"), max_length=10, choices=choices_of(RunState), default=RunState.QUEUED.value
    )
    plan = models.ForeignKey(KeptPlan, models.RESTRICT, related_name="runs", verbose_name=_("plan"))
    # What the run was started with, as Values; `inputs` is the same as a person gave it.
    arguments = models.JSONField(default=dict)
    inputs = models.JSONField(_("inputs"), default=dict)
    # A key belongs to the person who sent it; the digest says what it was sent with.
    idempotency_key = models.CharField(max_length=200, null=True)
    order_digest = models.CharField(max_length=64, blank=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    # Who made the link by which they had signed in: it may be that person's run. Nobody looks for runs by it.
    lent_by = models.ForeignKey(
        User,
        models.SET_NULL,
        null=True,
        db_index=False,
        related_name="+",
        verbose_name=_("signed in by a link of"),
    )
    # The run that this one begins again: of the same plan it takes what had ended there.
    restarts = models.ForeignKey("self", models.SET_NULL, null=True, related_name="+")
    cancel_requested = models.BooleanField(default=False)
    error = models.JSONField(_("error"), null=True)
    last_event = models.PositiveIntegerField(default=0)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    started = models.DateTimeField(_("started"), null=True)
    finished = models.DateTimeField(_("finished"), null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]  # ids sort by the time they were made
        verbose_name = _("run")
        verbose_name_plural = _("runs")
        constraints = [
            only("state", RunState, "run_state_known"),
            models.UniqueConstraint(
                fields=["workspace", "by", "idempotency_key"], name="one_run_per_idempotency_key"
            ),
        ]
        indexes = [
            models.Index(fields=["workspace", "-id"], name="runs_of_workspace"),
            models.Index(fields=["workflow", "-id"], name="runs_of_workflow"),
            # How many wait is counted at each order, and is little of all that there are.
            models.Index(fields=["by"], condition=models.Q(state="queued"), name="runs_waiting_of_person"),
            models.Index(
                fields=["workspace"], condition=models.Q(state="queued"), name="runs_waiting_of_workspace"
            ),
        ]

    def __str__(self) -> str:
        return self.workflow_name or str(_("run"))


class Segment(Identified):
    """Steps that one worker runs in one claim. The fence grows with each claim; only its holder may write."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="segments")
    index = models.PositiveIntegerField()
    state = models.CharField(max_length=10, choices=choices_of(SegmentState))
    resource = models.CharField(max_length=10)
    fence = models.PositiveIntegerField(default=0)
    attempt = models.PositiveIntegerField(default=0)
    # Workers or children that were lost while they had it.
    losses = models.PositiveIntegerField(default=0)
    worker = models.CharField(max_length=200, blank=True)
    leased_until = models.DateTimeField(null=True)
    # Whose turn it is: the person who runs it, and when a worker last took a segment of theirs.
    person = models.UUIDField(default=NOBODY)
    priority = models.SmallIntegerField(default=0)
    # The model that it needs first; empty for none. Who holds it takes this before others of the same person.
    model = models.CharField(max_length=200, blank=True, default="", db_default="")
    claimed = models.DateTimeField(null=True)
    # Equal in segments that could share a call of a model; empty in one that could not.
    shares = models.CharField(max_length=16, blank=True, default="", db_default="")

    class Meta:
        ordering = ["run", "index"]
        constraints = [
            models.UniqueConstraint(fields=["run", "index"], name="one_segment_per_index"),
            only("state", SegmentState, "segment_state_known"),
            # A lease without an end would never be taken over: NULL is later than nothing.
            models.CheckConstraint(
                condition=~models.Q(state=SegmentState.LEASED.value) | models.Q(leased_until__isnull=False),
                name="a_lease_has_an_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "resource", "person", "-priority", "run", "index"], name="segments_to_claim"
            ),
            models.Index(fields=["person", "resource", "-claimed"], name="segments_by_turn"),
            models.Index(
                fields=["leased_until"], condition=models.Q(state="leased"), name="segments_by_lease"
            ),
            models.Index(
                fields=["shares", "person"],
                condition=models.Q(state="ready") & ~models.Q(shares=""),
                name="segments_to_join",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run_id} #{self.index} · {self.state}"


class Served(models.Model):
    """When a worker last took a segment of this person's and class, of runs that are deleted (builder.runs.turns)."""

    person = models.UUIDField()
    resource = models.CharField(max_length=10)
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "resource"], name="one_turn_of_a_class")]

    def __str__(self) -> str:
        return str(self.person)


class Step(Identified):
    """One node's part in a run, or a gate. `outputs` are private: no view ever shows them."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="steps")
    segment = models.PositiveIntegerField()
    position = models.PositiveIntegerField()
    name = models.CharField(_("step"), max_length=200)
    type = models.CharField(_("type"), max_length=70)
    title = models.JSONField(_("title"))
    node = models.CharField(_("node"), max_length=64, null=True)
    state = models.CharField(
        _("state"), max_length=10, choices=choices_of(StepState), default=StepState.PENDING.value
    )
    attempt = models.PositiveIntegerField(_("attempt"), default=0)
    started = models.DateTimeField(_("started"), null=True)
    finished = models.DateTimeField(_("finished"), null=True)
    seconds = models.FloatField(_("seconds"), null=True)
    cost = models.JSONField(_("cost"), null=True)
    error = models.JSONField(_("error"), null=True)
    outputs = models.JSONField(null=True, editable=False)
    # Its step key, where it has one and ended: a run that begins this one again knows by it what it need not make anew.
    key = models.CharField(max_length=64, blank=True, default="", db_default="")
    # While it waits: for what, and the moment of the database's clock at which it goes on by itself.
    waits = models.JSONField(_("waits for"), null=True)
    due = models.DateTimeField(_("goes on"), null=True)
    # Failures after which it was, or is to be, tried again.
    failures = models.PositiveSmallIntegerField(_("failures"), default=0, db_default=0)
    # Of one that must not happen twice: that it was begun, or that a person said it had happened (builder.runs.doubts).
    effect = models.CharField(_("effect"), max_length=10, blank=True, default="", db_default="")

    # Of one that asks: what a person is shown while it waits, as Values by port, and what somebody answered.
    question = models.JSONField(null=True, editable=False)
    answer = models.JSONField(null=True, editable=False)

    class Meta:
        ordering = ["run", "position"]
        verbose_name = _("step")
        verbose_name_plural = _("steps")
        constraints = [
            models.UniqueConstraint(fields=["run", "name"], name="one_step_per_name"),
            only("state", StepState, "step_state_known"),
        ]
        indexes = [models.Index(fields=["due"], condition=models.Q(state="waiting"), name="steps_by_moment")]

    def __str__(self) -> str:
        return self.name


class CachedStep(Identified):
    """Says that a step's result is what every step with this key would give: it is found there, and not made again.

    It holds nothing itself, so with the step it is gone. `size` is bytes, `seconds` what the result took to make.
    """

    workspace = models.ForeignKey(Workspace, models.CASCADE, related_name="+")
    key = models.CharField(max_length=64)
    step = models.ForeignKey(Step, models.CASCADE, related_name="+")
    size = models.PositiveBigIntegerField()
    seconds = models.FloatField()
    used = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["workspace", "key"], name="one_result_per_key")]
        indexes = [models.Index(fields=["used"], name="cached_steps_by_use")]

    def __str__(self) -> str:
        return self.key[:12]
