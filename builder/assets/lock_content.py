"""lock_content: whoever gives stored bytes a name, and whoever takes them away, take turns."""

from django.db import connection


def lock_content(sha256: str) -> None:
    """Until this transaction ends nobody else holds the same lock. On SQLite every writer is alone already."""
    if connection.vendor == "postgresql":
        number = int(sha256[:16], 16) - 2**63  # the lock's number is a signed 64-bit one
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [number])
