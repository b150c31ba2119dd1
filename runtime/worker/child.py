"""Child: the process that runs nodes and holds models. It has no database, no broker and no secret.

But for the keys of the providers that the order in hand says it needs: those come with it, and go with it.

Started fresh by the agent (`python -m runtime.worker.child PARENT`), told what to do by frames on its standard
input, it answers by frames on what was its standard output. It can be killed at any moment.
"""

import logging
import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib import import_module
from queue import Empty, SimpleQueue
from typing import IO, BinaryIO

from runtime import logs
from runtime.collector import collecting_later
from runtime.dispatch.claim_id import ClaimId
from runtime.dispatch.needs import Needs
from runtime.dispatch.states import SegmentState
from runtime.dispatch.store import Claim, StepRecord
from runtime.dispatch.trial import Trial
from runtime.dispatch.wire import Known, claim_from_json, event_to_json, record_to_json, results_to_json
from runtime.engine.executor import run_segment
from runtime.engine.inspection import Inspector, NoProviders
from runtime.engine.step_context import Services
from runtime.engine.trial import try_out
from runtime.engine.warming import Spare, warm
from runtime.errors import Cancelled
from runtime.events import Event
from runtime.models.at_once import at_once
from runtime.models.batching import Meeting, Place
from runtime.models.manager import Beforehand, ModelManager
from runtime.models.providers.given import Given
from runtime.models.shelf import open_shelf
from runtime.nodes.context import Assets
from runtime.nodes.registry import Registry, load_registry
from runtime.safety.filters import Filter, load_filters
from runtime.values import Json, Value
from runtime.worker.environment import asset_store_path, child_memory, filter_seconds, window_seconds
from runtime.worker.frames import Writer, read_frame
from runtime.worker.lifeline import die_with_parent, limit_memory
from runtime.worker.offspring import MARK, adopt_orphans, end_offspring

log = logging.getLogger(__name__)

MOST_STOPPING = 1_000
# Seconds between two looks whether a step that waits to be begun should stop instead.
LOOK_UP = 0.05


@dataclass(frozen=True, slots=True, repr=False)
class Order:
    """What to do, and the keys that it needs. Without a repr, because of these."""

    work: Claim | Trial | Needs | int  # a number: so many claims come next that could share a call of a model
    keys: Mapping[str, str]
    shares: str = ""  # equal in such claims


@dataclass(slots=True)
class Orders:
    """What the agent asked for. Read by the running step, written by the thread that listens."""

    work: "queue.Queue[Order]" = field(default_factory=queue.Queue)
    # What should stop; a late request for an earlier claim stops nobody else.
    stopping: set[ClaimId] = field(default_factory=set)
    # The steps whose intent is written down, until the step has seen it.
    written: set[tuple[ClaimId, str]] = field(default_factory=set)
    news: threading.Condition = field(default_factory=threading.Condition)

    def listen(self, pipe: BinaryIO) -> None:
        """Take orders until the agent is gone; then end this process, whatever it is doing."""
        known = Known()
        try:
            while (frame := read_frame(pipe)) is not None:
                if frame["order"] == "run":
                    claim = claim_from_json(frame["claim"], known)
                    self.work.put(Order(claim, frame["keys"], frame["shares"]))
                elif frame["order"] == "try":
                    self.work.put(Order(Trial.from_json(frame["trial"]), frame["keys"]))
                elif frame["order"] == "warm":
                    self.work.put(Order(Needs.from_json(frame["needs"]), {}))
                elif frame["order"] == "expect":
                    self.work.put(Order(frame["count"], {}, frame["shares"]))
                elif frame["order"] == "cancel":
                    if len(self.stopping) > MOST_STOPPING:
                        self.stopping.clear()  # late requests, for what has ended by itself
                    self.stopping.add(ClaimId.from_json(frame))
                elif frame["order"] == "begin":
                    with self.news:
                        self.written.add((ClaimId.from_json(frame), frame["step"]))
                        self.news.notify_all()
        finally:
            os._exit(0)

    def wait_until_written(self, intent: tuple[ClaimId, str], check: Callable[[], None]) -> None:
        """Until the agent says so; whatever `check` raises ends it."""
        with self.news:
            while not self.news.wait_for(lambda: intent in self.written, LOOK_UP):
                check()
            self.written.discard(intent)

    def is_awaited(self) -> bool:
        """Whether somebody waits for what was ordered behind the order in hand."""
        with self.work.mutex:
            return any(not isinstance(order.work, Needs) for order in self.work.queue)


