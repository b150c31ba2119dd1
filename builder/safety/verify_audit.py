"""Verifies the audit log: recomputes every hash, and says where the chain breaks."""

from dataclasses import dataclass

from builder.safety.append_audit import ORIGIN, chain_hash
from builder.safety.models import AuditEntry
from runtime.words import Words


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
    for entry in AuditEntry.objects.order_by("sequence").iterator():
        fault = _fault(entry, sound + 1, head)
        if fault:
            return AuditReport(sound, head, fault)
        sound, head = entry.sequence, entry.hash
        met = met or head == noted
    return AuditReport(sound, head, None if met else _UNKNOWN_HEAD)


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
_CHANGED = Words("entry {number} is not what was written", "第 {number} 条已不是写入时的内容")
