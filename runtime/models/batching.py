"""Batching: steps of several runs meet before a model, and one call of it serves them all.

Who comes joins what waits for the same model with equal settings. Nobody waits for company that cannot come: a batch
begins as soon as everybody has joined who could, or its window is over, and the model is free. All are made by one thread that
does nothing else: so any member can leave at any moment, the first one like the others, and what libraries keep for each
thread (for a graphics processor handles, and how each layer is best computed: a third of a second) is made once.
"""

import contextvars
import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, TypeVar, cast

from runtime.errors import Cancelled

P = TypeVar("P")
R = TypeVar("R")
Hear = Callable[[Any], None]
# Makes what several parts are for, given what each of their owners hears; an exception in the place of what was not made.
Make = Callable[[Sequence[P], Sequence[Hear]], Sequence[R | BaseException]]
Back = Callable[[], AbstractContextManager[None]]

WINDOW = 0.25  # seconds that a batch waits for somebody who is on the way
TICK = 0.1  # seconds between two looks whether a member was asked to stop; a shorter wait is told to nobody


class Alone:
    """Where there is no company: each part is made by itself, in the thread that wants it."""

    def join(
        self, key: Hashable, part: P, make: Make[P, R], hear: Hear, check: Callable[[], None]
    ) -> tuple[R, int]:
        (item,) = make([part], [hear])
        if isinstance(item, BaseException):
            raise item
        return item, 1

    def aside(self, check: Callable[[], None]) -> AbstractContextManager[Back]:
        return nullcontext(nullcontext)


@dataclass(slots=True, eq=False)
class _Member:
    part: Any
    told: "SimpleQueue[tuple[bool, Any]]" = field(
        default_factory=SimpleQueue
    )  # (whether it is the end, what)
    left: bool = False

    def hear(self, word: Any) -> None:
        if self.left:
            raise Cancelled
        self.told.put((False, word))


@dataclass(slots=True, eq=False)
class _Batch:
    group: str
    since: float
    members: list[_Member] = field(default_factory=list)
    closed: threading.Event = field(default_factory=threading.Event)
    made: threading.Event = field(default_factory=threading.Event)


def _tell_nobody(waits: bool) -> None:
    pass


@dataclass(slots=True, eq=False)
class Place:
    """One claim's place among those that the process works on at once. It can join while it has not.

    `tell` is told when the claim begins to wait for others, for its turn or for the batch before its own, and when that is over.
    """

    meeting: "Meeting"
    group: str
    can_join: bool = True
    tell: Callable[[bool], None] = _tell_nobody

    def join(
        self, key: Hashable, part: P, make: Make[P, R], hear: Hear, check: Callable[[], None]
    ) -> tuple[R, int]:
        return self.meeting.join(self, key, part, make, hear, check)

    def aside(self, check: Callable[[], None]) -> AbstractContextManager[Back]:
        return self.meeting.aside(check, self)

    @contextmanager
    def waiting(self, check: Callable[[], None]) -> Iterator[Callable[[], None]]:
        """A wait for others. What is given is called each time when it has lasted a moment longer."""
        told = False

        def still() -> None:
            nonlocal told
            if not told:
                told = True
                self.tell(True)
            check()

        try:
            yield still
        finally:
            if told:
                self.tell(False)


