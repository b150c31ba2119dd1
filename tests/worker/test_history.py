"""History: written in whole batches, again when the database was away, and given up when it keeps refusing."""

import threading
from dataclasses import dataclass, field
from typing import Any

import pytest

from runtime.dispatch.states import SegmentState, StepState
from runtime.dispatch.store import Claim, Progress, StepRecord
from runtime.safety.deliver import NotCleared
from runtime.worker import history as module
from runtime.worker.history import History
from tests.engine.segments import compiled
from tests.fixtures.runs import chain, stub_policy


@dataclass
class Refusing:
    """A store whose next answers are given: an exception is raised, anything else is the answer."""

    answers: list[Any]
    written: list[tuple[str, Progress]] = field(default_factory=list)
    states: list[SegmentState] = field(default_factory=list)

    def _answer(self, what: str, progress: Progress) -> bool:
        answer = self.answers.pop(0) if self.answers else True
        if isinstance(answer, Exception):
            raise answer
        self.written.append((what, progress))
        return bool(answer)

    def record(self, claim: Claim, progress: Progress) -> bool:
        return self._answer("record", progress)

    def finish(self, claim: Claim, state: SegmentState, progress: Progress) -> bool:
        self.states.append(state)
        return self._answer("finish", progress)

    def release(self, claim: Claim, lost: bool = False) -> bool:
        return self._answer("release", Progress())


@dataclass
class Lease:
    lost: threading.Event = field(default_factory=threading.Event)


@pytest.fixture
def claim() -> Claim:
    policy = stub_policy()
    return Claim("run", 0, 1, 1, compiled(chain(("a", "echo", {})), policy), "", policy, {}, {}, {})


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "BATCH", 0.0)
    monkeypatch.setattr(module, "RETRY", 0.0)


def steps(progress: Progress) -> list[str]:
    return [record.step for record in progress.steps]


A, B = StepRecord("a", StepState.DONE), StepRecord("in", StepState.DONE)


def test_a_batch_that_could_not_be_written_is_written_again_as_it_was(claim: Claim) -> None:
    store = Refusing([OSError("away")])
    history = History(store, claim, Lease())  # type: ignore[arg-type]  # as much of them as History uses
    history.add(A)
    assert history.write_when_due()
    history.add(B)
    assert history.write_when_due() and history.write_when_due()
    assert [steps(progress) for _, progress in store.written] == [["a"], ["in"]]


def test_the_end_of_a_segment_is_written_after_what_was_left(claim: Claim) -> None:
    store = Refusing([OSError("away"), OSError("away"), True, OSError("away")])
    history = History(store, claim, Lease())  # type: ignore[arg-type]  # as much of them as History uses
    history.add(A)
    history.write_when_due()
    history.add(B)
    history.finish(SegmentState.DONE)
    assert [(what, steps(progress)) for what, progress in store.written] == [
        ("record", ["a"]),
        ("finish", ["in"]),
    ]


def test_a_stale_fence_is_told(claim: Claim) -> None:
    history = History(Refusing([False]), claim, Lease())  # type: ignore[arg-type]  # as much of them as History uses
    history.add(A)
    assert not history.write_when_due()


def test_a_database_that_keeps_refusing_costs_the_lease_and_not_the_worker(claim: Claim) -> None:
    lease = Lease()
    history = History(Refusing([OSError("away")] * 200_000), claim, lease, patience=0.05)  # type: ignore[arg-type]  # as above
    history.add(A)
    history.finish(SegmentState.DONE)
    assert lease.lost.is_set()


def test_a_result_that_is_refused_fails_the_step_that_was_to_deliver_it(claim: Claim) -> None:
    store = Refusing([NotCleared("no")])
    history = History(store, claim, Lease())  # type: ignore[arg-type]  # as much of them as History uses
    history.add(StepRecord("out", StepState.DONE), results=[("answer", None)])  # type: ignore[list-item]  # never read
    history.finish(SegmentState.DONE)
    ((what, progress),) = store.written
    assert what == "finish" and store.states[-1] is SegmentState.FAILED
    assert progress.results == () and progress.steps[0].state is StepState.FAILED
    assert progress.steps[0].error is not None and progress.steps[0].error.code == "not_cleared"
