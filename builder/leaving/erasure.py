"""The frame of every deletion: it begins with a row, each transaction of it is told in the audit log, and it ends.

Rows go first and bytes after them (docs/decisions/016): whatever a crash leaves behind is on a list.
"""

import hashlib
import logging
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from django.db import transaction
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from builder.accounts.models import User
from builder.keeping.holds import lock_holds
from builder.keeping.models import Erased, Erasure, Leaving
from builder.leaving.let_go import let_go
from builder.leaving.scrub import cut_log
from builder.safety.append_audit import append_audit
from runtime.values import Json

log = logging.getLogger(__name__)

M = TypeVar("M", bound=Model)


@dataclass(slots=True)
class Tally:
    """What one transaction of a deletion took: how many of each, which ones by hash, and bytes that lost a name."""

    counts: Counter[str] = field(default_factory=Counter)
    ids: list[str] = field(default_factory=list)
    contents: set[str] = field(default_factory=set)

    def took(self, kind: str, *ids: UUID) -> None:
        self.counts[kind] += len(ids)
        self.ids += [hash_of(item) for item in ids]


def hash_of(item: UUID) -> str:
    """How a receipt names what is gone: who had the id can find it there, nobody else learns it."""
    return hashlib.sha256(str(item).encode()).hexdigest()


def begin(kind: Erased, target: UUID | None, workspace: UUID | None, by: User | None) -> Erasure:
    """The deletion's row; the one that is there when it has begun already. Call it with the holds locked."""
    if target is not None:
        begun = Erasure.objects.filter(kind=kind, target=target, finished=None).first()
        if begun is not None:
            return begun
    subject = hash_of(target) if target else ""
    return Erasure.objects.create(kind=kind, target=target, subject=subject, workspace=workspace, by=by)


@contextmanager
def deleting(erasure: Erasure) -> Iterator[Tally]:
    """One transaction of it. No hold can be placed meanwhile; when it is over the bytes that nobody names go."""
    with transaction.atomic():
        lock_holds()
        erasure.refresh_from_db(from_queryset=Erasure.objects.select_for_update())
        tally = Tally()
        yield tally
        _write(erasure, tally)
        contents = frozenset(tally.contents)
        transaction.on_commit(lambda: let_go(contents))


def target_in(rows: QuerySet[M], erasure: Erasure) -> M | None:
    """What it is about; None when that is gone, or somebody else has ended the deletion meanwhile."""
    return rows.filter(Q(pk=erasure.target)).first()


def finish(erasure: Erasure) -> None:
    """Say that it is over, and forget what it was about; once nothing of it is left in the database's own log.

    Until then it stays begun, and the sweep comes back to it.
    """
    if not cut_log():
        log.info("deletion %s waits for a reader of the database's log", erasure.pk)
        return
    Erasure.objects.filter(pk=erasure.pk).update(finished=timezone.now(), target=None)
    erasure.refresh_from_db()


def _write(erasure: Erasure, tally: Tally) -> None:
    Leaving.objects.bulk_create(
        (Leaving(sha256=sha256) for sha256 in sorted(tally.contents)), ignore_conflicts=True
    )
    if not tally.counts:
        return
    data: dict[str, Json] = {
        "what": erasure.kind,
        "which": erasure.subject,
        "counts": dict(sorted(tally.counts.items())),
        "ids": sorted(tally.ids),
    }
    entry = append_audit("data.deleted", by=erasure.by, subject=f"deletion {erasure.pk}", data=data)
    erasure.counts = dict(Counter(erasure.counts) + tally.counts)
    erasure.entries = [*erasure.entries, entry.sequence]
    erasure.save(update_fields=["counts", "entries"])
