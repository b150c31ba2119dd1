"""PolicyVersion: one edition of a policy; runs point at it. PolicyDraft, Proposal, Shadow: before it. AuditEntry: after.

Versions and entries never change: the classes refuse it, and so does the database (`triggers.py`).
"""

import json
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.common.models import Identified
from runtime.safety.policy import Policy, digest_of
from runtime.values import Json
from runtime.words import Words

OWNER_LENGTH = 36  # a UUID as text; empty for the installation, which owns itself


class Scope(StrEnum):
    """What a policy is for. `combined` is what is left of the others' demands: nobody writes one."""

    INSTALLATION = "installation"
    WORKSPACE = "workspace"
    WORKFLOW = "workflow"
    COMBINED = "combined"


SCOPE_CHOICES = [
    (Scope.INSTALLATION.value, _("the installation")),
    (Scope.WORKSPACE.value, _("a workspace")),
    (Scope.WORKFLOW.value, _("a workflow")),
    (Scope.COMBINED.value, _("the stricter of several")),
]


def called_today(person: UUID | str | None, before: str) -> str:
    """As the account is called today, which after its deletion is a pseudonym; `before` where there is none."""
    user = User.objects.filter(pk=person).first() if person else None
    return user.display_name if user else before


class PolicyVersion(models.Model):
    """The newest of its scope and owner is in force. `shipped` is the digest of the built-in policy it was made from."""

    version = models.PositiveIntegerField(_("version"), primary_key=True)
    scope = models.CharField(_("for"), max_length=12, choices=SCOPE_CHOICES, default=Scope.INSTALLATION.value)
    owner = models.CharField(max_length=OWNER_LENGTH, blank=True)
    # The versions that a combined one is made of, in their order: "3+5".
    made_of = models.CharField(_("made of"), max_length=40, blank=True)
    data = models.JSONField(_("rules"))
    digest = models.CharField(_("digest"), max_length=64)
    shipped = models.CharField(max_length=64, blank=True, editable=False)
    reason = models.TextField(_("reason"), blank=True)
    # By id alone: rows never change, so a name would outlast the person.
    by = models.UUIDField(null=True)
    # Written by editions of before; empty where the log says who it was.
    author = models.CharField(_("author"), max_length=300, blank=True)
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)

    class Meta:
        ordering = ["-version"]
        verbose_name = _("policy")
        verbose_name_plural = _("policies")
        indexes = [models.Index(fields=["scope", "owner", "-version"], name="policies_in_force")]
        constraints = [
            models.UniqueConstraint(
                fields=["made_of"], condition=~models.Q(made_of=""), name="one_combination_each"
            )
        ]

    def __str__(self) -> str:
        return str(self.version)

    @property
    def author_name(self) -> str:
        return called_today(self.by, self.author)

    @property
    def policy(self) -> Policy:
        """To compile, to judge and to deliver by. Raises Refused `policy_altered` where the row is not what was kept."""
        if not self.is_whole:
            raise altered(self.version)
        return self.as_written

    @property
    def as_written(self) -> Policy:
        """To look at, whatever stands there."""
        return Policy.from_json(self.data)

    @property
    def is_whole(self) -> bool:
        return digest_of(self.data) == self.digest

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("a policy version never changes; make the next one")
        super().save(**options | {"force_insert": True})


class PolicyDraft(Identified):
    """What somebody is about to make of a policy. `base` is the version that it was begun from; 0 when from none."""

    scope = models.CharField(max_length=12, choices=SCOPE_CHOICES)
    owner = models.CharField(max_length=OWNER_LENGTH, blank=True)
    base = models.PositiveIntegerField()
    data = models.JSONField()
    by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")
    updated = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("policy draft")
        verbose_name_plural = _("policy drafts")
        constraints = [models.UniqueConstraint(fields=["scope", "owner"], name="one_draft_per_owner")]

    def __str__(self) -> str:
        return f"{self.scope} {self.owner}".strip()

    @property
    def policy(self) -> Policy:
        return Policy.from_json(self.data)


