"""The pipe's JSON gives back exactly what was put in."""

import json
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.dispatch import wire
from runtime.dispatch.states import StepState
from runtime.dispatch.store import Claim, Failure, Pause, StepRecord, WaitsFor
from runtime.events import Event, EventKind
from runtime.labels import Clearance, Source
from runtime.plan import Ref
from runtime.ports import IMAGE, NUMBER, TEXT, Kind, PortType
from runtime.values import AssetRef, Value
from runtime.words import Words
from tests.engine.segments import compiled
from tests.fixtures.runs import chain, stub_policy

TEXT_DATA = st.text(max_size=30)
ASSET = AssetRef("a" * 64, "image/png", 3, 4, 5)
VALUES = st.builds(
    Value,
    st.just(TEXT),
    TEXT_DATA,
    st.frozensets(st.sampled_from(list(Source))),
    st.frozensets(st.builds(Clearance, TEXT_DATA, TEXT_DATA, TEXT_DATA), max_size=3),
) | st.sampled_from(
    [
        Value(IMAGE, ASSET),
        Value(PortType(Kind.IMAGE, many=True), [ASSET, ASSET]),
        Value(NUMBER, 1.5),
        Value(TEXT, "\ud800"),
    ]
)
WORDS = st.builds(Words, TEXT_DATA, TEXT_DATA)
FAILURES = st.builds(Failure, TEXT_DATA, WORDS, st.none() | WORDS, st.none() | TEXT_DATA)
RECORDS = st.builds(
    StepRecord,
    TEXT_DATA,
    st.sampled_from(list(StepState)),
    st.none() | st.floats(0, 1e6),
    st.dictionaries(TEXT_DATA, VALUES, max_size=3),
    st.none() | st.dictionaries(TEXT_DATA, st.integers(), min_size=1, max_size=3),
    st.none() | FAILURES,
    st.none(),
    st.none()
    | st.builds(
        Pause,
        st.sampled_from(list(WaitsFor)),
        st.none() | st.floats(0, 1e6),
        st.none() | st.integers(),
        st.none(),
    ),
    asked=st.none() | st.dictionaries(TEXT_DATA, VALUES, max_size=2),
)


def through_json(data: object) -> object:
    return json.loads(json.dumps(data))


@settings(suppress_health_check=[HealthCheck.too_slow])  # that says how busy the machine is
@given(RECORDS)
def test_a_record_comes_back_as_it_was(record: StepRecord) -> None:
    assert wire.record_from_json(through_json(wire.record_to_json(record))) == record


@given(st.dictionaries(TEXT_DATA, VALUES, max_size=3), st.lists(VALUES, max_size=3))
def test_a_claim_comes_back_as_it_was(arguments: dict[str, Value], values: list[Value]) -> None:
    policy = stub_policy()
    plan = compiled(chain(("a", "echo", {})), policy)
    known = {Ref(f"s{number}", "text"): value for number, value in enumerate(values)}
    claim = Claim("run", 0, 3, 2, plan, "mac", policy, arguments, known, {"in": StepState.DONE})
    claim = replace(claim, due=frozenset({"a"}), failed={"a": 2}, answers={"a": "well"})
    ours, theirs = wire.Known(), wire.Known()
    for _ in range(2):  # the second time without what went over already
        sent = through_json(wire.claim_to_json(claim, ours))
        assert wire.claim_from_json(sent, theirs) == claim
    assert sent["plan"] is sent["policy"] is None


def test_a_claim_whose_plan_was_left_out_is_refused_by_who_does_not_have_it() -> None:
    policy = stub_policy()
    claim = Claim("run", 0, 3, 2, compiled(chain(("a", "echo", {})), policy), "mac", policy, {}, {}, {})
    ours = wire.Known()
    wire.claim_to_json(claim, ours)
    with pytest.raises(ValueError, match="without its plan"):
        wire.claim_from_json(through_json(wire.claim_to_json(claim, ours)), wire.Known())


@given(st.lists(st.tuples(TEXT_DATA, VALUES), max_size=3))
def test_results_come_back_as_they_were(results: list[tuple[str, Value]]) -> None:
    assert wire.results_from_json(through_json(wire.results_to_json(results))) == results


def test_an_event_comes_back_as_it_was() -> None:
    event = Event(EventKind.GATE_FINDING, {"step": "x", "score": 0.5})
    assert wire.event_from_json(through_json(wire.event_to_json(event))) == event
