"""RetentionRule: how long. Hold: what nobody may delete. Read: who saw what. Erasure, Leaving, Turn, Export: how data goes."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from builder.accounts.models import User, Workspace
from builder.common.models import Identified


class Kept(models.TextChoices):
    """What a workspace keeps, each with a time of its own."""

    UPLOADS = "uploads", _("uploads")
    OUTPUTS = "outputs", _("outputs")
    INTERMEDIATE = "intermediate", _("values between steps")
    RUNS = "runs", _("runs and their inputs")
    HELD = "held", _("held material")
    READS = "reads", _("who read what")


class RetentionRule(Identified):
    """After `days` it goes. No row: it stays. Without a workspace it is the most that any workspace may ask for."""

    workspace = models.ForeignKey(
        Workspace,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="retention",
        verbose_name=_("workspace"),
    )
    kind = models.CharField(_("what"), max_length=12, choices=Kept)
    days = models.PositiveIntegerField(_("days"))

    class Meta:
        ordering = ["workspace", "kind"]
        verbose_name = _("retention rule")
        verbose_name_plural = _("retention rules")
        constraints = [
            models.UniqueConstraint(fields=["workspace", "kind"], name="one_rule_per_kind"),
            models.UniqueConstraint(
                fields=["kind"], condition=models.Q(workspace=None), name="one_most_per_kind"
            ),
            models.CheckConstraint(condition=models.Q(days__gte=1), name="a_rule_keeps_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}: {self.days}"


class Subject(models.TextChoices):
    """What a legal hold can be about."""

    WORKSPACE = "workspace", _("workspace")
    RUN = "run", _("run")
    PERSON = "person", _("person")


class Hold(Identified):
    """Until it is lifted nothing under its subject is deleted, by anybody. It stays as a record when it is lifted."""

    kind = models.CharField(_("what"), max_length=10, choices=Subject)
    subject = models.UUIDField(_("id"))
    reason = models.TextField(_("reason"))
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    placed = models.DateTimeField(_("placed"), default=timezone.now, editable=False)
    lifted = models.DateTimeField(_("lifted"), null=True, editable=False)
    lift_reason = models.TextField(_("reason for lifting"), blank=True)

    class Meta:
        ordering = ["-placed"]
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=models.Q(lifted=None), name="one_hold_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject}"


class Way(models.TextChoices):
    """How somebody came to see stored bytes."""

    SHOWN = "shown", _("shown in the browser")
    DOWNLOAD = "download", _("downloaded")
    DESK = "desk", _("looked at on the desk")
    EXPORT = "export", _("exported")
    TERMINAL = "terminal", _("saved from a terminal")


class Read(models.Model):
    """One read of the content of one asset, of what a review keeps, or of a text of a run as a file.

    Only appended to; its time may run out.

    Ids and no foreign keys: the line outlives the asset and the account, and tells neither.
    """

    asset = models.UUIDField(_("file"), null=True)
    review = models.UUIDField(_("review"), null=True)
    run = models.UUIDField(_("run"), null=True)
    workspace = models.UUIDField(_("workspace"))
    by = models.UUIDField(_("by"))
    way = models.CharField(_("way"), max_length=10, choices=Way)
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("read")
        verbose_name_plural = _("data-use log")
        indexes = [
            models.Index(fields=["asset", "-id"], name="reads_of_asset"),
            models.Index(fields=["by", "-id"], name="reads_by_person"),
            models.Index(fields=["workspace", "at"], name="reads_of_workspace"),
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.get_way_display()}"

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("the data-use log is only appended to")
        super().save(**options | {"force_insert": True})


class Erased(models.TextChoices):
    """What a deletion was about."""

    ASSET = "asset", _("file")
    RUN = "run", _("run")
    WORKFLOW = "workflow", _("workflow")
    HISTORY = "history", _("workflow and its runs")
    PERSON = "person", _("person")
    SWEEP = "sweep", _("what its time had run out for")


class Erasure(Identified):
    """A deletion, and its receipt. `target` is there while it is not over, so that it can be taken up again.

    What is left of it then names nothing: `subject` is the SHA-256 of the id. Each transaction of it has its own line
    in the audit log, whose numbers are `entries`.
    """

    kind = models.CharField(_("what"), max_length=10, choices=Erased)
    subject = models.CharField(_("what, by hash"), max_length=64)
    target = models.UUIDField(null=True)
    workspace = models.UUIDField(null=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+", verbose_name=_("by"))
    counts = models.JSONField(_("deleted"), default=dict)
    entries = models.JSONField(_("audit entries"), default=list)
    created = models.DateTimeField(_("begun"), default=timezone.now, editable=False)
    finished = models.DateTimeField(_("finished"), null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("deletion")
        verbose_name_plural = _("deletions")
        indexes = [models.Index(fields=["finished", "id"], name="erasures_to_finish")]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "target"], condition=models.Q(finished=None), name="one_erasure_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.subject[:12]}"


class Leaving(models.Model):
    """Stored bytes that have lost a name. Written with the deletion; gone when the bytes are, or are still needed."""

    sha256 = models.CharField(max_length=64, primary_key=True)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["since"]

    def __str__(self) -> str:
        return self.sha256[:12]


class Turn(models.Model):
    """When the sweep of what is kept too long is due again, and how far it has walked through the store."""

    name = models.CharField(max_length=20, primary_key=True)
    due = models.DateTimeField(default=timezone.now)
    place = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.name


class Export(Identified):
    """A person's data, to be fetched until it expires. Nothing is stored: it is packed while it is sent."""

    of = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("person"))
    by = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("by"))
    total = models.PositiveIntegerField(_("entries"))
    # Of the last time that it was fetched.
    done = models.PositiveIntegerField(_("sent"), default=0)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    expires = models.DateTimeField(_("expires"))
    fetched = models.DateTimeField(_("fetched"), null=True)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("export")
        verbose_name_plural = _("exports")

    def __str__(self) -> str:
        return str(self.created.date())
