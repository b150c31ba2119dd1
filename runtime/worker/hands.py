"""Hands: threads in which an agent works on several segments beside each other, each with a session of its own."""

import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait

from runtime.dispatch.store import Claim

LOOK = 0.1  # seconds between two looks whether there is news


class Hands:
    """The threads are begun when they are first needed, and kept."""

    def __init__(self) -> None:
        self._pool: ThreadPoolExecutor | None = None

    def work_together(
        self,
        first: Claim,
        another: Callable[[], Claim | None],
        work: Callable[[Claim], bool],
        announce: Callable[[int], None],
        most: int,
        news: threading.Event,
    ) -> bool:
        """Work on `first` and on what `another` gives beside it, until nothing is in hand. Whether the child is still good.

        `another` is asked at first until there is none, so that what is there begins together; then when one has ended, and
        when there is news; `announce` is told how many come at once. Once the child is of no use for the next claim, those in hand end and none is added.
        """
        if self._pool is None:
            self._pool = ThreadPoolExecutor(most, thread_name_prefix="hand")
        claims = [first]
        while len(claims) < most and (more := another()) is not None:
            claims.append(more)
        good = True
        running: set[Future[bool]] = set()
        try:
            while claims or running:
                if len(claims) > 1:
                    announce(len(claims))
                running |= {self._pool.submit(work, claim) for claim in claims}
                claims = []
                done, running = wait(running, LOOK, FIRST_COMPLETED)
                good = all(map(Future.result, done)) and good
                if good and running and len(running) < most and (done or news.is_set()):
                    while len(running) + len(claims) < most and (more := another()) is not None:
                        claims.append(more)
        finally:
            wait(running)
        return good
