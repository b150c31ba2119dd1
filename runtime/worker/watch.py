"""Watch: keeps a claim's lease alive, and notices when it is lost or its run should stop."""

import contextvars
import logging
import threading
import time

from runtime.dispatch.store import Beat, Claim, RunStore

log = logging.getLogger(__name__)

POLL = 0.5  # seconds between two looks at the cancel flag


class Watch:
    """A thread beside the work. Leases are judged by the database's clock there, by our monotonic clock here."""

    def __init__(self, store: RunStore, claim: Claim, lease: float) -> None:
        self.cancelled = threading.Event()
        self.lost = threading.Event()
        self._store = store
        self._claim = claim
        self._lease = lease
        self._done = threading.Event()
        self._thread = threading.Thread(
            target=contextvars.copy_context().run, args=(self._keep,), name="heartbeat", daemon=True
        )

    def __enter__(self) -> "Watch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()

    def _keep(self) -> None:
        # A worker that cannot reach the database stops by itself well before another takes over.
        silence = self._lease * 2 / 3
        answered = beaten = time.monotonic()
        while not self._done.wait(min(POLL, self._lease / 10)):
            due = time.monotonic() - beaten >= self._lease / 3
            asked = time.monotonic()
            beat = self._ask(renew=due)
            if beat is not None and due:
                answered = beaten = asked
            if beat is not None and beat.cancel:
                self.cancelled.set()
            if (beat is not None and not beat.held) or time.monotonic() - answered > silence:
                self.lost.set()
                return

    def _ask(self, renew: bool) -> Beat | None:
        try:
            return self._store.heartbeat(self._claim) if renew else self._store.peek(self._claim)
        except Exception as fault:  # noqa: BLE001 - the database is away: count the silence and ask again
            log.warning("no heartbeat: %s", type(fault).__name__)
            return None
