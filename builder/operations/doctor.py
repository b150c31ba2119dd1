"""Doctor: looks at every part of an installation, and says in sentences what is wrong and what to do."""

import logging
import os
from collections.abc import Callable, Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from django.db import DatabaseError

from builder.common.language import Language
from builder.operations.looks import storage
from builder.operations.looks.database import clock, damage, database, journal
from builder.operations.looks.messages import messages
from builder.operations.looks.models import models
from builder.operations.looks.wakeups import wakeups
from builder.operations.looks.workers import alive, gpus, queue, stuck, sweep, workers
from builder.operations.told import Level, Told, well, wrong
from builder.safety.verify_audit import verify_audit
from runtime.words import Words

log = logging.getLogger(__name__)

GPU = Path("/dev/nvidia0")

_WHOLE = Words("The audit log is whole: {count} entries.", "审计日志完整：共 {count} 条。")
_TORN = Words("The audit log is broken: {fault}.", "审计日志已损坏：{fault}。")
_EVIDENCE = Words(
    "Keep a copy of the database, and compare with the last backup: somebody has changed rows that nobody may change.",
    "请保留数据库副本，并与最近的备份比对：有人改动了不可更改的记录。",
)
_FELL = Words("{part} could not be looked at: {fault}.", "无法检查 {part}：{fault}。")
_REPORT = Words(
    "That is a fault of the doctor itself, or of what it asked.", "这是检查程序自身或其所询问部分的故障。"
)
_PATHS = Words(
    "Look at SLUICEWAY_ASSET_STORE and SLUICEWAY_RUN_STORE: they read module:function, and name what can be imported.",
    "请检查 SLUICEWAY_ASSET_STORE 与 SLUICEWAY_RUN_STORE：格式为 模块:函数，且必须可以导入。",
)


def examine() -> list[Told]:
    """Everything there is to say, part by part. What cannot be looked at without a database is left out then."""
    base = database()
    told = [base, messages()]
    for name, look in OUTSIDE_THE_DATABASE.items():
        told += _of(name, look)
    if base.level is not Level.WRONG:
        for name, look in IN_THE_DATABASE.items():
            told += _of(name, look)
    return told


def language_from(environment: Mapping[str, str] = os.environ) -> Language:
    """What the terminal speaks."""
    named = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "zh-hans" if named.lower().startswith("zh") else "en"


def audit() -> Told:
    report = verify_audit()
    if report.fault:
        return wrong("audit", _TORN.fill(fault=report.fault), _EVIDENCE)
    return well("audit", _WHOLE.fill(count=report.sound))


def gpu() -> list[Told]:
    try:
        torch = version("torch")
    except PackageNotFoundError:  # a machine that only serves
        torch = None
    return gpus([worker.device for worker in alive()], GPU.exists(), torch)


Look = Callable[[], Told | list[Told] | None]

OUTSIDE_THE_DATABASE: dict[str, Look] = {
    "wakeups": wakeups,
    "space": storage.space,
    "secrets": storage.secrets,
}
IN_THE_DATABASE: dict[str, Look] = {
    "journal": journal,
    "damage": damage,
    "clock": clock,
    "workers": workers,
    "stuck": stuck,
    "queue": queue,
    "sweep": sweep,
    "gpu": gpu,
    "models": models,
    "assets": storage.assets,
    "audit": audit,
}


def _of(name: str, look: Look) -> Iterator[Told]:
    """What one look has found. One that falls over says so, and the others go on."""
    try:
        found = look()
    except (ImportError, AttributeError) as fault:
        yield wrong(name, _FELL.fill(part=name, fault=fault), _PATHS)
        return
    except (DatabaseError, OSError, ValueError, KeyError, TypeError) as fault:
        log.debug("%s", name, exc_info=True)
        yield wrong(name, _FELL.fill(part=name, fault=type(fault).__name__), _REPORT)
        return
    yield from found if isinstance(found, list) else [found] if found else []
