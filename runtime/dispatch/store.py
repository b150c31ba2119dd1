"""RunStore: what a worker's agent asks of the database. The application implements it; a dotted path joins them."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol, Self

from runtime.arithmetic import UNTOLD, Arithmetic
from runtime.dispatch.claim_id import ClaimId
from runtime.dispatch.states import SegmentState, StepState
from runtime.events import Event
from runtime.plan import Plan, Ref
from runtime.safety.policy import Policy
from runtime.safety.ruling import Held, Ruling
from runtime.values import Json, Value
from runtime.words import Words

LEASE = 15.0  # seconds that a worker may be silent before its segment is given to another
LOSSES = 3  # workers that a segment may lose before it counts as the cause


@dataclass(frozen=True, slots=True)
class Claim:
    """One segment, leased to one worker under a fencing token. Everything its steps need comes with it.

    `values` holds what finished steps gave; `states` the state of every step that is no longer pending: steps of
    this segment that an earlier, lost attempt had finished are there too, and are not run again. `rulings` holds
    what people decided about the gates that waited for them.
    """

    run: str
    segment: int
    fence: int
    attempt: int
    plan: Plan
    mac: str
    policy: Policy
    arguments: Mapping[str, Value]
    values: Mapping[Ref, Value]
    states: Mapping[str, StepState]
    rulings: Mapping[str, Ruling] = field(default_factory=dict)
    # What decides the results of its steps (step_key), and results that are known by that, port by port.
    keys: Mapping[str, str] = field(default_factory=dict)
    cached: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)
    # What segments have in common that could share a call of a model (`shares`); empty for one that could not.
    shares: str = ""
    # Its steps whose wait for a moment is over, and how often a step has failed that is tried again.
    due: frozenset[str] = frozenset()
    failed: Mapping[str, int] = field(default_factory=dict)
    # Its steps of which a person said that they happened, when nobody else knew: they are not run again.
    happened: frozenset[str] = frozenset()
    # What people answered to its steps that ask.
    answers: Mapping[str, str] = field(default_factory=dict)

    @property
    def id(self) -> ClaimId:
        return ClaimId(self.run, self.segment, self.fence)


@dataclass(frozen=True, slots=True)
class Beat:
    """The answer to a heartbeat: whether the lease still stands, and whether the run should stop."""

    held: bool
    cancel: bool


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a step failed, in words that name the way out. Never model text, never a traceback."""

    code: str
    message: Words
    hint: Words | None = None
    node: str | None = None

    def to_json(self) -> dict[str, Json]:
        return {
            "code": self.code,
            "message": self.message.to_json(),
            "hint": self.hint.to_json() if self.hint else None,
            "node": self.node,
        }


class WaitsFor(StrEnum):
    """What a step waits for, holding no worker."""

    RETRY = "retry"
    TIME = "time"
    # A person who says whether it happened.
    DECISION = "decision"
    # A person who answers what the drawing asks.
    ANSWER = "answer"


@dataclass(frozen=True, slots=True)
class Pause:
    """A wait for a moment, so many seconds from when it is written down. Of a retry, which one it is, and of how many.

    Of a question that waits for ever no seconds are known.
    """

    waits_for: WaitsFor
    seconds: float | None
    number: int | None = None
    of: int | None = None

    def to_json(self) -> dict[str, Json]:
        return {"for": self.waits_for.value, "seconds": self.seconds, "number": self.number, "of": self.of}

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> Self:
        return cls(WaitsFor(data["for"]), data["seconds"], data["number"], data["of"])


@dataclass(frozen=True, slots=True)
class StepRecord:
    """What became of a step in this attempt. Seconds are wall time; outputs are private until delivered.

    `held` is what a gate kept back: of a waiting gate what a reviewer must see, of a withholding one what its
    author may appeal for. `pause` is how long a step waits that waits for no reviewer, and `asked` what a person is shown,
    by port, whose answer it waits for: the store hands each to `deliver()`. `intends` says of a running one that it must not
    happen twice: it is called once this is written down. `keyed` says that it gave what its step key says, as all did that it
    was made of: where it did not, nobody finds it by that.
    """

    step: str
    state: StepState
    seconds: float | None = None
    outputs: Mapping[str, Value] = field(default_factory=dict)
    cost: Mapping[str, Json] | None = None
    error: Failure | None = None
    held: Held | None = None
    pause: Pause | None = None
    intends: bool = False
    asked: Mapping[str, Value] | None = None
    keyed: bool = True


@dataclass(frozen=True, slots=True)
class Progress:
    """A piece of a segment's history: written in one transaction, under the fence.

    `results` are values on their way to a person, by result name: the store hands each to `deliver()`.
    """

    steps: Sequence[StepRecord] = ()
    events: Sequence[Event] = ()
    results: Sequence[tuple[str, Value]] = ()


@dataclass(frozen=True, slots=True)
class WorkerReport:
    """A worker as the console shows it. Memory is in bytes."""

    id: str
    resources: tuple[str, ...]
    device: str
    models: tuple[str, ...]
    memory: int
    busy: bool


class RunStore(Protocol):
    """Leases, fences and history. Every write is refused (False) when its fence is stale."""

    def claim(
        self,
        worker: str,
        resources: frozenset[str],
        shares: str = "",
        in_turn: bool = False,
        holds: Collection[str] = (),
        arithmetic: Arithmetic = UNTOLD,
    ) -> Claim | None:
        """Lease the next ready segment of these resource classes, oldest run first; None when there is none.

        `holds` names the models in the worker's memory: of a person's next few, those that need one of them come first.
        `arithmetic` is how its models compute: results that another one gave are none of theirs.

        With `shares`, only one that shares it and was never claimed before; with `in_turn`, only if it is the next anyway.
        """
        ...

    def heartbeat(self, claim: Claim) -> Beat:
        """Renew the lease."""
        ...

    def peek(self, claim: Claim) -> Beat:
        """What a heartbeat would answer, without renewing the lease."""
        ...

    def record(self, claim: Claim, progress: Progress) -> bool:
        """Keep a piece of history: step states and outputs, events with the next numbers, delivered results."""
        ...

    def finish(self, claim: Claim, state: SegmentState, progress: Progress) -> bool:
        """End the segment: its last progress, its state, its successors made ready, and the run's end, at once.

        A segment that waits for a person or a moment is given up the same way: nobody holds it until then.
        """
        ...

    def release(self, claim: Claim, lost: bool = False) -> bool:
        """Hand the segment back: unharmed (a draining worker), or `lost` with the child that ran it.

        What was lost three times fails with `worker_lost`: it may be the cause.
        """
        ...

    def sweep(self) -> frozenset[str]:
        """Take back expired leases, fail what has lost three workers, withhold what nobody decided about in time,

        make ready what has waited for a moment that is now, and name the resource classes with work.
        """
        ...

    def report(self, worker: WorkerReport) -> None:
        """Tell that a worker is alive and what it holds."""
        ...

    def publish(self, run: str, event: Event) -> None:
        """Pass on a live event; it may be lost, and never fails the caller."""
        ...

    def publish_partial(self, claim: Claim, name: str, step: str, value: Value) -> None:
        """Pass on the text of a result so far, through `deliver()`."""
        ...

    def plan_key(self) -> bytes:
        """The key under which this installation signs plans."""
        ...