@dataclass(slots=True)
class PipeOutlet:
    """Tells the agent what happens, frame by frame."""

    writer: Writer
    claim: Claim
    orders: Orders

    def started(self, step: str, intends: bool = False) -> None:
        self._send("started", step=step, intends=intends)

    def wait_until_written(self, step: str, check: Callable[[], None]) -> None:
        self.orders.wait_until_written((self.claim.id, step), check)

    def ended(
        self, record: StepRecord, events: Sequence[Event], results: Sequence[tuple[str, Value]]
    ) -> None:
        self._send(
            "ended",
            record=record_to_json(record),
            events=[event_to_json(event) for event in events],
            results=results_to_json(results),
        )

    def live(self, event: Event) -> None:
        self._send("live", event=event_to_json(event))

    def partial(self, name: str, step: str, value: Value) -> None:
        self._send("partial", name=name, step=step, value=value.to_json())

    def waits(self, waits: bool) -> None:
        """Whether it stands still because others have what it needs: that takes none of its step's time."""
        self._send("waits", waits=waits)

    def _send(self, kind: str, **body: Json) -> None:
        self.writer.send({"frame": kind, **self.claim.id.to_json(), **body})


def serve(orders: Orders, writer: Writer) -> None:
    """Hand out claims, and answer and load between them, until the agent is gone or a hung filter makes this process useless."""
    models, assets = ModelManager(open_shelf()), _open_assets()
    meeting = Meeting(at_once(), window_seconds())
    room = Room(load_registry(), models, assets, meeting, orders, writer)
    desk = Desk(room)  # for what is no claim
    spare = Spare(assets, Beforehand(models), NoProviders())
    writer.send({"frame": "ready", "models": []})
    while not desk.inspector.hung:
        order = orders.work.get()
        work = order.work
        filters = load_filters()  # lists, models and providers come and go while we stand here
        if isinstance(work, int):
            meeting.expect(order.shares, work)
            continue
        if isinstance(work, Claim):
            room.desk().take(work, order.keys, filters, meeting.enter(order.shares))
            continue
        with meeting.turn(lambda: None):
            desk.prepare(order.keys, filters)
            if isinstance(work, Needs):
                with collecting_later():
                    for _ in warm(work, room.registry, filters, spare):
                        if orders.is_awaited():
                            break  # whatever is still missing, the run loads that needs it
                writer.send({"frame": "warmed", "models": list(models.holds())})
            else:
                answer = try_out(work, desk.inspector)
                leaving = desk.inspector.hung
                writer.send({"frame": "tried", "trial": work.id, "answer": answer, "leaving": leaving})
            desk.prepare({}, filters)  # what the last order needed is nothing to wait with


class Room:
    """What all desks have in common, and those at which nobody sits."""

    def __init__(
        self,
        registry: Registry,
        models: ModelManager,
        assets: Assets,
        meeting: Meeting,
        orders: Orders,
        writer: Writer,
    ) -> None:
        self.registry, self.models, self.assets = registry, models, assets
        self.meeting, self.orders, self.writer = meeting, orders, writer
        self._free: SimpleQueue[Desk] = SimpleQueue()

    def desk(self) -> "Desk":
        try:
            return self._free.get_nowait()
        except Empty:
            return Desk(self)

    def leave(self, desk: "Desk") -> None:
        self._free.put(desk)


