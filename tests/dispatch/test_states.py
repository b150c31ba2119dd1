"""States: their edges lead nowhere else, and a run always ends."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from runtime.dispatch.states import (
    RUN_EDGES,
    RUN_ENDED,
    SEGMENT_EDGES,
    SEGMENT_ENDED,
    STEP_ENDED,
    RunState,
    SegmentState,
    StepState,
    doomed_segments,
    ready_segments,
    settle,
)
from runtime.plan import Binding, Plan, Ref, Segment, Step
from runtime.ports import TEXT
from runtime.words import Words


def plan_of(needs: list[set[int]]) -> Plan:
    segments = tuple(Segment(index, "cpu", (f"s{index}",), tuple(sorted(n))) for index, n in enumerate(needs))
    return Plan("", 1, "", (), segments, (), ())


def step_of(name: str, segment: int, *refs: str) -> Step:
    words = Words(name, name)
    binding = Binding("text", TEXT, tuple(Ref(ref, "text") for ref in refs))
    return Step(name, "stub", 1, words, name, {}, (binding,), (("text", TEXT),), "cpu", 1.0, segment=segment)


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    size = draw(st.integers(1, 8))
    return plan_of([draw(st.sets(st.integers(0, index - 1))) if index else set() for index in range(size)])


@given(plans(), st.data())
def test_whatever_happens_to_its_segments_every_plan_comes_to_an_end(plan: Plan, data: st.DataObject) -> None:
    states = {segment.index: SegmentState.PENDING for segment in plan.segments}
    for _ in range(len(states) + 1):
        for index in ready_segments(plan, states):
            states[index] = SegmentState.READY
        for index in doomed_segments(plan, states):
            states[index] = SegmentState.CANCELLED
        waiting = [index for index, state in states.items() if state is SegmentState.READY]
        if not waiting:
            break
        ended = data.draw(st.sampled_from(sorted(SEGMENT_ENDED)))
        states[data.draw(st.sampled_from(waiting))] = ended
    assert set(states.values()) <= SEGMENT_ENDED
    for segment in plan.segments:
        if states[segment.index] is SegmentState.DONE:
            assert all(states[need] is SegmentState.DONE for need in segment.needs)


def test_nothing_leaves_a_state_that_is_an_end() -> None:
    assert not RUN_ENDED & RUN_EDGES.keys()
    assert not SEGMENT_ENDED & SEGMENT_EDGES.keys()
    assert {StepState.PENDING, StepState.RUNNING, StepState.WAITING} == set(StepState) - STEP_ENDED


def test_what_waits_for_a_person_is_made_ready_or_cancelled_and_nothing_else() -> None:
    to_waiting = {state for state, edges in SEGMENT_EDGES.items() if SegmentState.WAITING in edges}
    assert to_waiting == {SegmentState.LEASED}
    assert SEGMENT_EDGES[SegmentState.WAITING] == {SegmentState.READY, SegmentState.CANCELLED}


def test_a_segment_that_asks_a_waiting_one_for_what_has_ended_alone_is_ready() -> None:
    """s1 and s2 hang on s0, which waits: s1 takes what has ended of it, s2 what has not."""
    plan = plan_of([set(), {0}, {0}])
    steps = tuple(
        step_of(name, number, *refs)
        for name, number, refs in [
            ("in", 0, ()),
            ("gate", 0, ()),
            ("s1", 1, ("in",)),
            ("s2", 2, ("in", "gate")),
        ]
    )
    plan = replace(plan, steps=steps)
    states = {0: SegmentState.WAITING, 1: SegmentState.PENDING, 2: SegmentState.PENDING}
    assert ready_segments(plan, states, {"in"}) == [1]
    assert ready_segments(plan, states, ()) == []
    assert ready_segments(plan, states | {0: SegmentState.LEASED}, {"in"}) == []
    assert ready_segments(plan, states | {0: SegmentState.DONE}) == [1, 2]


def test_a_run_ends_by_the_worst_that_happened() -> None:
    done, failed, withheld, skipped = StepState.DONE, StepState.FAILED, StepState.WITHHELD, StepState.SKIPPED
    assert settle({"a": done, "b": skipped}, {"a"}, cancelled=False) is RunState.SUCCEEDED
    assert settle({"a": withheld, "b": done}, {"a"}, cancelled=False) is RunState.BLOCKED
    assert settle({"a": withheld, "b": done}, {"b"}, cancelled=False) is RunState.SUCCEEDED
    assert settle({"a": withheld, "b": failed}, {"a"}, cancelled=False) is RunState.FAILED
    assert settle({"a": failed, "b": withheld}, {"a"}, cancelled=True) is RunState.CANCELLED
