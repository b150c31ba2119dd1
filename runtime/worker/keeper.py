"""Keeper: the worker's housekeeping. It sweeps, reports, and makes sure that work is found without any wake-up."""

import logging
import os
import threading
import time

from runtime.dispatch.wake import wake
from runtime.worker.agent import Agent

log = logging.getLogger(__name__)

SWEEP = 1.0
REPORT = 2.0
LAST_WORDS = 3.0  # seconds that an orphaned worker has to go by itself


class Keeper:
    """Two threads beside Celery: one looks after the store, one follows what it finds."""

    def __init__(self, agent: Agent, broker: str, parent: int) -> None:
        self._agent = agent
        self._broker = broker
        self._parent = parent
        self._done = threading.Event()
        self._found = threading.Event()

    def __enter__(self) -> "Keeper":
        for target in (self._keep, self._follow):
            threading.Thread(target=target, name=target.__name__.strip("_"), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._found.set()

    def look(self) -> None:
        """Have the agent look for work now."""
        self._found.set()

    def _keep(self) -> None:
        reported = 0.0
        while not self._done.wait(SWEEP):
            self._leave_if_orphaned()
            try:
                self._sweep()
                if time.monotonic() - reported >= REPORT:
                    reported = time.monotonic()
                    self._agent.store.report(self._agent.report())
            except Exception as fault:  # noqa: BLE001 - the database is away; the next round finds it again
                log.warning("no sweep: %s", type(fault).__name__)

    def _sweep(self) -> None:
        """Announce again what is ready: a lost wake-up costs a second, not a run."""
        waiting = self._agent.store.sweep()
        ours = waiting & self._agent.resources
        if ours and not self._agent.busy:
            # Not by way of the broker: it may be down, or have stopped delivering to us (celery#10302).
            self.look()
        for resource in sorted(waiting - ours if not self._agent.busy else waiting):
            wake(self._broker, resource)

    def _follow(self) -> None:
        while self._found.wait() and not self._done.is_set():
            self._found.clear()
            try:
                self._agent.drain()
            except Exception as fault:  # noqa: BLE001 - the database is away; the next sweep sets us off again
                log.warning("no claim: %s", type(fault).__name__)

    def _leave_if_orphaned(self) -> None:
        if os.getppid() != self._parent:
            self._agent.stop(0)
            time.sleep(LAST_WORDS)
            os._exit(1)
