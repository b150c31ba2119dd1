"""Gates that hold: what waits, what goes on, and what a ruling lets pass and what it does not."""

import re
from dataclasses import replace

import pytest

from runtime.dispatch.states import StepState
from runtime.plan import Step
from runtime.ports import IMAGE, TEXT, PortType
from runtime.safety.filters import Match
from runtime.safety.policy import Action, FilterUse
from runtime.safety.redaction import MARK
from runtime.safety.ruling import Cut, Decision, Held, Ruling, cut_out, may_cut, strictest
from runtime.values import AssetRef, Value
from tests.engine.segments import Bench, Told, compiled
from tests.fixtures.runs import chain, drawing, stub_policy
from tests.packs_stub.filters import declare, find

PLAIN = chain(("a", "echo", {}))
HOLDS = stub_policy(
    FilterUse("stub.secrets", Action.REDACT), FilterUse("stub.words", Action.HOLD), FilterUse("stub.weak", Action.BLOCK)
)  # fmt: skip
TEXT_IN = "a forbidden key-1234 thing"
SEEN = f"a forbidden {MARK} thing"


@pytest.fixture
def bench(bench: Bench) -> Bench:
    bench.policy = HOLDS
    return bench


def gate(bench: Bench) -> Step:
    return next(step for step in compiled(PLAIN, bench.policy).steps if step.gate)


def ruling(bench: Bench, decision: Decision, *cuts: Cut, text: str = SEEN) -> Ruling:
    found = gate(bench).gate
    assert found is not None
    return Ruling(decision, Value(TEXT, text).digest, found.rules, bench.policy.digest, cuts)


def resumed(bench: Bench, given: Ruling) -> Told:
    """The second attempt: the gate waits, and somebody has decided."""
    bench.rulings = {gate(bench).id: given}
    return bench.run(PLAIN, states={gate(bench).id: StepState.WAITING}, text=TEXT_IN)


def test_a_held_value_waits_with_what_a_reviewer_must_see_and_nothing_of_it_goes_on(bench: Bench) -> None:
    told = bench.run(PLAIN, text=TEXT_IN)
    record = told.record(gate(bench).id)
    assert record.state is StepState.WAITING and not record.outputs
    assert record.held is not None
    assert record.held.value.data == SEEN, "what redactors take out a reviewer need not see"
    (spot,) = record.held.spots
    assert SEEN[spot.start : spot.end] == "forbidden" and spot.filter == "stub.words"
    assert "out" not in told.states and not told.results
    assert {event.data["action"] for event in told.events} == {"redact", "hold"}


def test_what_also_meets_a_block_is_withheld_and_waits_for_nobody(bench: Bench) -> None:
    bench.policy = stub_policy(
        FilterUse("stub.words", Action.HOLD), FilterUse("stub.weak", Action.BLOCK, 0.1)
    )
    told = bench.run(PLAIN, text=TEXT_IN)
    assert told.states[gate(bench).id] is told.states["out"] is StepState.WITHHELD


def test_steps_that_do_not_hang_on_the_gate_go_on(bench: Bench) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("a", "echo", {}), ("out", "output", {"name": "answer"}), ("w", "author", {}),
        ("free", "output", {"name": "free"}),
        edges="in.text>a.text a.text>out.text w.text>free.text",
    )  # fmt: skip
    told = bench.run(graph, text="a forbidden thing")
    assert "free" in told.results and "answer" not in told.results


@pytest.mark.parametrize(
    ("decision", "cuts", "delivered"),
    [
        (Decision.ALLOW, (), SEEN),
        (Decision.REDACT, (Cut(None, 2, 11),), f"a {MARK} {MARK} thing"),
        (Decision.REDACT, (Cut(),), MARK),
        (Decision.BLOCK, (), None),
    ],
)
def test_a_ruling_decides_what_passes(
    bench: Bench, decision: Decision, cuts: tuple[Cut, ...], delivered: str | None
) -> None:
    told = resumed(bench, ruling(bench, decision, *cuts))
    if delivered is None:
        assert told.states["out"] is StepState.WITHHELD and not told.results
        return
    value = told.results["answer"]
    assert value.data == delivered
    assert {c.digest for c in value.clearances} == {value.digest}, "the clearance is for these bytes"
    assert {c.policy for c in value.clearances} == {bench.policy.digest}
    assert not told.events, "what was found was told when it began to wait"


@pytest.mark.parametrize("what", ["digest", "policy", "rules"])
def test_a_ruling_about_other_bytes_other_rules_or_another_policy_lets_nothing_pass(
    bench: Bench, what: str
) -> None:
    given = ruling(bench, Decision.ALLOW)
    told = resumed(bench, replace(given, **{what: ("other",) if what == "rules" else "0" * 64}))
    assert told.states[gate(bench).id] is StepState.WAITING and not told.results


