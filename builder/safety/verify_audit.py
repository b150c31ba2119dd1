"""Verifies the audit log: recomputes every hash, and says where the chain breaks, or a policy is not what was logged."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace

from builder.safety.active_policy import made_from
from builder.safety.append_audit import ORIGIN, chain_hash
from builder.safety.models import AuditEntry, PolicyVersion, Scope
from runtime.values import Json
from runtime.words import Words

# What came into being with these acts is a row, and their lines have its digest.
_MADE = ("policy.shipped", "policy.combined", "policy.changed")


@dataclass(frozen=True, slots=True)
class AuditReport:
    """How many entries hold, the hash of the last of them, and what is wrong with the next, if anything is."""

    sound: int
    head: str
    fault: Words | None = None


def verify_audit(noted: str | None = None) -> AuditReport:
    """Walk the chain from its beginning. `noted` is a head that somebody wrote down earlier.

    Entries cut off at the end leave a whole, shorter chain behind: only a head kept elsewhere can tell.
    """
    sound, head = 0, ORIGIN
    met = noted is None
    policies = _Policies()
    for entry in AuditEntry.objects.order_by("sequence").iterator():
        fault = _fault(entry, sound + 1, head) or policies.fault(entry)
        if fault:
            return AuditReport(sound, head, fault)
        sound, head = entry.sequence, entry.hash
        met = met or head == noted
    return AuditReport(sound, head, policies.unlogged() if met else _UNKNOWN_HEAD)


class _Policies:
    """The policies that there are, beside what the log says of them."""

    def __init__(self) -> None:
        self._logged: set[int] = set()

    def fault(self, entry: AuditEntry) -> Words | None:
        said: Mapping[str, Json] = json.loads(entry.body)
        if said["act"] not in _MADE or "digest" not in said["data"]:
            return None
        version, digest = said["data"]["version"], said["data"]["digest"]
        self._logged.add(version)
        row = PolicyVersion.objects.filter(version=version).first()
        if row is None:
            # Those of a workspace or a workflow go with it, and combinations with them; the installation stays.
            return _GONE.fill(number=entry.sequence, version=version) if _for_all(said) else None
        if row.digest != digest or not row.is_whole or not _is_whose(row, said):
            return _ALTERED.fill(number=entry.sequence, version=version)
        return None

    def unlogged(self) -> Words | None:
        """A policy that nobody wrote down, and of which it cannot be seen either that its parts make it."""
        for row in PolicyVersion.objects.exclude(version__in=self._logged).order_by("version").iterator():
            if not _is_made_of_its_parts(row):
                return _UNLOGGED.fill(version=row.version)
        return None


def _is_whose(row: PolicyVersion, said: Mapping[str, Json]) -> bool:
    """Whether the row is for whom the log names. Combinations are for whoever has their parts in force."""
    if said["act"] == "policy.combined":
        return row.scope == Scope.COMBINED.value
    return bool(said["subject"] == f"{row.scope} {row.owner}".strip())


def _is_made_of_its_parts(row: PolicyVersion) -> bool:
    """Of a combination whose parts are there and named: of many there is a hash alone."""
    numbers = row.made_of.split("+")
    if row.scope != Scope.COMBINED.value or not all(number.isdecimal() for number in numbers):
        return False
    found = PolicyVersion.objects.in_bulk([int(number) for number in numbers])
    layers = [found[int(number)] for number in numbers if int(number) in found]
    if len(layers) < len(numbers) or not all(layer.is_whole for layer in (row, *layers)):
        return False
    return row.policy == replace(made_from(layers), version=row.version)


def _for_all(said: Mapping[str, Json]) -> bool:
    return bool(said["act"] != "policy.combined" and said["subject"] == "installation")


def _fault(entry: AuditEntry, expected: int, previous: str) -> Words | None:
    if entry.sequence != expected:
        return _MISSING.fill(number=expected, next=entry.sequence)
    if entry.previous != previous:
        return _LOOSE.fill(number=expected)
    if entry.hash != chain_hash(entry.sequence, entry.previous, entry.body):
        return _CHANGED.fill(number=expected)
    return None


_UNKNOWN_HEAD = Words("no entry has the hash that was noted", "没有任何条目与记下的哈希一致")
_MISSING = Words("entry {number} is missing; the next is {next}", "第 {number} 条缺失，下一条为第 {next} 条")
_LOOSE = Words("entry {number} does not follow the one before it", "第 {number} 条与前一条不相连")
_GONE = Words(
    "policy {version}, which entry {number} names, is gone", "第 {number} 条所记的策略 {version} 已不存在"
)
_ALTERED = Words(
    "policy {version} is not what entry {number} says came into force",
    "策略 {version} 与第 {number} 条记录的生效内容不一致",
)
_UNLOGGED = Words("no entry says where policy {version} comes from", "没有任何条目说明策略 {version} 的来源")
_CHANGED = Words("entry {number} is not what was written", "第 {number} 条已不是写入时的内容")
