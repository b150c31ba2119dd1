"""Appends to the audit log: each entry is bound to the one before it by its hash."""

import hashlib
import json
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.utils import timezone

from builder.accounts.models import User
from builder.safety.acts import ACTS
from builder.safety.models import AuditEntry
from runtime.values import Json

ORIGIN = "0" * 64  # what the first entry follows
TRIES = 20  # writers who may be faster, one after another


def append_audit(
    act: str,
    *,
    by: User | None,
    subject: str = "",
    reason: str = "",
    data: Mapping[str, Json] | None = None,
) -> AuditEntry:
    """Write down that `by` (None: the product itself) did `act` to `subject`. ValueError for an act nobody knows.

    Call it inside the transaction of the act itself, so that neither is kept without the other. `data` is plain
    JSON, and never material of a run: the log is kept for ever.
    """
    if act not in ACTS:
        raise ValueError(f"{act!r} stands in no list of acts")
    body = {
        "act": act,
        "at": timezone.now().isoformat(),
        # By id alone: an account that is deleted leaves a pseudonym behind, and nothing here can be taken back.
        "by": {"id": str(by.pk)} if by else None,
        "subject": subject,
        "reason": reason,
        "data": dict(data or {}),
    }
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    for _ in range(TRIES):
        try:
            with transaction.atomic():
                return _append(text)
        except IntegrityError:
            continue  # somebody took the number at the same moment
    raise RuntimeError("the audit log is written too fast to append to")


def chain_hash(sequence: int, previous: str, body: str) -> str:
    """SHA-256 (hex) over an entry's number, the hash before it, and every byte of what it says."""
    return hashlib.sha256(f"{sequence}\n{previous}\n{body}".encode()).hexdigest()


def _append(body: str) -> AuditEntry:
    last = AuditEntry.objects.only("sequence", "hash").order_by("-sequence").first()
    sequence, previous = (last.sequence + 1, last.hash) if last else (1, ORIGIN)
    entry = AuditEntry(
        sequence=sequence, previous=previous, body=body, hash=chain_hash(sequence, previous, body)
    )
    entry.save(force_insert=True)
    return entry