def test_what_a_person_cut_is_judged_once_more_and_a_block_still_counts(bench: Bench) -> None:
    """A cut can join what stood apart: the chain sees the bytes that would be delivered."""
    bench.filters["stub.weak"] = declare("weak", find(re.compile(f"a {MARK}")))
    told = resumed(bench, ruling(bench, Decision.REDACT, Cut(None, 2, 11)))
    assert told.states["out"] is StepState.WITHHELD
    assert [event.data["action"] for event in told.events] == ["block"]


def test_a_filter_that_has_come_to_block_these_bytes_counts_more_than_the_ruling(bench: Bench) -> None:
    bench.filters["stub.weak"] = declare("weak", lambda data, services: [Match("stub", 1.0, 0, 1)])
    told = resumed(bench, ruling(bench, Decision.ALLOW))
    assert told.states["out"] is StepState.WITHHELD


def test_a_gate_whose_filter_is_gone_by_the_time_of_the_decision_lets_nothing_pass(bench: Bench) -> None:
    del bench.filters["stub.words"]
    told = resumed(bench, ruling(bench, Decision.ALLOW))
    assert told.states[gate(bench).id] is StepState.FAILED and not told.results


def test_a_text_that_may_be_held_is_not_shown_while_it_grows(bench: Bench) -> None:
    graph = chain(("a", "stream", {"piece": 7}))
    told = bench.run(graph, text="harmless words, and many of them. " * 20)
    assert "answer" in told.results and not told.partials
    bench.policy = stub_policy(FilterUse("stub.words", Action.BLOCK))
    assert bench.run(graph, text="harmless words, and many of them. " * 20).partials


MANY = PortType(TEXT.kind, many=True)
PICTURES = PortType(IMAGE.kind, many=True)
PICTURE = AssetRef("a" * 64, "image/png", 3)


@pytest.mark.parametrize(
    ("value", "cuts", "fits"),
    [
        (Value(TEXT, "abc"), [Cut(None, 0, 3)], True),
        (Value(TEXT, "abc"), [Cut()], True),
        (Value(TEXT, "abc"), [], False),
        (Value(TEXT, "abc"), [Cut(None, 0, 4)], False),
        (Value(TEXT, "abc"), [Cut(None, 2, 2)], False),
        (Value(TEXT, "abc"), [Cut(None, -1, 2)], False),
        (Value(TEXT, "abc"), [Cut(None, 1, None)], False),
        (Value(TEXT, "abc"), [Cut(0, 0, 1)], False),
        (Value(MANY, ["ab", "cd"]), [Cut(0), Cut(1, 0, 1)], True),
        (Value(MANY, ["ab", "cd"]), [Cut(0), Cut(1)], False),
        (Value(MANY, ["ab", "cd"]), [Cut(2)], False),
        (Value(MANY, ["ab", "cd"]), [Cut(None, 0, 1)], False),
        (Value(IMAGE, PICTURE), [Cut()], False),
        (Value(PICTURES, [PICTURE, PICTURE]), [Cut(1)], True),
        (Value(PICTURES, [PICTURE, PICTURE]), [Cut(1, 0, 1)], False),
    ],
)
def test_a_cut_must_name_something_that_is_there_and_leave_something(
    value: Value, cuts: list[Cut], fits: bool
) -> None:
    assert may_cut(value, cuts) is fits


def test_items_and_spans_of_a_list_are_taken_out() -> None:
    assert cut_out(MANY, ["one", "two", "three"], [Cut(0), Cut(2, 0, 2)]) == ["two", f"{MARK}ree"]


def test_of_several_opinions_the_strictest_counts_and_all_cuts_are_made() -> None:
    allow, block = (Decision.ALLOW, ()), (Decision.BLOCK, ())
    one, other = (Decision.REDACT, (Cut(None, 0, 1),)), (Decision.REDACT, (Cut(None, 4, 5),))
    assert strictest([allow, one, other]) == (Decision.REDACT, (Cut(None, 0, 1), Cut(None, 4, 5)))
    assert strictest([allow, block, one]) == (Decision.BLOCK, ())
    assert strictest([allow, allow]) == (Decision.ALLOW, ())


def test_what_is_held_and_what_is_ruled_come_back_from_json_as_they_were(bench: Bench) -> None:
    held = bench.run(PLAIN, text=TEXT_IN).record(gate(bench).id).held
    assert held is not None and Held.from_json(held.to_json()) == held
    given = ruling(bench, Decision.REDACT, Cut(None, 2, 11), Cut(1))
    assert Ruling.from_json(given.to_json()) == given