class Meeting:
    """Where the claims of one process meet. Its turn is held by one of them at a time, and let go by who waits here.

    So what is not made for company never runs beside anything but the making of a batch.
    """

    def __init__(self, most: int, window: float = WINDOW) -> None:
        self._most = most
        self._window = window
        self._changed = threading.Condition()
        self._places: list[Place] = []
        self._expected: dict[str, int] = {}
        self._open: dict[Hashable, _Batch] = {}
        # One call of a model at a time: what comes meanwhile gathers for the next.
        self._begun: SimpleQueue[Callable[[], None]] = SimpleQueue()
        self._maker: threading.Thread | None = None
        self._turn = threading.Lock()
        self._held = threading.local()  # whether this thread has the turn

    def expect(self, group: str, count: int) -> None:
        """So many of a group are about to enter."""
        with self._changed:
            self._expected[group] = self._expected.get(group, 0) + count

    def enter(self, group: str) -> Place:
        """`group` is equal for claims that may come to share a batch; empty for one that will not."""
        place = Place(self, group, can_join=bool(group))
        with self._changed:
            self._places.append(place)
            if (waited := self._expected.get(group, 0)) > 0:
                self._expected[group] = waited - 1
        return place

    def leave(self, place: Place) -> None:
        with self._changed:
            place.can_join = False
            if place in self._places:
                self._places.remove(place)
            self._changed.notify_all()

    @contextmanager
    def turn(self, check: Callable[[], None], place: Place | None = None) -> Iterator[None]:
        """Work, and nobody else but who makes batches. What `check` raises while it is another's turn is raised here."""
        self._take(check, place or Place(self, ""))
        try:
            yield
        finally:
            self._give()

    @contextmanager
    def aside(self, check: Callable[[], None], place: Place | None = None) -> Iterator[Back]:
        """Let others have the turn meanwhile; what is given takes it back for a moment."""
        place = place or Place(self, "")
        self._give()
        try:
            yield lambda: self.turn(check, place)
        finally:
            self._take(check, place)

    def _take(self, check: Callable[[], None], place: Place) -> None:
        with place.waiting(check) as still:
            while not self._turn.acquire(timeout=TICK):
                still()
        self._held.by_me = True

    def _give(self) -> None:
        # Who was asked to stop while it waited for its turn ends without it.
        if getattr(self._held, "by_me", False):
            self._held.by_me = False
            self._turn.release()

    def join(
        self,
        place: Place,
        key: Hashable,
        part: P,
        make: Make[P, R],
        hear: Hear,
        check: Callable[[], None],
    ) -> tuple[R, int]:
        """What is made for the part, and for how many it was made in one go. Whoever joins has the turn.

        `hear` is called in this thread with what the maker tells of this part; what it raises, or `check`, is raised here,
        and the others go on. The last to leave stays until the work for it has ended: should that hang, this process does not
        stop when it is asked to, and is ended.
        """
        member = _Member(part)
        with self._changed:
            place.can_join = False
            batch = self._open.get(key)
            if batch is None or len(batch.members) >= self._most:
                batch = self._begin(key, place.group, make)
            batch.members.append(member)
            self._changed.notify_all()
        with self.aside(check, place):
            try:
                with place.waiting(check) as still:
                    while not batch.closed.wait(TICK):
                        still()
                return cast("tuple[R, int]", (self._follow(member, hear, check), len(batch.members)))
            finally:
                if self._part(batch, member):
                    batch.made.wait()

    def _begin(self, key: Hashable, group: str, make: Make[Any, Any]) -> _Batch:
        batch = self._open[key] = _Batch(group, time.monotonic())
        # What it logs is about who came first.
        about = contextvars.copy_context()
        self._begun.put(lambda: about.run(self._see_through, key, batch, make))
        if self._maker is None:
            self._maker = threading.Thread(target=self._make_all, name="batches", daemon=True)
            self._maker.start()
        return batch

    def _make_all(self) -> None:
        while True:
            self._begun.get()()

    def _follow(self, member: _Member, hear: Hear, check: Callable[[], None]) -> Any:
        while True:
            try:
                ended, word = member.told.get(timeout=TICK)
            except Empty:
                check()
                continue
            if not ended:
                hear(word)
            elif isinstance(word, BaseException):
                raise word
            else:
                return word

    def _part(self, batch: _Batch, member: _Member) -> bool:
        """Whether nobody is left for whom it is made."""
        with self._changed:
            member.left = True
            if not batch.closed.is_set():
                batch.members.remove(member)
                self._changed.notify_all()
                return False
            return all(other.left for other in batch.members)

    def _see_through(self, key: Hashable, batch: _Batch, make: Make[Any, Any]) -> None:
        """Gather, make, and give everybody their part. Raises nothing: the next batch is made by the same thread."""
        self._gather(key, batch)
        members = batch.members
        made: Sequence[Any] = []
        try:
            if members:
                made = make([member.part for member in members], [member.hear for member in members])
            if len(made) != len(members):
                raise ValueError(f"{len(made)} results for {len(members)} parts")
        except BaseException as fault:  # noqa: BLE001 - raised again by whoever waits for it
            made = [fault] * len(members)
        batch.made.set()
        for member, item in zip(members, made, strict=True):
            member.told.put((True, item))

    def _gather(self, key: Hashable, batch: _Batch) -> None:
        """Wait for who is on the way, and close the batch."""
        with self._changed:
            while not self._is_complete(batch):
                left = batch.since + self._window - time.monotonic()
                if left <= 0:
                    self._expected.pop(batch.group, None)  # they did not come, and are waited for no longer
                    break
                self._changed.wait(left)
            batch.closed.set()
            if self._open.get(key) is batch:
                del self._open[key]

    def _is_complete(self, batch: _Batch) -> bool:
        if not batch.members or len(batch.members) >= self._most:
            return True
        if self._expected.get(batch.group):
            return False
        return not any(place.can_join and place.group == batch.group for place in self._places)
