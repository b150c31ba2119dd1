"""limit_waiting: how many runs may wait for a worker, of one person and of one workspace. What was accepted is never refused.

Orders that come at the same moment may be let in together, and go beyond the bound by as many.
"""

from uuid import UUID

from django.conf import settings
from django.db import connection

from builder.accounts.models import User, Workspace
from builder.common.errors import Refused
from builder.runs.models import Run
from runtime.words import Words

# Of one workspace, people taken together: so many times what one person may have.
PEOPLE = 10
# Seconds: nobody can tell when a place is free, and whoever asks more often is heard no sooner.
AGAIN = 5
_ID = Run._meta.get_field("id")  # how the database spells an id


def require_room(workspace: Workspace, user: User | None) -> None:
    """Raises Refused `too_many_waiting` (429)."""
    most = settings.MOST_WAITING
    if most <= 0:
        return
    if user is not None and _waits("by_id", user.pk, most):
        raise _too_many(Words("{most} of your runs wait already.", "您已有 {most} 个运行在排队。"), most)
    if _waits("workspace_id", workspace.pk, most * PEOPLE):
        said = Words("{most} runs of this workspace wait already.", "该工作区已有 {most} 个运行在排队。")
        raise _too_many(said, most * PEOPLE)


def _waits(column: str, whose: UUID, most: int) -> bool:
    """Whether so many wait. Counts no further than that, in an index of those that wait and no others.

    The state is written out: of a value that is told apart SQLite does not know that the index has it.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT 1 FROM {Run._meta.db_table} WHERE {column} = %s AND state = 'queued' LIMIT 1 OFFSET %s",  # noqa: S608 - names of ours
            [_ID.get_db_prep_value(whose, connection), most - 1],
        )
        return cursor.fetchone() is not None


def _too_many(said: Words, most: int) -> Refused:
    return Refused(
        "too_many_waiting",
        said.fill(most=str(most)),
        Words(
            "Send it again when some of them have begun, or cancel runs that are no longer needed.",
            "请等其中一些开始运行后再提交，或取消不再需要的运行。",
        ),
        status=429,
        wait=AGAIN,
    )
