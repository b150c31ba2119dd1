"""ModelInstall: an installation that somebody started from the browser, and how far it is. Secret: a key, sealed."""

from datetime import timedelta

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from builder.accounts.models import User
from builder.common.models import Identified

# The process that watches an installation writes `beat` every second; silence means that it has died.
SILENCE = timedelta(seconds=20)


class ModelInstallQuerySet(models.QuerySet["ModelInstall"]):
    def running(self) -> "ModelInstallQuerySet":
        return self.filter(finished=None, beat__gt=timezone.now() - SILENCE)


class ModelInstall(Identified):
    """One attempt. `failure` is a Words and its hint, as JSON; bytes done and total come from the installer."""

    name = models.CharField(_("model"), max_length=100)
    started = models.DateTimeField(_("started"), default=timezone.now)
    beat = models.DateTimeField(default=timezone.now)
    finished = models.DateTimeField(_("finished"), null=True)
    done = models.PositiveBigIntegerField(default=0)
    total = models.PositiveBigIntegerField(default=0)
    cancel = models.BooleanField(default=False)
    failure = models.JSONField(null=True)
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    objects = ModelInstallQuerySet.as_manager()

    class Meta:
        ordering = ["-started", "-id"]
        verbose_name = _("model installation")
        verbose_name_plural = _("model installations")
        constraints = [
            # Two people who press Install at once start one installation.
            models.UniqueConstraint(fields=["name"], condition=Q(finished=None), name="one_install_at_a_time")
        ]

    def __str__(self) -> str:
        return self.name


class Secret(models.Model):
    """A key that others gave us, encrypted with the installation's own, which no database and no backup of it has."""

    name = models.CharField(primary_key=True, max_length=100)
    sealed = models.TextField()
    changed = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("secret")
        verbose_name_plural = _("secrets")

    def __str__(self) -> str:
        return self.name
