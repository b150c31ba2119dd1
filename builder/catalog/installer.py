"""Speaks to the installer, a program of its own: `python -m runtime.models`. The web process never loads it."""

import json
import os
import subprocess
import sys
from typing import TypedDict

from django.conf import settings
from django.core.cache import cache

from builder.bootstrap import places
from runtime.errors import OperationalError
from runtime.words import Words

# Seconds that a list is good for: a page of people who look at it costs one process, not one each.
FRESH = 2
PATIENCE = 30
_KEY = "catalog.models"


class ModelRecord(TypedDict):
    """A model as `models list --json` describes it."""

    name: str
    title: dict[str, str]
    capability: str
    licence: str
    licence_note: dict[str, str] | None
    note: dict[str, str] | None
    size: int
    sources: list[dict[str, str]]
    available: bool
    state: str
    progress: dict[str, int] | None


def list_records() -> list[ModelRecord]:
    """Every model of the catalogue and its state on this machine. OperationalError when the installer fails."""
    records: list[ModelRecord] | None = cache.get(_KEY)
    if records is None:
        records = _ask()
        cache.set(_KEY, records, FRESH)
    return records


def forget_records() -> None:
    """Ask anew next time: something was installed."""
    cache.delete(_KEY)


def start_installer(name: str) -> subprocess.Popen[str]:
    """Install one model; its progress arrives as lines of JSON."""
    return subprocess.Popen(
        _command("install", name),
        cwd=places.ROOT,
        env=_environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
    )


def _ask() -> list[ModelRecord]:
    try:
        done = subprocess.run(
            _command("list"),
            cwd=places.ROOT,
            env=_environment(),
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
        records: list[ModelRecord] = json.loads(done.stdout)["results"]
    except (OSError, subprocess.SubprocessError, ValueError, KeyError) as fault:
        raise _unreadable() from fault
    return records


def _command(*verb: str) -> list[str]:
    return [sys.executable, "-m", "runtime.models", *verb, "--json"]


def _environment() -> dict[str, str]:
    return os.environ | {"SLUICEWAY_HOME": str(settings.HOME)}


def _unreadable() -> OperationalError:
    return OperationalError(
        "catalogue_unreadable",
        Words("The model catalogue cannot be read.", "无法读取模型目录。"),
        Words(
            "Run `python3 manage.py models list` to see why.",
            "请运行 `python3 manage.py models list` 查看原因。",
        ),
        retryable=True,
    )
