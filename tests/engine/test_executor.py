"""How the steps of a segment run: what they receive, when they are skipped or withheld, and how they fail."""

import logging

import pytest

from runtime.dispatch.states import StepState
from runtime.engine import executor
from runtime.engine.faults import LONGEST
from runtime.errors import Cancelled
from runtime.labels import Source
from runtime.ports import IMAGE
from runtime.values import Value
from tests.engine.segments import Bench, compiled
from tests.fixtures.runs import chain, drawing, stub_policy

DONE, SKIPPED, FAILED = StepState.DONE, StepState.SKIPPED, StepState.FAILED


def test_a_chain_hands_its_text_on_to_the_result(bench: Bench) -> None:
    told = bench.run(chain(("a", "echo", {}), ("b", "upper", {})), text="hello")
    assert told.results["answer"].data == "HELLO"
    assert set(told.states.values()) == {DONE}


def test_a_value_carries_the_sources_of_all_that_went_into_it(bench: Bench) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("au", "author", {}), ("m", "echo", {}), ("j", "join", {}),
        ("out", "output", {"name": "answer"}),
        edges="in.text>m.text m.text>j.texts au.text>j.texts j.text>out.text",
    )  # fmt: skip
    told = bench.run(graph, text="hello")
    assert told.results["answer"].data == "hello+authored"
    assert told.results["answer"].sources == {Source.USER, Source.MODEL, Source.AUTHOR}


def branching(way: str) -> dict[str, object]:
    return drawing(
        ("in", "input", {"name": "text"}), ("c", "choose", {"way": way}), ("u", "upper", {}), ("e", "echo", {}),
        ("out", "output", {"name": "answer"}),
        edges="in.text>c.value c.left>u.text c.right>e.text u.text>out.text e.text>out.text",
    )  # fmt: skip


@pytest.mark.parametrize(("way", "answer"), [("left", "HELLO"), ("right", "hello")])
def test_of_alternatives_the_one_that_arrived_is_taken_and_the_other_branch_is_skipped(
    bench: Bench, way: str, answer: str
) -> None:
    told = bench.run(branching(way), text="hello")
    assert told.results["answer"].data == answer
    assert told.states[{"left": "e", "right": "u"}[way]] is SKIPPED
    assert told.states["out"] is DONE


def test_collecting_leaves_out_what_was_pruned_and_keeps_the_order(bench: Bench) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("c", "choose", {"way": "left"}), ("a", "author", {"text": "first"}),
        ("j", "join", {}), ("out", "output", {"name": "answer"}),
        edges="a.text>j.texts c.right>j.texts c.left>j.texts in.text>c.value j.text>out.text",
    )  # fmt: skip
    assert bench.run(graph, text="last").results["answer"].data == "first+last"


def test_an_output_on_a_branch_not_taken_gives_no_result(bench: Bench) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("c", "choose", {"way": "right"}),
        ("one", "output", {"name": "one"}), ("two", "output", {"name": "two"}),
        edges="in.text>c.value c.left>one.text c.right>two.text",
    )  # fmt: skip
    told = bench.run(graph, text="hello")
    assert set(told.results) == {"two"}
    assert told.states["one"] is SKIPPED


def test_a_router_keeps_clearances_and_a_node_that_makes_bytes_loses_them(bench: Bench) -> None:
    plan = compiled(chain(("a", "upper", {})), bench.policy)
    told = bench.run_plan(plan, text="same")
    gate = next(step for step in plan.steps if step.gate)
    assert told.record("a").outputs["text"].clearances == frozenset()
    passed = told.record(gate.id).outputs["value"]
    assert {c.digest for c in passed.clearances} == {passed.digest}
    assert {c.rule for c in passed.clearances} == {"person-text"}


def test_steps_that_a_lost_attempt_had_finished_are_not_run_again(bench: Bench) -> None:
    graph = chain(("a", "echo", {}), ("b", "upper", {}))
    first = bench.run(graph, text="hello")
    services = bench.services()
    plan = compiled(graph, bench.policy)
    again = type(first)()
    done = {name: first.record(name) for name in ("in", "a")}
    claim = executor.Claim(
        run="run", segment=0, fence=2, attempt=2, plan=plan, mac="", policy=bench.policy, arguments={},
        values={executor.Ref(n, p): v for n, r in done.items() for p, v in r.outputs.items()},
        states=dict.fromkeys(done, DONE),
    )  # fmt: skip
    executor.run_segment(claim, services, again)
    assert "in" not in again.begun and "a" not in again.begun
    assert again.results["answer"].data == "HELLO"


@pytest.mark.parametrize(
    ("how", "code"),
    [("user", "stub_refused"), ("operator", "stub_broken"), ("bug", "node_error"), ("output", "node_error"), ("port", "node_error")],
)  # fmt: skip
def test_a_failure_ends_the_segment_with_its_own_code(bench: Bench, how: str, code: str) -> None:
    told = bench.run(chain(("a", "fail", {"how": how}), ("b", "upper", {})), text="hello")
    error = told.record("a").error
    assert error is not None and error.code == code and error.node == "a"


