"""Review: what a gate kept back, for people who decide about it."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from builder.accounts.models import User
from builder.accounts.scope import ScopedQuerySet
from builder.common.models import Identified
from builder.runs.models.run import Run
from runtime.safety.ruling import Held


class Purpose(models.TextChoices):
    HOLD = "hold", _("held by a gate")
    APPEAL = "appeal", _("appealed by the author")


class ReviewState(models.TextChoices):
    # Withheld material that its author may appeal for; no reviewer sees it.
    KEPT = "kept", _("kept")
    OPEN = "open", _("waiting for a reviewer")
    DECIDED = "decided", _("decided")
    EXPIRED = "expired", _("nobody decided in time")
    # The run was cancelled or has failed: there is nothing left to decide.
    CLOSED = "closed", _("closed")


class Review(Identified):
    """What a gate kept back, and what people decided about it.

    `held` is the material itself (runtime.safety.ruling.Held): shown to reviewers, one recorded look at a time,
    and to nobody else; None once it is gone. `released` is what an allowed appeal gave back, written by `deliver()`.
    """

    SCOPE: ClassVar[str] = "run__workspace"

    run = models.ForeignKey(Run, models.CASCADE, related_name="reviews", verbose_name=_("run"))
    step = models.CharField(_("gate"), max_length=200)
    purpose = models.CharField(_("purpose"), max_length=10, choices=Purpose)
    state = models.CharField(_("state"), max_length=10, choices=ReviewState)
    # What a decision is about, and all that it is about.
    rules = models.JSONField(_("rules"))
    digest = models.CharField(max_length=64)
    policy = models.CharField(max_length=64)
    held = models.JSONField(null=True, editable=False)
    type = models.CharField(_("type"), max_length=20)
    # The results, by name, that the gate stands before.
    outputs = models.JSONField(_("outputs"), default=list)
    text = models.TextField(_("appeal"), blank=True)
    # Who made the link by which who appealed had signed in: it may be that person's appeal.
    lent_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name=_("signed in by a link of")
    )
    needed = models.PositiveSmallIntegerField(_("reviewers"), default=1)
    ruling = models.JSONField(null=True, editable=False)
    released = models.JSONField(null=True, editable=False)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    deadline = models.DateTimeField(_("deadline"), null=True)
    decided = models.DateTimeField(_("decided"), null=True)
    keep_until = models.DateTimeField(_("kept until"), null=True)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        verbose_name = _("review")
        verbose_name_plural = _("reviews")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state__in=ReviewState.values), name="review_state_known"
            ),
            # Without a deadline it would wait for ever; without material there is nothing to decide about.
            models.CheckConstraint(
                condition=~models.Q(state=ReviewState.OPEN)
                | models.Q(deadline__isnull=False, held__isnull=False),
                name="an_open_review_has_an_end",
            ),
            models.UniqueConstraint(
                fields=["run", "step"],
                condition=models.Q(purpose=Purpose.HOLD, state=ReviewState.OPEN),
                name="one_open_review_per_gate",
            ),
            models.UniqueConstraint(
                fields=["run", "step"],
                condition=models.Q(purpose=Purpose.APPEAL),
                name="one_appeal_per_gate",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "deadline"], name="reviews_by_deadline"),
            # What each sweep looks for: material that nobody is to decide about any more.
            models.Index(
                fields=["keep_until"], condition=models.Q(held__isnull=False), name="reviews_by_keeping"
            ),
            models.Index(
                fields=["state"], condition=models.Q(held__isnull=False), name="reviews_with_material"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_purpose_display()} · {self.created:%Y-%m-%d %H:%M}"

    @property
    def material(self) -> Held | None:
        return Held.from_json(self.held) if self.held else None
