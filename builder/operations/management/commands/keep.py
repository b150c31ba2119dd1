"""`manage.py keep`: sweeps until it is asked to go, for workers whose database role may not (SLUICEWAY_LIMITED)."""

import logging
import signal
import threading
from types import FrameType
from typing import Any

from django.core.management.base import BaseCommand

from builder.common.broker import broker
from builder.runs.store import open_store
from runtime.dispatch.wake import wake

log = logging.getLogger(__name__)

PAUSE = 1.0


class Command(BaseCommand):
    help = (
        "Look after runs, reviews whose time is up, what is kept too long and traces, until asked to go. "
        "Needed beside workers that run with SLUICEWAY_LIMITED=1; several may run."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        leaving = threading.Event()

        def leave(number: int, frame: FrameType | None) -> None:
            leaving.set()

        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, leave)
        keep(leaving)


def keep(leaving: threading.Event) -> None:
    """A sweep a second; whatever goes wrong in one, the next tries again."""
    store = open_store()
    while not leaving.wait(PAUSE):
        try:
            for resource in sorted(store.sweep()):
                wake(broker(), resource)
        except Exception as fault:  # noqa: BLE001 - the database is away; the next round finds it again
            log.warning("no sweep: %s", type(fault).__name__)
