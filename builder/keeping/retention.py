"""Retention: for how many days a workspace keeps what, under the most that the installation allows."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from builder.accounts.models import User, Workspace
from builder.common.errors import Refused
from builder.keeping.models import Kept, RetentionRule
from builder.safety.append_audit import append_audit
from runtime.words import Words

MOST_DAYS = 36_500


@dataclass(frozen=True, slots=True)
class Term:
    """Days that one kind is kept: what the workspace wants, what the installation allows, what holds of the two."""

    wanted: int | None
    most: int | None

    @property
    def days(self) -> int | None:
        given = [days for days in (self.wanted, self.most) if days is not None]
        return min(given, default=None)


def terms_of(workspace: Workspace | None) -> dict[Kept, Term]:
    """For each kind; None is the installation itself."""
    wanted, most = _days(workspace), _days(None)
    return {kind: Term(wanted.get(kind) if workspace else None, most.get(kind)) for kind in Kept}


def set_retention(workspace: Workspace | None, days: Mapping[Kept, int | None], by: User | None) -> None:
    """Change the kinds that are named; None keeps. Raises Refused for what exceeds the installation's most."""
    most = {} if workspace is None else _days(None)
    for kind, wanted in days.items():
        if wanted is not None and not 1 <= wanted <= MOST_DAYS:
            raise Refused("days_invalid", Words("Days are 1 to 36500.", "天数应为 1 到 36500。"))
        if kind in most and (wanted is None or wanted > most[kind]):
            raise _over(kind, most[kind])
    with transaction.atomic():
        for kind, wanted in days.items():
            if wanted is None:
                RetentionRule.objects.filter(workspace=workspace, kind=kind).delete()
            else:
                RetentionRule.objects.update_or_create(
                    workspace=workspace, kind=kind, defaults={"days": wanted}
                )
        append_audit(
            "retention.changed",
            by=by,
            subject=f"workspace {workspace.pk}" if workspace else "installation",
            data={kind.value: wanted for kind, wanted in days.items()},
        )


def overdue(kind: Kept, now: datetime, workspace: str, since: str) -> Q | None:
    """Rows whose time is over, by the look-up paths to their workspace's id and to the moment it counts from.

    None when nothing of this kind ever goes.
    """
    found: Q | None = None
    for places, days in _terms(kind):
        old = Q(**{f"{since}__lt": now - timedelta(days=days)}) & places.at(workspace)
        found = old if found is None else found | old
    return found


@dataclass(frozen=True, slots=True)
class _Places:
    """These workspaces; or, with `others`, all but these."""

    ids: tuple[UUID, ...]
    others: bool = False

    def at(self, path: str) -> Q:
        chosen = Q(**{f"{path}__in": self.ids})
        return ~chosen if self.others else chosen


def _terms(kind: Kept) -> Iterator[tuple[_Places, int]]:
    rules = RetentionRule.objects.filter(kind=kind)
    most = next((rule.days for rule in rules if rule.workspace_id is None), None)
    by_days: dict[int, list[UUID]] = {}
    for rule in rules:
        if rule.workspace_id is not None:
            by_days.setdefault(min(rule.days, most or rule.days), []).append(rule.workspace_id)
    for days, ids in sorted(by_days.items()):
        yield _Places(tuple(ids)), days
    if most is not None:
        yield _Places(tuple(item for ids in by_days.values() for item in ids), others=True), most


def _days(workspace: Workspace | None) -> dict[Kept, int]:
    rows = RetentionRule.objects.filter(workspace=workspace).values_list("kind", "days")
    return {Kept(kind): days for kind, days in rows}


def _over(kind: Kept, most: int) -> Refused:
    return Refused(
        "over_the_most",
        Words(
            "This installation keeps {kind} for {most} days at most.", "此系统最多保留{kind} {most} 天。"
        ).fill(kind=kind.value, most=str(most)),
        Words("Ask for fewer days.", "请减少天数。"),
    )
