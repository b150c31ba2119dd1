"""Scoped querysets: what a person may see is what belongs to the workspaces they are in, and nothing else."""

from typing import TYPE_CHECKING, Any, Protocol, Self, TypeVar, cast
from uuid import UUID

from django.db import models
from django.db.models import Model, Q, QuerySet

from builder.accounts.roles import WRITERS
from builder.common.errors import not_found, read_only

if TYPE_CHECKING:
    from builder.accounts.models import User

M = TypeVar("M", bound=Model)


class _Scoped(Protocol):
    # The look-up path from the model to its workspace; empty on the workspace itself.
    SCOPE: str


class ScopedQuerySet(QuerySet[M]):
    """A queryset that knows the way from its rows to their workspace (the model's `SCOPE`)."""

    def for_user(self, user: "User") -> Self:
        return self.filter(self._membership(user=user))

    def writable_by(self, user: "User") -> Self:
        return self.filter(self._membership(user=user, role__in=WRITERS))

    def _membership(self, **conditions: object) -> Q:
        scope = cast(_Scoped, self.model).SCOPE
        path = f"{scope}__memberships" if scope else "memberships"
        return Q(**{f"{path}__{name}": value for name, value in conditions.items()})


def find(rows: ScopedQuerySet[M], user: "User", row_id: UUID | str) -> M:
    """The row, when the user may see it. Raises Refused 404 otherwise: unknown and foreign look the same."""
    found = rows.for_user(user).filter(pk=row_id).first()
    if found is None:
        raise not_found()
    return found


def find_writable(rows: ScopedQuerySet[M], user: "User", row_id: UUID | str) -> M:
    """The row, when the user may change it. Raises Refused 404 when they may not see it, 403 when only that."""
    return writable(with_role(rows, user, row_id).first())


def with_role(rows: ScopedQuerySet[M], user: Any, row_id: Any) -> ScopedQuerySet[M]:
    """The row, when the user may see it, and in which role: one look-up, and what was found is what was asked about."""
    scope = cast(_Scoped, rows.model).SCOPE
    role = models.F(f"{scope}__memberships__role" if scope else "memberships__role")
    found: Any = rows.for_user(user).filter(pk=row_id).annotate(role_here=role)
    return cast(ScopedQuerySet[M], found)


def writable(row: M | None) -> M:
    """What `with_role` has found. Raises Refused 404 when it has not, 403 when it may only be looked at."""
    if row is None:
        raise not_found()
    if cast(Any, row).role_here not in WRITERS:
        raise read_only()
    return row
