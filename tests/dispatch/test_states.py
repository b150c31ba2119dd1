"""States: their edges lead nowhere else, and a run always ends."""

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
from runtime.plan import Plan, Segment


def plan_of(needs: list[set[int]]) -> Plan:
    segments = tuple(Segment(index, "cpu", (f"s{index}",), tuple(sorted(n))) for index, n in enumerate(needs))
    return Plan("", 1, "", (), segments, (), ())


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
    assert {StepState.PENDING, StepState.RUNNING} == set(StepState) - STEP_ENDED


def test_a_run_ends_by_the_worst_that_happened() -> None:
    done, failed, withheld, skipped = StepState.DONE, StepState.FAILED, StepState.WITHHELD, StepState.SKIPPED
    assert settle({"a": done, "b": skipped}, {"a"}, cancelled=False) is RunState.SUCCEEDED
    assert settle({"a": withheld, "b": done}, {"a"}, cancelled=False) is RunState.BLOCKED
    assert settle({"a": withheld, "b": done}, {"b"}, cancelled=False) is RunState.SUCCEEDED
    assert settle({"a": withheld, "b": failed}, {"a"}, cancelled=False) is RunState.FAILED
    assert settle({"a": failed, "b": withheld}, {"a"}, cancelled=True) is RunState.CANCELLED