class Outcome(StrEnum):
    """What became of a proposal."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Proposal(Identified):
    """A lower floor for the installation, waiting for a second administrator. `lowers` names what it would lower."""

    base = models.PositiveIntegerField()
    data = models.JSONField()
    lowers = models.JSONField(default=list)
    reason = models.TextField(_("reason"))
    # With the account goes the proposal: what nobody stands for is not decided.
    proposer = models.ForeignKey(User, models.CASCADE, related_name="+", verbose_name=_("proposer"))
    created = models.DateTimeField(_("created"), default=timezone.now)
    expires = models.DateTimeField(_("expires"))
    outcome = models.CharField(
        max_length=10, choices=[(item.value, item.value) for item in Outcome], default=Outcome.OPEN.value
    )
    decided = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(User, models.SET_NULL, null=True, related_name="+")

    class Meta:
        ordering = ["-created"]
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        constraints = [
            models.UniqueConstraint(
                fields=["outcome"], condition=models.Q(outcome="open"), name="one_open_proposal"
            )
        ]

    def __str__(self) -> str:
        return str(self.created.date())

    @property
    def policy(self) -> Policy:
        return Policy.from_json(self.data)


class Shadow(Identified):
    """A candidate that runs beside the policy in force until `ended`. It looks and writes down; it decides nothing.

    Like a version it is for an owner: it looks at runs that this owner's policy is a floor of.
    """

    scope = models.CharField(_("for"), max_length=12, choices=SCOPE_CHOICES, default=Scope.INSTALLATION.value)
    owner = models.CharField(max_length=OWNER_LENGTH, blank=True)
    data = models.JSONField()
    digest = models.CharField(max_length=64)
    reason = models.TextField(_("reason"))
    by = models.UUIDField(null=True)
    author = models.CharField(_("author"), max_length=300, blank=True)
    started = models.DateTimeField(_("started"), default=timezone.now)
    ended = models.DateTimeField(_("ended"), null=True)
    # Values that its gates looked at, and values that a filter of it could not judge.
    looked = models.PositiveBigIntegerField(_("looked at"), default=0)
    failed = models.PositiveBigIntegerField(_("not judged"), default=0)

    class Meta:
        ordering = ["-started"]
        verbose_name = _("shadow")
        verbose_name_plural = _("shadows")
        constraints = [
            models.UniqueConstraint(
                fields=["scope", "owner"], condition=models.Q(ended=None), name="one_running_shadow_each"
            )
        ]

    def __str__(self) -> str:
        return str(self.started.date())

    @property
    def author_name(self) -> str:
        return called_today(self.by, self.author)

    @property
    def policy(self) -> Policy:
        return Policy.from_json(self.data)


class ShadowFinding(models.Model):
    """What a shadow gate would have acted on; never anything of the material."""

    shadow = models.ForeignKey(Shadow, models.CASCADE, related_name="findings")
    run = models.UUIDField()
    step = models.CharField(max_length=200)
    rule = models.CharField(_("rule"), max_length=100)
    action = models.CharField(_("action"), max_length=10)
    filter = models.CharField(_("filter"), max_length=100)
    category = models.CharField(_("category"), max_length=100)
    score = models.FloatField(_("score"))
    at = models.DateTimeField(_("at"), default=timezone.now)

    class Meta:
        ordering = ["-id"]
        verbose_name = _("shadow finding")
        verbose_name_plural = _("shadow findings")
        indexes = [models.Index(fields=["shadow", "rule"], name="shadow_findings_by_rule")]

    def __str__(self) -> str:
        return self.category


class AuditEntry(models.Model):
    """What somebody did, as canonical JSON, bound by its hash to the entry before. Written by `append_audit` alone."""

    sequence = models.PositiveBigIntegerField(_("number"), primary_key=True)
    body = models.TextField()
    previous = models.CharField(max_length=64)
    hash = models.CharField(_("hash"), max_length=64)

    class Meta:
        ordering = ["-sequence"]
        verbose_name = _("audit entry")
        verbose_name_plural = _("audit log")

    def __str__(self) -> str:
        return str(self.sequence)

    @property
    def said(self) -> dict[str, Json]:
        """`act`, `at`, `by`, `subject`, `reason` and `data`. Who it was is called as the account is called today."""
        said: dict[str, Json] = json.loads(self.body)
        if said["by"]:
            person = said["by"]["id"]
            # Lines of before had the name in them.
            said["by"]["name"] = called_today(person, said["by"].get("name", person))
        return said

    def save(self, **options: Any) -> None:
        if not self._state.adding:
            raise TypeError("the audit log is only appended to")
        super().save(**options | {"force_insert": True})

    def delete(self, *args: Any, **options: Any) -> tuple[int, dict[str, int]]:
        raise TypeError("the audit log is only appended to")


def altered(version: int) -> Refused:
    return Refused(
        "policy_altered",
        Words("Policy {version} is not what was published.", "策略 {version} 与发布时不一致。").fill(
            version=version
        ),
        Words(
            "Nothing is compiled or let through under it. An administrator verifies the audit log, and restores the "
            "database or publishes the policy anew.",
            "不会再按它编译或放行任何内容。请管理员校验审计日志，并恢复数据库或重新发布策略。",
        ),
        status=503,
    )
