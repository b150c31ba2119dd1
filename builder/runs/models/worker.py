"""Worker: a process that runs segments."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Worker(models.Model):
    """A worker process, as it last reported."""

    id = models.CharField(_("name"), primary_key=True, max_length=200)
    resources = models.JSONField(_("resources"), default=list)
    device = models.CharField(_("device"), max_length=50)
    models_held = models.JSONField(_("models"), default=list)
    memory = models.PositiveBigIntegerField(_("memory"), default=0)
    busy = models.BooleanField(_("busy"), default=False)
    seen = models.DateTimeField(_("last seen"))

    class Meta:
        ordering = ["id"]
        verbose_name = _("worker")
        verbose_name_plural = _("workers")

    def __str__(self) -> str:
        return self.id
