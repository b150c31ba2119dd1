"""Event, Output, Finding: what is told of a run. Answer: who told it something. ContentUse: which contents it holds."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from builder.accounts.scope import ScopedQuerySet
from builder.common.models import Identified
from builder.runs.models.run import Run


class Event(models.Model):
    """Something that happened in a run, numbered without gaps from 1."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="events")
    seq = models.PositiveIntegerField()
    kind = models.CharField(max_length=30)
    data = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["run", "seq"]
        constraints = [models.UniqueConstraint(fields=["run", "seq"], name="one_event_per_number")]

    def __str__(self) -> str:
        return f"{self.seq} {self.kind}"


class Output(Identified):
    """A value that was delivered to a person. Written inside `deliver()` and nowhere else."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="outputs")
    name = models.CharField(_("name"), max_length=200)
    title = models.TextField(_("title"))
    type = models.CharField(_("type"), max_length=20)
    value = models.JSONField(_("value"), null=True)
    created = models.DateTimeField(_("created"), default=timezone.now)

    class Meta:
        ordering = ["run", "created", "id"]
        verbose_name = _("output")
        verbose_name_plural = _("outputs")
        constraints = [models.UniqueConstraint(fields=["run", "name"], name="one_output_per_name")]

    def __str__(self) -> str:
        return self.name


class Answer(models.Model):
    """Who answered what a step asks. The words stand in the step: this says whose they are, and goes with them."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="answers")
    step = models.CharField(max_length=200)
    # By id: the account of who is deleted stays as a pseudonym, and tells nothing more.
    by = models.UUIDField()
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "step"], name="one_answer_per_step")]
        indexes = [models.Index(fields=["by"], name="answers_by_person")]

    def __str__(self) -> str:
        return self.step


class ContentUse(models.Model):
    """A run names these stored bytes somewhere: in what it was given, between its steps, in what it keeps or gave."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="uses")
    sha256 = models.CharField("SHA-256", max_length=64, db_index=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["run", "sha256"], name="one_use_per_content")]

    def __str__(self) -> str:
        return self.sha256[:12]


class Finding(Identified):
    """What a gate recognised and did about it; never anything of the material."""

    SCOPE: ClassVar[str] = "run__workspace"

    run = models.ForeignKey(Run, models.CASCADE, related_name="findings")
    step = models.CharField(_("gate"), max_length=200)
    rule = models.CharField(_("rule"), max_length=100)
    action = models.CharField(_("action"), max_length=10)
    filter = models.CharField(_("filter"), max_length=100)
    category = models.CharField(_("category"), max_length=100)
    score = models.FloatField(_("score"))
    message = models.JSONField(_("message"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    objects = ScopedQuerySet.as_manager()

    class Meta:
        ordering = ["run", "id"]
        verbose_name = _("finding")
        verbose_name_plural = _("findings")

    def __str__(self) -> str:
        return self.category
