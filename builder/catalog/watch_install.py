"""Watches one installation: writes down how far it is, stops it when asked, and says how it ended."""

import json
import logging
import subprocess
import threading
from queue import Empty, Queue
from uuid import UUID

from django.db import DatabaseError, connection
from django.utils import timezone

from builder.catalog.installer import forget_records, start_installer
from builder.catalog.models import ModelInstall
from runtime.values import Json
from runtime.words import Words

log = logging.getLogger(__name__)

BEAT = 1.0  # seconds
SECONDS_TO_STOP = 10

_STOPPED = Words("The installation ended before it was complete.", "安装在完成之前结束。")


def watch_in_background(install: UUID) -> None:
    """Follow the installer in a thread of this process."""
    threading.Thread(target=_watch_and_close, args=(install,), daemon=True, name="install").start()


def _watch_and_close(install: UUID) -> None:
    try:
        watch(install)
    except (OSError, DatabaseError):
        # Nobody else hears of it: the row goes silent and counts as abandoned.
        log.exception("an installation lost its watcher")
    finally:
        connection.close()


def watch(install: UUID) -> None:
    """Run the installer to its end, writing progress and a heartbeat every second."""
    row = ModelInstall.objects.get(pk=install)
    with start_installer(row.name) as process:
        try:
            failure, asked = _follow(row, process)
            process.wait(SECONDS_TO_STOP)
        finally:
            process.kill()  # nothing is left behind; a process that has ended does not mind
    if process.returncode and not failure:
        failure = _STOPPED.to_json()
    forget_records()
    ModelInstall.objects.filter(pk=install).update(
        finished=timezone.now(), failure=None if asked else failure
    )


def _follow(row: ModelInstall, process: "subprocess.Popen[str]") -> tuple[dict[str, Json] | None, bool]:
    """Read to the installer's last word: why it failed, if it did, and whether somebody asked it to stop."""
    failure: dict[str, Json] | None = None
    asked = False
    lines = _lines_of(process)
    while (event := _next(lines)) is not None:
        if event.get("event") == "progress":
            row.done, row.total = event["done"], event["total"]
        elif event.get("event") == "failed":
            failure = event["message"]
        if not _write_down(row) and not asked:
            asked = True
            process.terminate()  # once: a second signal would interrupt its tidying up
    return failure, asked


def _write_down(row: ModelInstall) -> bool:
    """Progress and heartbeat; False when somebody asked to stop."""
    mine = ModelInstall.objects.filter(pk=row.pk, finished=None)
    return bool(mine.filter(cancel=False).update(done=row.done, total=row.total, beat=timezone.now()))


def _lines_of(process: "subprocess.Popen[str]") -> "Queue[str | None]":
    """The installer's lines, read in a thread so that silence does not stop the heartbeat; None ends them."""
    lines: Queue[str | None] = Queue()

    def read() -> None:
        assert process.stdout is not None
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True, name="install lines").start()
    return lines


def _next(lines: "Queue[str | None]") -> dict[str, Json] | None:
    """The newest event after at most a second: empty when there is none, None at the end."""
    try:
        line = lines.get(timeout=BEAT)
        # Only the last of what has piled up matters, except an end or a failure.
        while line is not None and '"progress"' in line and not lines.empty():
            line = lines.get()
    except Empty:
        return {}
    if line is None:
        return None
    event: dict[str, Json] = json.loads(line)
    return event
