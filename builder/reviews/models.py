"""Look, Opinion: who saw what a gate kept back and when, and what each reviewer decided."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from builder.accounts.models import User
from builder.common.models import Identified
from builder.runs.models import Review
from runtime.safety.ruling import Cut, Decision


class Look(Identified):
    """One look of one person at the material of a review. The row is there before the material is handed out."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="looks", verbose_name=_("review"))
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    # By name too: the person may be gone when somebody reads this.
    name = models.CharField(_("name"), max_length=300)
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["review", "at"]
        verbose_name = _("look")
        verbose_name_plural = _("looks")

    def __str__(self) -> str:
        return self.name


class Opinion(Identified):
    """What one reviewer decided, with their reason. With enough of them a review is decided."""

    review = models.ForeignKey(Review, models.CASCADE, related_name="opinions", verbose_name=_("review"))
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    name = models.CharField(_("name"), max_length=300)
    decision = models.CharField(
        _("decision"), max_length=10, choices=[(item.value, item.value) for item in Decision]
    )
    cuts = models.JSONField(default=list)
    note = models.TextField(_("note"))
    # Who made the link by which they had signed in: it may be that person's opinion.
    lent_by = models.ForeignKey(
        User, models.SET_NULL, null=True, related_name="+", verbose_name=_("signed in by a link of")
    )
    at = models.DateTimeField(_("at"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["review", "at"]
        verbose_name = _("opinion")
        verbose_name_plural = _("opinions")
        constraints = [
            models.UniqueConstraint(fields=["review", "by"], name="one_opinion_each"),
            models.CheckConstraint(
                condition=models.Q(decision__in=[item.value for item in Decision]), name="decision_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def read(self) -> tuple[Decision, tuple[Cut, ...]]:
        return Decision(self.decision), tuple(Cut.from_json(item) for item in self.cuts)
