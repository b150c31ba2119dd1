"""The database: whether it answers, is up to date, is set up as we need it, and whether its clock agrees with ours."""

import sqlite3
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from django.db import DatabaseError, connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from django.utils import timezone

from builder.operations.told import Told, notice, well, wrong
from runtime.words import Words

# By how much the two clocks may differ. Leases are judged by the database's alone; retention and links by ours.
SLACK = timedelta(seconds=5)

_WELL = Words("The database answers and is up to date.", "数据库有响应，且结构为最新。")
_SILENT = Words("The database does not answer.", "数据库没有响应。")
_START = Words(
    "Look at the server that SLUICEWAY_DATABASE_URL names, or, for SQLite, whether this user may write in the home.",
    "请检查 SLUICEWAY_DATABASE_URL 所指的服务器；使用 SQLite 时，请检查当前用户能否写入数据目录。",
)
_OLD = Words("The database is not prepared for this version: {count} migrations are missing.", "数据库未为此版本做好准备：缺少 {count} 个迁移。")  # fmt: skip
_MIGRATE = Words(
    "Run `python3 manage.py migrate`, or start with `up`, which does it.",
    "请运行 `python3 manage.py migrate`，或使用 `up` 启动（会自动完成）。",
)
_NEWER = Words(
    "The database was prepared by a newer version: {count} migrations are not known here.",
    "数据库由更新的版本准备：有 {count} 个迁移在此未知。",
)
_UPGRADE = Words("Run the newer version here, too.", "请在此处也使用更新的版本。")
_WAL = Words("SQLite writes with a write-ahead log.", "SQLite 使用预写日志。")
_NO_WAL = Words("SQLite does not write with a write-ahead log.", "SQLite 未使用预写日志。")
_LOCAL = Words(
    "Put the home on a local disk: file systems over a network do not carry one.",
    "请将数据目录放在本地磁盘上：网络文件系统不支持预写日志。",
)
_DAMAGED = Words("The database's file is damaged.", "数据库文件已损坏。")
_RESTORE = Words("Stop, keep a copy of the file, and restore the last backup.", "请停止服务，保留该文件的副本，并恢复最近的备份。")  # fmt: skip
_FULL = Words("The database cannot be written: the disk is full, or it fails.", "数据库无法写入：磁盘已满或发生故障。")  # fmt: skip
_FREE = Words("Free some space where the home is.", "请在数据目录所在的磁盘上释放空间。")
_SAME_TIME = Words("The clocks of the database and of this machine agree.", "数据库与本机的时钟一致。")
_OTHER_TIME = Words(
    "The clocks of the database and of this machine differ by {seconds} seconds.",
    "数据库与本机的时钟相差 {seconds} 秒。",
)
_SYNCHRONISE = Words("Synchronise the clocks of both machines (NTP).", "请同步两台机器的时钟（NTP）。")


def database() -> Told:
    """Whether it answers and has this version's tables. Two short questions."""
    try:
        applied = set(MigrationRecorder(connection).applied_migrations())
    except DatabaseError as fault:
        return wrong("database", *_trouble(fault))
    known = known_migrations()
    if missing := known - applied:
        return wrong("database", _OLD.fill(count=len(missing)), _MIGRATE)
    ours = {app for app, _ in known}
    if newer := {name for name in applied - known if name[0] in ours}:
        return notice("database", _NEWER.fill(count=len(newer)), _UPGRADE)
    return well("database", _WELL)


def _trouble(fault: DatabaseError) -> tuple[Words, Words]:
    """What is wrong, and what to do."""
    code = getattr(fault.__cause__, "sqlite_errorcode", 0) & 0xFF
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return _DAMAGED, _RESTORE
    if code in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
        return _FULL, _FREE
    return _SILENT, _START


def journal() -> Told | None:
    """How SQLite writes; None on another database."""
    if connection.vendor != "sqlite":
        return None
    return well("journal", _WAL) if _ask("PRAGMA journal_mode") == "wal" else notice("journal", _NO_WAL, _LOCAL)  # fmt: skip


def damage() -> Told | None:
    """What SQLite finds wrong with its own file; None when that is nothing, and on another database."""
    if connection.vendor != "sqlite" or _ask("PRAGMA quick_check(1)") == "ok":
        return None
    return wrong("database", _DAMAGED, _RESTORE)


def clock() -> Told:
    apart = abs(_database_time() - timezone.now())
    if apart <= SLACK:
        return well("clock", _SAME_TIME)
    return notice("clock", _OTHER_TIME.fill(seconds=round(apart.total_seconds())), _SYNCHRONISE)


@cache
def known_migrations() -> frozenset[tuple[str, str]]:
    """Those of this version. Read from the disk once in a process."""
    return frozenset(MigrationLoader(None, ignore_no_migrations=True).disk_migrations)


def _database_time() -> datetime:
    if connection.vendor == "sqlite":
        return datetime.fromisoformat(f"{_ask('SELECT strftime(%s)', '%Y-%m-%dT%H:%M:%f')}+00:00")
    found: datetime = _ask("SELECT now()")
    return found


def _ask(statement: str, *values: str) -> Any:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or None)
        row = cursor.fetchone()
    return row[0] if row else None
