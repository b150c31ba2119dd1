"""`manage.py worker_role`: the database role that workers connect with, which can do what runs need and nothing else."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection, transaction
from psycopg import sql

from builder.bootstrap import environ
from builder.operations.worker_role import exists, may_more, statements

PASSWORD = "SLUICEWAY_WORKER_PASSWORD"  # noqa: S105 - the name of a variable
NAME = "sluiceway_worker"


class Command(BaseCommand):
    help = (
        "Make the database role that workers connect with, or set its rights anew after an upgrade (Postgres). "
        f"Its password is read from {PASSWORD}. With --print the SQL is printed, and nothing is done."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--role", default=NAME, help=f"its name (default: {NAME})")
        parser.add_argument("--print", action="store_true", help="print the SQL, without a password")

    def handle(self, *args: Any, **options: Any) -> None:
        if connection.vendor != "postgresql":
            raise CommandError("SQLite knows no roles; workers on other machines need Postgres.")
        role, is_new = options["role"], not exists(options["role"])
        if role == connection.settings_dict["USER"]:
            raise CommandError(f"{role} is the role that owns the tables; a worker needs another.")
        if may_more(role):
            raise CommandError(
                f"{role} is more than a role of its own: it may make roles or databases, or acts for others."
            )
        connection.ensure_connection()
        made = statements(role, login=is_new)
        if options["print"]:
            self.stdout.write(";\n".join(part.as_string(connection.connection) for part in made) + ";")
            return
        password = environ.text(PASSWORD)
        with transaction.atomic(), connection.cursor() as cursor:
            for part in made:
                cursor.execute(part)
            if password:
                cursor.execute(_with_password(role, password))
        self.stdout.write(f"{role} {'is made' if is_new else 'has its rights anew'}.")
        if is_new and not password:
            self.stdout.write(f"It has no password yet: set {PASSWORD} and run this once more.")


def _with_password(role: str, password: str) -> sql.Composable:
    """Hashed here, so that it stands in no log of the server."""
    sealed = connection.connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256")
    return sql.SQL("ALTER ROLE {} PASSWORD {}").format(sql.Identifier(role), sql.Literal(sealed.decode()))
