"""Steps that ask a person: what is shown passes a gate, nothing runs before the answer, and the answer is a user's."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runtime.compiler.compile import compile_graph
from runtime.dispatch.states import StepState
from runtime.dispatch.store import Pause, WaitsFor
from runtime.engine.ask import LONGEST
from runtime.engine.faults import failure_of
from runtime.graph.calls import Call, Callee, Library
from runtime.graph.parse import parse_graph
from runtime.labels import Source
from runtime.nodes.registry import Registry
from runtime.nodes.spec import Asks, NodeSpec
from runtime.packs.control import NODE_TYPES as CONTROL
from runtime.packs.control.control_ask import SPEC
from runtime.plan import Plan
from runtime.safety.deliver import NotCleared
from runtime.safety.verify import verify
from tests.engine.segments import Bench, Told, compiled
from tests.fixtures.runs import chain, drawing, failing, stub_policy
from tests.packs_stub import NODE_TYPES

REGISTRY = Registry([*NODE_TYPES, *CONTROL])
WAITING = {"w": StepState.WAITING}


def drawn(kind: str, **params: Any) -> dict[str, Any]:
    """What comes in is asked about; what an approval lets go on, or was answered, is told to a model and shown."""
    port = "yes" if kind == "approve" else "answer"
    graph = drawing(
        ("in", "input", {"name": "text"}), ("w", "echo", params), ("b", "upper", {}), ("out", "output", {"name": "answer"}),
        ("no", "output", {"name": "turned_down"}),
        edges=f"in.text>w.value w.{port}>b.text b.text>out.text" + (" w.no>no.text" if kind == "approve" else ""),
    )  # fmt: skip
    next(node for node in graph["nodes"] if node["id"] == "w")["type"] = f"control.{kind}"
    if kind == "ask":
        graph["nodes"] = [node for node in graph["nodes"] if node["id"] != "no"]
    return graph


def plan_of(graph: dict[str, Any]) -> Plan:
    plan = compiled(graph, stub_policy(), REGISTRY)
    assert verify(plan, stub_policy(), REGISTRY) == ()
    return plan


def run(
    folder: Path, graph: dict[str, Any], states: dict[str, StepState] | None = None, text: str = "hello", **given: Any
) -> Told:  # fmt: skip
    return Bench(folder, registry=REGISTRY, **given).run_plan(plan_of(graph), states, text=text)


@pytest.mark.parametrize("kind", ["approve", "ask"])
def test_it_waits_for_a_person_who_sees_what_its_gates_let_through(tmp_path: Path, kind: str) -> None:
    graph = drawn(kind, question="May key-1234 go on?", limit=90)
    told = run(tmp_path, graph, text="hello key-12345")
    record = told.record("w")
    assert (record.state, record.pause) == (StepState.WAITING, Pause(WaitsFor.ANSWER, 90))
    assert record.asked is not None and set(record.asked) == {"value", "question"}
    for value in record.asked.values():
        assert value.clearances and "key-" not in str(value.data)
    assert "b" not in told.states and told.results == {}


def test_without_a_limit_it_waits_as_long_as_anything_may(tmp_path: Path) -> None:
    assert run(tmp_path, drawn("ask")).record("w").pause == Pause(WaitsFor.ANSWER, LONGEST)


@pytest.mark.parametrize(("said", "shown"), [("yes", {"answer": "HELLO"}), ("no", {"turned_down": "hello"})])
def test_what_was_seen_goes_one_way_and_the_other_does_not_run(
    tmp_path: Path, said: str, shown: dict[str, str]
) -> None:
    told = run(tmp_path, drawn("approve"), WAITING, answers={"w": said})
    assert {name: value.data for name, value in told.results.items()} == shown
    skipped = "no" if said == "yes" else "b"
    assert told.states[skipped] is StepState.SKIPPED


@pytest.mark.parametrize("said", ["", "Yes", "yes ", "perhaps"])
def test_nothing_but_a_yes_is_a_yes(tmp_path: Path, said: str) -> None:
    told = run(tmp_path, drawn("approve"), WAITING, answers={"w": said})
    assert set(told.record("w").outputs) == {"no"}


def test_what_was_answered_is_what_a_user_wrote_and_meets_the_gates(tmp_path: Path) -> None:
    told = run(tmp_path, drawn("ask"), WAITING, answers={"w": "well"})
    answer = told.record("w").outputs["answer"]
    assert (answer.data, Source.USER in answer.sources, answer.clearances) == ("well", True, frozenset())
    assert told.results["answer"].data == "WELL"
    bad = run(tmp_path, drawn("ask"), WAITING, answers={"w": "this is forbidden"})
    assert bad.results == {} and StepState.WITHHELD in bad.states.values()


def test_what_a_gate_withholds_is_asked_about_by_nobody(tmp_path: Path) -> None:
    told = run(tmp_path, drawn("approve"), text="this is forbidden")
    assert told.states["w"] is StepState.WITHHELD and told.record("w").asked is None


def test_a_question_that_a_gate_withholds_is_asked_by_nobody(tmp_path: Path) -> None:
    told = run(tmp_path, drawn("ask", question="Is it forbidden?"))
    assert told.states["w"] is StepState.WITHHELD and told.record("w").asked is None


def test_still_unanswered_it_says_nothing_again(tmp_path: Path) -> None:
    told = run(tmp_path, drawn("ask"), WAITING)
    assert "w" not in told.states and "w" not in told.begun


def test_when_the_time_is_over_it_fails_in_words(tmp_path: Path) -> None:
    for graph in (drawn("ask", limit=60), drawn("approve", limit=60)):
        record = run(tmp_path, graph, WAITING, due=frozenset({"w"})).record("w")
        assert record.state is StepState.FAILED and record.error is not None
        assert record.error.code == "not_answered" and record.error.node == "w"


def test_when_the_time_is_over_it_counts_as_the_no_that_its_author_wrote_down(tmp_path: Path) -> None:
    told = run(tmp_path, drawn("approve", limit=60, late="no"), WAITING, due=frozenset({"w"}))
    assert {name: value.data for name, value in told.results.items()} == {"turned_down": "hello"}


def test_an_answer_that_was_taken_counts_though_its_moment_has_come(tmp_path: Path) -> None:
    told = run(tmp_path, drawn("approve", late="no"), WAITING, due=frozenset({"w"}), answers={"w": "yes"})
    assert "answer" in told.results


def test_an_answer_written_down_beforehand_is_its_author_s(tmp_path: Path) -> None:
    graph = failing(drawn("ask", limit=60), w={"do": "default", "values": {"answer": "as always"}})
    told = run(tmp_path, graph, WAITING, due=frozenset({"w"}))
    assert told.results["answer"].data == "AS ALWAYS"
    assert told.record("w").outputs["answer"].sources == {Source.AUTHOR}


def test_what_lacks_its_clearance_is_shown_to_nobody(tmp_path: Path) -> None:
    """A plan whose gate was taken out: the worker that is made to run it asks nobody."""
    plan = plan_of(drawn("approve"))
    cut = replace(
        plan,
        steps=tuple(
            step._replace(
                bindings=tuple(
                    b._replace(refs=plan.step(b.refs[0].step).bindings[0].refs)
                    if b.port == "value" and b.refs[0].step.startswith("gate:")
                    else b
                    for b in step.bindings
                )
            )
            if step.id == "w"
            else step
            for step in plan.steps
        ),
    )
    assert verify(cut, stub_policy(), REGISTRY) != ()
    record = Bench(tmp_path, registry=REGISTRY).run_plan(cut, text="hello").record("w")
    assert (record.state, record.asked) == (StepState.FAILED, None)
    assert record.error == failure_of(NotCleared(""), "w")


def test_a_plan_that_shows_what_is_asked_as_a_result_is_refused() -> None:
    plan = plan_of(drawn("approve"))
    shown = replace(plan, results=(replace(plan.results[0], step="w", port="value"),))
    assert any("not what a person sees" in found for found in verify(shown, stub_policy(), REGISTRY))


@pytest.mark.parametrize(
    ("asks", "reason"),
    [(Asks("none", "limit"), "no question"), (Asks("limit", "limit"), "no question"),
     (Asks("question", "question"), "no duration"), (Asks("question", "limit", late="none"), "says nothing")],
)  # fmt: skip
def test_a_spec_that_asks_says_what_and_how_long(asks: Asks, reason: str) -> None:
    fields = {name: getattr(SPEC, name) for name in NodeSpec.__slots__ if name != "told"}
    with pytest.raises(ValueError, match=reason):
        NodeSpec(**fields | {"asks": asks})


CALL = Call("00000000-0000-7000-8000-000000000001", 1)


def inner(kind: str = "ask") -> dict[str, Any]:
    """What is called: it asks about what is handed in, and gives what is answered, or approved."""
    port = "yes" if kind == "approve" else "answer"
    graph = chain(("w", "echo", {}), between={"w": ("value", port)})
    next(node for node in graph["nodes"] if node["id"] == "w")["type"] = f"control.{kind}"
    graph["nodes"][-1]["params"] = {"name": "text"}
    return graph


def nested(graph: dict[str, Any], called: dict[str, Any]) -> Plan:
    drawn, _ = parse_graph(graph)
    within, _ = parse_graph(called)
    assert drawn is not None and within is not None
    result = compile_graph(drawn, stub_policy(), REGISTRY, library=Library({CALL: Callee(within, "inner")}))
    assert result.plan is not None, [issue.message.en for issue in result.issues]
    assert verify(result.plan, stub_policy(), REGISTRY) == ()
    return result.plan


def waiting(told: Told) -> dict[str, str]:
    """The steps that ask, each with what it asks about."""
    return {record.step: record.asked["value"].data for record in told.records if record.asked}


@pytest.mark.parametrize("kind", ["ask", "approve"])
def test_inside_of_a_call_it_asks_and_is_no_port_of_it(tmp_path: Path, kind: str) -> None:
    graph = chain(("c", "call", {"workflow": str(CALL)}), between={"c": ("in", "out")})
    plan = nested(graph, inner(kind))
    assert [result.name for result in plan.results] == ["answer"]
    bench = Bench(tmp_path, registry=REGISTRY)
    assert waiting(bench.run_plan(plan, text="hello")) == {"c/w": "hello"}
    bench.answers = {"c/w": "yes"}
    told = bench.run_plan(plan, {"c/w": StepState.WAITING}, text="hello")
    assert told.results["answer"].data == ("hello" if kind == "approve" else "yes")


def test_in_a_loop_each_round_asks_about_what_the_one_before_gave(tmp_path: Path) -> None:
    graph = chain(("c", "loop", {"workflow": str(CALL), "times": 3}), between={"c": ("in", "out")})
    plan, bench = nested(graph, inner()), Bench(tmp_path, registry=REGISTRY)
    said = ["one", "two", "three"]
    for number, before in enumerate(["hello", "one", "two"], start=1):
        told = bench.run_plan(plan, text="hello")
        assert waiting(told) == {f"c/{number}/w": before}
        bench.answers[f"c/{number}/w"] = said[number - 1]
    assert bench.run_plan(plan, text="hello").results["answer"].data == "three"


def test_for_each_item_of_a_list_there_is_a_question_of_its_own(tmp_path: Path) -> None:
    graph = chain(
        ("s", "split", {}), ("c", "map", {"workflow": str(CALL), "times": 3}), ("j", "join", {}),
        between={"s": ("text", "texts"), "c": ("in", "out"), "j": ("texts", "text")},
    )  # fmt: skip
    plan, bench = nested(graph, inner()), Bench(tmp_path, registry=REGISTRY)
    asked = waiting(bench.run_plan(plan, text="a\nb"))
    assert {step: about.strip() for step, about in asked.items()} == {"c/1/w": "a", "c/2/w": "b"}
    bench.answers = {"c/2/w": "second"}
    assert waiting(bench.run_plan(plan, text="a\nb")).keys() == {"c/1/w"}
    bench.answers["c/1/w"] = "first"
    joined = bench.run_plan(plan, text="a\nb").results["answer"].data
    assert joined.index("first") < joined.index("second")


def test_a_question_to_which_nothing_of_a_round_leads_is_asked_once(tmp_path: Path) -> None:
    called = drawing(
        ("in", "input", {"name": "text"}), ("w", "echo", {"question": "Which?"}), ("j", "join", {}), ("out", "output", {"name": "text"}),
        edges="in.text>j.texts w.answer>j.texts j.text>out.text",
    )  # fmt: skip
    next(node for node in called["nodes"] if node["id"] == "w")["type"] = "control.ask"
    graph = chain(("c", "loop", {"workflow": str(CALL), "times": 2}), between={"c": ("in", "out")})
    told = Bench(tmp_path, registry=REGISTRY).run_plan(nested(graph, called), text="hello")
    assert [record.step for record in told.records if record.asked] == ["c/1/w"]


@pytest.mark.parametrize("way", ["left", "right"])
def test_nobody_is_asked_about_what_never_comes(tmp_path: Path, way: str) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("c", "choose", {"way": way}), ("w", "echo", {}), ("out", "output", {"name": "answer"}),
        edges="in.text>c.value c.left>w.value w.answer>out.text c.right>out.text",
    )  # fmt: skip
    next(node for node in graph["nodes"] if node["id"] == "w")["type"] = "control.ask"
    told = run(tmp_path, graph)
    if way == "left":
        assert waiting(told) == {"w": "hello"}
    else:
        assert told.states["w"] is StepState.SKIPPED and told.results["answer"].data == "hello"


def test_a_question_that_leads_nowhere_is_not_asked(tmp_path: Path) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("w", "echo", {}), ("out", "output", {"name": "answer"}),
        edges="in.text>w.value in.text>out.text",
    )  # fmt: skip
    next(node for node in graph["nodes"] if node["id"] == "w")["type"] = "control.approve"
    plan = plan_of(graph)
    assert "w" not in {step.id for step in plan.steps}


def test_a_drawing_that_only_asks_shows_nobody_anything() -> None:
    graph = drawing(("in", "input", {"name": "text"}), ("w", "echo", {}), edges="in.text>w.value")
    next(node for node in graph["nodes"] if node["id"] == "w")["type"] = "control.approve"
    parsed, _ = parse_graph(graph)
    assert parsed is not None
    assert "no_output" in {issue.code for issue in compile_graph(parsed, stub_policy(), REGISTRY).issues}


def test_what_the_policy_says_nothing_of_is_asked_about_by_nobody() -> None:
    silent = stub_policy()
    silent = replace(silent, rules=tuple(rule for rule in silent.rules if rule.id != "person-image"))
    graph = drawing(
        ("in", "input", {"name": "text"}), ("p", "picture", {}), ("w", "echo", {}), ("out", "output", {"name": "answer"}),
        edges="in.text>p.text p.image>w.value w.answer>out.text",
    )  # fmt: skip
    next(node for node in graph["nodes"] if node["id"] == "w")["type"] = "control.ask"
    parsed, _ = parse_graph(graph)
    assert parsed is not None
    result = compile_graph(parsed, silent, REGISTRY)
    assert result.plan is None and {issue.code for issue in result.issues} == {"policy_gap"}
