"""Aside: a thread beside the caller's, which does one errand after another. Who waits for one may stop waiting."""

import contextvars
import threading
import weakref
from collections.abc import Callable
from functools import partial
from queue import SimpleQueue

Errand = Callable[[], None]
_Queue = SimpleQueue[tuple[Errand, threading.Lock] | None]


class Aside:
    """One thread for many errands: to start one for each takes longer than most errands. It ends with this object."""

    def __init__(self, name: str) -> None:
        self._errands: _Queue = SimpleQueue()
        threading.Thread(target=_work, args=(self._errands,), name=name, daemon=True).start()
        weakref.finalize(self, self._errands.put, None)

    def begin(self, errand: Errand) -> "Begun":
        """Do this next. The errand itself sees to what it raises: nobody else could."""
        done = threading.Lock()
        done.acquire()
        # What it logs is about what its caller has in hand.
        self._errands.put((partial(contextvars.copy_context().run, errand), done))
        return Begun(done)


class Begun:
    """An errand that was begun."""

    def __init__(self, done: threading.Lock) -> None:
        self._done = done

    def wait(self, seconds: float) -> bool:
        """Whether it has ended within so many seconds. Asked until it has, and not again."""
        return self._done.acquire(timeout=seconds)


def _work(errands: _Queue) -> None:
    # Nothing here holds the `Aside`, or it would never end.
    while (given := errands.get()) is not None:
        errand, done = given
        try:
            errand()
        finally:
            done.release()
        # Until the next errand comes, what this one held may go.
        del given, errand, done
