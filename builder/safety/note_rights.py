"""Notes in the audit log who gave whom a right, a place in a workspace, or a way to sign in.

Whoever may do that can act through others: what is done so must be seen, and `decide_proposal` asks for it.
"""

from uuid import UUID

from builder.accounts.begin_session import LENT_BY
from builder.accounts.models import Membership, User
from builder.safety.append_audit import append_audit
from builder.safety.rights import subject_of_person
from runtime.values import Json


def note_person(by: User, before: User | None, after: User) -> None:
    """An account was made, or its rights were changed: each right that is another now is a line."""
    if before is None:
        _note("person.added", by, after)
    if after.is_superuser != bool(before and before.is_superuser):
        _note("administrator.made" if after.is_superuser else "administrator.ended", by, after)
    if before is not None and after.is_active != before.is_active:
        _note("person.readmitted" if after.is_active else "person.shut_out", by, after)


def note_link(by: User, to: User, lent_by: UUID | None = None) -> None:
    """`lent_by` has lent the session in which it is done: a way in that outlasts it is theirs, too."""
    _note("link.made", by, to, lent_by)


def note_password(by: User, of: User, lent_by: UUID | None = None) -> None:
    _note("password.set", by, of, lent_by)


def note_membership(by: User, before: Membership | None, after: Membership | None) -> None:
    """A place that was given, changed or taken away; another person or another workspace is another place."""
    if before and after and (before.user_id, before.workspace_id) != (after.user_id, after.workspace_id):
        note_membership(by, before, None)
        note_membership(by, None, after)
        return
    row = after or before
    assert row is not None
    append_audit(
        "member.added" if before is None else "member.removed" if after is None else "member.changed",
        by=by,
        subject=f"workspace {row.workspace_id}",
        data={"person": str(row.user_id), "role": str(row.role)},
    )


def _note(act: str, by: User, person: User, lent_by: UUID | None = None) -> None:
    data: dict[str, Json] = {} if lent_by is None else {LENT_BY: str(lent_by)}
    append_audit(act, by=by, subject=subject_of_person(person), data=data)
