"""turns: when somebody was last served in a resource class, kept when the runs that say so are deleted. Else who deletes theirs is always next.

Written by deletions and not by claims: those are many, and would wait for each other at the row of whoever runs the most.
"""

from datetime import timedelta
from uuid import UUID

from django.db import connection
from django.db.models.functions import Now

from builder.runs.models import Segment, Served

# Who was served longer ago is as good as one who never was.
KEPT = timedelta(days=1)

_ID = Segment._meta.get_field("id")  # how the database spells an id


def last_served() -> str:
    """As SQL: when the person of `w` was last served in the resource class of `w`."""
    segments, served = Segment._meta.db_table, Served._meta.db_table
    return (
        f"(SELECT MAX(last.at) FROM (SELECT MAX(s.claimed) AS at FROM {segments} s "  # noqa: S608 - names of our own models alone
        "WHERE s.person = w.person AND s.resource = w.resource "
        f"UNION ALL SELECT t.at FROM {served} t WHERE t.person = w.person AND t.resource = w.resource) last)"
    )


def remember_turn(run: UUID) -> None:
    """Called before the run is deleted, in its transaction."""
    segments, served = Segment._meta.db_table, Served._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {served} (person, resource, at) SELECT person, resource, MAX(claimed) FROM {segments} "  # noqa: S608 - names of our own models alone
            "WHERE run_id = %s AND claimed IS NOT NULL GROUP BY person, resource "
            f"ON CONFLICT (person, resource) DO UPDATE SET at = excluded.at WHERE excluded.at > {served}.at",
            [_ID.get_db_prep_value(run, connection)],
        )
    Served.objects.filter(at__lt=Now() - KEPT).delete()


def forget_turn(person: UUID) -> None:
    """Of somebody whose account is deleted nothing is known."""
    Served.objects.filter(person=person).delete()