class Desk:
    """A thread that runs claims, one after another, with what is theirs alone: keys, filters at work, the wish to stop."""

    def __init__(self, room: Room) -> None:
        self._room = room
        self._given = Given()
        self._claim: Claim | None = None
        self._waiting: SimpleQueue[tuple[Claim, Place]] = SimpleQueue()
        self._thread: threading.Thread | None = None
        self.inspector = Inspector(
            {}, room.assets, room.models, self._check, filter_seconds(), providers=self._given
        )

    def prepare(self, keys: Mapping[str, str], filters: Mapping[str, Filter]) -> None:
        self._given.give(keys)
        self.inspector.filters = filters

    def take(
        self, claim: Claim, keys: Mapping[str, str], filters: Mapping[str, Filter], place: Place
    ) -> None:
        self.prepare(keys, filters)
        self._claim = claim
        self._waiting.put((claim, place))
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="desk", daemon=True)
            self._thread.start()

    def _check(self) -> None:
        claim = self._claim
        if claim is not None and claim.id in self._room.orders.stopping:
            raise Cancelled

    def _work(self) -> None:
        while True:
            claim, place = self._waiting.get()
            try:
                state = self._run(claim, place)
            except BaseException:
                log.exception("the child cannot go on")
                os._exit(1)
            self._room.meeting.leave(place)
            self._given.give({})  # what the last order needed is nothing to wait with
            self._claim = None
            self._room.orders.stopping.discard(claim.id)
            hung = self.inspector.hung
            if not hung:
                self._room.leave(self)
            body: dict[str, Json] = {"state": state.value, "models": list(self._room.models.holds())}
            # A thread that hangs inside a filter cannot be ended, only this process can.
            self._room.writer.send({"frame": "finished", **claim.id.to_json(), **body, "leaving": hung})

    def _run(self, claim: Claim, place: Place) -> SegmentState:
        room = self._room
        services = Services(room.registry, self.inspector, room.assets, room.models, self._check, place)
        outlet = PipeOutlet(room.writer, claim, room.orders)
        place.tell = outlet.waits
        try:
            with logs.about(run=claim.run, segment=claim.segment):
                try:
                    with room.meeting.turn(self._check):
                        return run_segment(claim, services, outlet)
                except Cancelled:  # before its turn came: the first look at its first step ends it
                    return run_segment(claim, services, outlet)
        finally:
            sys.stderr.flush()


def _open_assets() -> Assets:
    module, _, name = asset_store_path().partition(":")
    store: Assets = getattr(import_module(module), name)()
    return store


def _be_a_copy(*pipes: IO[bytes]) -> None:
    """What a node splits off may work for it, but speaks for nobody, and ends when we do."""
    die_with_parent(signal.SIGKILL, os.getppid())
    for pipe in pipes:
        # Below its buffer, in which half a frame of another thread may lie.
        pipe.raw.close()  # type: ignore[attr-defined]  # both are buffered


def main() -> None:
    die_with_parent(signal.SIGKILL, int(sys.argv[1]))
    limit_memory(child_memory())
    adopt_orphans()
    # Ctrl-C in a terminal is the agent's business.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    logs.configure()
    pipe_out = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    # Whatever native code prints must not land between two frames.
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    pipe_in = os.fdopen(os.dup(sys.stdin.fileno()), "rb")
    os.dup2(
        os.open(os.devnull, os.O_RDONLY), sys.stdin.fileno()
    )  # nothing that a node starts reads our orders
    os.register_at_fork(after_in_child=lambda: _be_a_copy(pipe_in, pipe_out))
    orders = Orders()
    threading.Thread(target=orders.listen, args=(pipe_in,), name="orders", daemon=True).start()
    serve(orders, Writer(pipe_out))
    end_offspring(os.environ.get(MARK, ""), os.getpid())
    os._exit(0)  # not sys.exit: a hung thread must not hold the process


if __name__ == "__main__":
    main()
