"""PolicyVersion: one edition of the policy. A row never changes: runs point at it."""

from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from runtime.safety.policy import Policy


class PolicyVersion(models.Model):
    """The newest is in force. `shipped` is the digest of the built-in policy that it was made from, if it was."""

    version = models.PositiveIntegerField(_("version"), primary_key=True)
    data = models.JSONField(_("rules"))
    digest = models.CharField(_("digest"), max_length=64)
    shipped = models.CharField(max_length=64, blank=True, editable=False)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["-version"]
        verbose_name = _("policy")
        verbose_name_plural = _("policies")

    def __str__(self) -> str:
        return str(self.version)

    @property
    def policy(self) -> Policy:
        return Policy.from_json(self.data)

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("a policy version never changes; make the next one")
        super().save(**options | {"force_insert": True})
