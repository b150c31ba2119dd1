"""Verifies the audit log: recomputes every hash, and says where the chain breaks."""

from dataclasses import dataclass

from builder.safety.append_audit import ORIGIN, chain_hash
from builder.safety.models import AuditEntry


@dataclass(frozen=True, slots=True)
class AuditReport:
    """How many entries hold, the hash of the last of them, and what is wrong with the next, if anything is."""

    sound: int
    head: str
    fault: str | None = None


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
    return AuditReport(sound, head, None if met else "no entry has the hash that was noted")


def _fault(entry: AuditEntry, expected: int, previous: str) -> str | None:
    if entry.sequence != expected:
        return f"entry {expected} is missing; the next is {entry.sequence}"
    if entry.previous != previous:
        return f"entry {expected} does not follow the one before it"
    if entry.hash != chain_hash(entry.sequence, entry.previous, entry.body):
        return f"entry {expected} is not what was written"
    return None
