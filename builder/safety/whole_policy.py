"""whole_policy: a policy version as it was kept, read anew each time, and parsed and digested once in a process."""

import json

from django.db import connection

from builder.safety.models import PolicyVersion
from runtime.memory import Memory
from runtime.safety.policy import Policy, digest_of

# By version, text and digest: a row that was rewritten is another key, and is looked at anew.
_whole: Memory[Policy] = Memory(room=200)


def whole_policy(version: int) -> Policy | None:
    """None when the row is not what was kept, or is gone: nothing may be judged or delivered by it."""
    asked = f"SELECT CAST(data AS TEXT), digest FROM {PolicyVersion._meta.db_table} WHERE version = %s"  # noqa: S608 - our table
    with connection.cursor() as cursor:
        cursor.execute(asked, [version])
        row = cursor.fetchone()
    if row is None:
        return None
    found = _whole.get((version, *row))
    if found is None:
        data = json.loads(row[0])
        if digest_of(data) != row[1]:
            return None
        found = Policy.from_json(data)
        _whole.put((version, *row), found)
    return found
