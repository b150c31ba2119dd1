"""User, Workspace, Membership; one-time sign-in links and attempts to sign in."""

from typing import ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from builder.accounts.roles import Role
from builder.accounts.scope import ScopedQuerySet
from builder.common.ids import uuid7
from builder.common.models import Identified


class User(AbstractUser):
    """A person. Administrators are superusers; most people only belong to workspaces."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    language = models.CharField(
        _("language"), max_length=10, choices=[("en", "English"), ("zh-hans", "简体中文")], default="en"
    )

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    @property
    def display_name(self) -> str:
        return self.get_full_name() or self.username


class Workspace(Identified):
    """What a group of people share. Every document belongs to exactly one."""

    SCOPE: ClassVar[str] = ""

    name = models.CharField(_("name"), max_length=200)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    members = models.ManyToManyField(
        User, through="Membership", related_name="workspaces", verbose_name=_("members")
    )

    objects = ScopedQuerySet.as_manager()

    class Meta:
        verbose_name = _("workspace")
        verbose_name_plural = _("workspaces")

    def __str__(self) -> str:
        return self.name


class Membership(Identified):
    """One person's part in one workspace."""

    workspace = models.ForeignKey(
        Workspace, models.CASCADE, related_name="memberships", verbose_name=_("workspace")
    )
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships", verbose_name=_("user"))
    role = models.CharField(_("role"), max_length=10, choices=Role, default=Role.EDITOR)

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [models.UniqueConstraint(fields=["workspace", "user"], name="one_membership_each")]

    def __str__(self) -> str:
        return f"{self.user} · {self.workspace}"


class SignInLink(Identified):
    """A link that signs one person in, once. Only the hash of its token is kept."""

    token_hash = models.CharField(max_length=64, unique=True)
    user = models.ForeignKey(User, models.CASCADE, related_name="sign_in_links")
    # The administrator who made it; none when it was made on the machine itself.
    by = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    created = models.DateTimeField(default=timezone.now)
    expires = models.DateTimeField()
    used = models.DateTimeField(null=True)


class SignInAttempt(models.Model):
    """A password that was about to be checked, counted by a key (a name or a network address)."""

    key = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["key", "at"], name="attempts_by_key")]