def test_what_a_node_says_of_itself_is_cut_where_nobody_reads_on(bench: Bench) -> None:
    told = bench.run(chain(("a", "fail", {"how": "endless"})), text="hello")
    record = told.record("a")
    assert record.error is not None and record.error.hint is not None
    assert record.error.message.en == "x" * LONGEST and record.error.hint.zh == "y" * LONGEST
    assert record.cost["device"] == "x" * LONGEST
    notes = [note["en"] for event in told.live_events if isinstance(note := event.data.get("note"), dict)]
    assert notes == ["x" * LONGEST]
    assert "b" not in told.states


def test_neither_the_failure_nor_the_log_of_a_bug_quotes_the_material(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG):
        told = bench.run(chain(("a", "fail", {"how": "bug"})), text="CANARY-7261")
    assert "CANARY-7261" not in caplog.text and "ValueError" in caplog.text
    assert "CANARY-7261" not in str(told.record("a").error)


def test_a_model_is_told_nothing_that_its_gate_has_not_cleared(bench: Bench) -> None:
    """The third lock holds when the first two are gone: the gate is cut out of the plan, and the node never runs."""
    graph = drawing(
        ("in", "input", {"name": "text"}), ("m", "ask", {}), ("out", "output", {"name": "answer"}),
        edges="in.text>m.prompt m.text>out.text",
    )  # fmt: skip
    plan = compiled(graph, bench.policy)
    told = bench.run_plan(without_gates(plan), text="hello")
    assert told.record("m").error.code == "not_cleared"
    assert "out" not in told.states and not told.results


def test_a_person_is_shown_nothing_that_its_gate_has_not_cleared(bench: Bench) -> None:
    told = bench.run_plan(without_gates(compiled(chain(("a", "echo", {})), bench.policy)), text="hello")
    assert told.record("out").error.code == "not_cleared"
    assert not told.results


def without_gates(plan: object) -> object:
    """The plan as a saboteur would leave it: every gate's input goes straight to what the gate fed."""
    from dataclasses import replace

    gates = {step.id: step for step in plan.steps if step.gate}
    steps = []
    for step in plan.steps:
        if step.gate:
            continue
        bindings = [
            b._replace(
                refs=tuple(
                    r
                    for ref in b.refs
                    for r in (gates[ref.step].bindings[0].refs if ref.step in gates else (ref,))
                ),
            )
            for b in step.bindings
        ]
        steps.append(step._replace(bindings=tuple(bindings)))
    segments = [replace(s, steps=tuple(name for name in s.steps if name not in gates)) for s in plan.segments]
    return replace(plan, steps=tuple(steps), segments=tuple(segments))


def test_a_request_to_stop_ends_the_running_step_as_cancelled(bench: Bench) -> None:
    looks = []

    def check() -> None:
        looks.append(1)
        if len(looks) > 3:
            raise Cancelled

    bench.check = check
    told = bench.run(chain(("a", "nap", {"seconds": 30}), ("b", "upper", {})), text="hello")
    assert told.states["a"] is StepState.CANCELLED
    assert "b" not in told.states


def test_a_node_that_stops_although_nobody_asked_has_failed(bench: Bench) -> None:
    from runtime.nodes.base import NodeType
    from runtime.nodes.registry import Registry
    from tests.packs_stub import NODE_TYPES

    def stops(context: object, **given: object) -> object:
        raise Cancelled

    echo = next(item for item in NODE_TYPES if item.spec.type == "stub.echo")
    rest = [item for item in NODE_TYPES if item is not echo]
    bench.registry = Registry([*rest, NodeType(echo.spec, stops)])
    told = bench.run(chain(("a", "echo", {})), text="hello")
    assert told.states["a"] is FAILED


def test_progress_and_cost_are_told(bench: Bench) -> None:
    told = bench.run(chain(("a", "echo", {}), ("b", "nap", {"seconds": 0.2})), text="hello")
    assert told.record("a").cost == {"device": "stub", "tokens": 5}
    assert told.live_events and {event.data["step"] for event in told.live_events} == {"b"}


def test_text_that_no_database_can_keep_is_mended_before_it_is_judged(bench: Bench) -> None:
    told = bench.run(chain(("a", "echo", {})), text="one\x00two\ud800three")
    assert told.results["answer"].data == "one\ufffdtwo\ufffdthree"


def picture_graph(colour: str) -> dict[str, object]:
    return drawing(
        ("in", "input", {"name": "text"}), ("p", "picture", {"colour": colour}), ("out", "show_image", {"name": "image"}),
        edges="in.text>p.text p.image>out.image",
    )  # fmt: skip


def test_a_picture_passes_its_gate_or_is_withheld(bench: Bench) -> None:
    shown = bench.run(picture_graph("green"), text="x").results["image"]
    assert isinstance(shown, Value) and shown.type == IMAGE
    told = bench.run(picture_graph("red"), text="x")
    assert told.states["out"] is StepState.WITHHELD and not told.results


def test_a_preview_is_a_blurred_thumbnail_and_only_where_the_policy_allows_it(bench: Bench) -> None:
    previews = list(bench.run(picture_graph("green"), text="x").live_events)
    assert [event.kind.value for event in previews] == ["step.preview"]
    assert previews[0].data["image"].startswith("data:image/png;base64,")
    bench.policy = stub_policy(previews="none")
    assert bench.run(picture_graph("green"), text="x").live_events == []
