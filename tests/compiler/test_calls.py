"""Calls: the drawing of a published workflow in the place of the node that calls it, before labels and gates."""

from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings

from runtime.compiler.compile import Compiled, compile_graph
from runtime.compiler.inlined import LONGEST_NAME
from runtime.compiler.interface import interface_of
from runtime.compiler.passes.inline import MAX_DEPTH, MAX_EXPANDED
from runtime.compiler.view import view_plan
from runtime.graph.calls import Call, Callee, Library
from runtime.graph.model import Graph
from runtime.labels import Source
from runtime.nodes.registry import Registry
from runtime.nodes.spec import Param, ParamKind, Purpose, Reach
from runtime.plan import Plan, Ref
from runtime.ports import NUMBER, TEXT
from runtime.safety.policy import default_policy
from runtime.safety.verify import verify
from tests.compiler.drawing import draw
from tests.compiler.nodes import NAME, REGISTRY, make, out, words
from tests.compiler.random_graphs import CALLS, nested
from tests.safety.canary import escaped

POLICY = default_policy()
DEFAULT = Param("default", ParamKind.MULTILINE, words("default"), Reach.GIVEN, default="")
WITH_DEFAULT = Registry(
    [
        *REGISTRY,
        make("in.written", outputs=(out("text", TEXT, Source.USER),), params=(NAME, DEFAULT), purpose=Purpose.INPUTS),
        make("in.pair", outputs=(out("a", TEXT, Source.USER), out("b", NUMBER, Source.USER)), purpose=Purpose.INPUTS),
    ]
)  # fmt: skip


def call(number: int, version: int = 1) -> Call:
    return Call(f"00000000-0000-7000-8000-{number:012d}", version)


def calling(*callees: Call, **more: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {f"w{number}": {"workflow": str(item)} for number, item in enumerate(callees)} | more


def library(*graphs: Graph, caller: str = "") -> Library:
    return Library({call(n): Callee(graph, f"Workflow {n}") for n, graph in enumerate(graphs)}, caller)


ASK = draw("i:in.text m:llm.ask o:out.text", "i.text>m.prompt m.text>o.text")
OUTER = ("a:in.text w0:call.it o:out.text", "a.text>w0.i w0.o>o.text")


def compiled(graph: Graph, known: Library, registry: Registry = REGISTRY) -> Compiled:
    return compile_graph(graph, POLICY, registry, library=known)


def plan_of(graph: Graph, known: Library, registry: Registry = REGISTRY) -> Plan:
    result = compiled(graph, known, registry)
    assert result.plan is not None, result.issues
    assert verify(result.plan, POLICY, registry) == ()
    assert escaped(result.plan, POLICY, registry) == []
    return result.plan


def codes(
    graph: Graph, known: Library, registry: Registry = REGISTRY
) -> list[tuple[str, str | None, str | None]]:
    result = compiled(graph, known, registry)
    assert result.plan is None
    return [(issue.code, issue.node, issue.port) for issue in result.issues if issue.severity == "error"]


def test_what_is_called_stands_in_the_place_of_the_node_and_is_gated_there() -> None:
    plan = plan_of(draw(*OUTER, calling(call(0))), library(ASK))
    steps = {step.id: step for step in plan.steps if not step.gate}
    assert list(steps) == ["a", "w0/i", "w0/m", "w0/o", "o"]
    assert {step.node for name, step in steps.items() if "/" in name} == {"w0"}
    assert steps["w0/m"].title.en == "Workflow 0 › llm.ask"
    gates = [(step.gate.rules, step.bindings[0].refs) for step in plan.steps if step.gate]
    assert gates == [(("model-text",), (Ref("w0/i", "value"),)), (("person-text",), (Ref("w0/o", "value"),))]


def test_its_own_inputs_and_outputs_are_none_of_the_run() -> None:
    plan = plan_of(draw(*OUTER, calling(call(0))), library(ASK))
    assert [item.node for item in plan.arguments] == ["a"]
    assert [item.node for item in plan.results] == ["o"]


def test_one_workflow_called_twice_is_there_twice() -> None:
    nodes, edges = "a:in.text w0:call.it w1:call.it o:out.text", "a.text>w0.i w0.o>w1.i w1.o>o.text"
    plan = plan_of(draw(nodes, edges, calling(call(0), call(0))), library(ASK))
    assert {"w0/m", "w1/m"} <= {step.id for step in plan.steps}


def test_the_gate_behind_a_call_is_drawn_on_the_wire_that_leaves_it() -> None:
    plan = plan_of(draw(*OUTER, calling(call(0))), library(ASK))
    view = view_plan(plan, POLICY, {}, REGISTRY)
    last = view["gates"][-1]
    assert last["sources"] == [{"node": "w0", "port": "o"}]
    assert last["targets"] == [{"node": "o", "port": "text"}]


def test_where_nothing_is_connected_the_words_of_its_author_stand() -> None:
    inner = draw(
        "i:in.written m:llm.ask o:out.text", "i.text>m.prompt m.text>o.text", {"i": {"default": "Sing."}}
    )
    graph = draw("w0:call.it o:out.text", "w0.o>o.text", calling(call(0)))
    plan = plan_of(graph, library(inner), WITH_DEFAULT)
    step = plan.step("w0/i")
    assert (step.type, step.params) == ("fixed.text", {"value": "Sing."})
    assert [item.rules for item in (s.gate for s in plan.steps) if item] == [("person-text",)], (
        "an author may say it"
    )
    fed = plan_of(draw(*OUTER, calling(call(0))), library(inner), WITH_DEFAULT)
    assert fed.step("w0/i").type == "relay.text"


def test_what_does_not_fit_a_port_is_told_at_the_node_that_calls() -> None:
    known = library(ASK)
    picture = draw("a:in.image w0:call.it o:out.text", "a.image>w0.i w0.o>o.text", calling(call(0)))
    assert codes(picture, known) == [("type_mismatch", "w0", "i")]
    alone = draw("w0:call.it o:out.text", "w0.o>o.text", calling(call(0)))
    assert codes(alone, known) == [("input_missing", "w0", "i")]
    nowhere = draw("a:in.text w0:call.it o:out.text", "a.text>w0.i w0.m>o.text", calling(call(0)))
    assert ("port_unknown", "w0", "m") in codes(nowhere, known)


def test_what_is_wrong_inside_is_told_at_the_node_that_calls() -> None:
    broken = draw("i:in.text m:llm.gone o:out.text", "i.text>m.prompt i.text>o.text")
    result = compiled(draw(*OUTER, calling(call(0))), library(broken))
    assert [(issue.code, issue.node) for issue in result.issues] == [("node_type_unknown", "w0")]
    assert result.issues[0].message.en.startswith("Inside “Workflow 0”: ")


@pytest.mark.parametrize(
    ("params", "code"),
    [({}, "call_empty"), ({"workflow": "x"}, "call_empty"), ({"workflow": str(call(7))}, "call_unknown")],
)
def test_a_call_that_leads_nowhere_is_told_once(params: dict[str, Any], code: str) -> None:
    assert codes(draw(*OUTER, {"w0": params}), library(ASK)) == [(code, "w0", None)]


def test_nothing_calls_itself_by_any_way() -> None:
    again = draw(*OUTER, calling(call(1)))
    assert codes(draw(*OUTER, calling(call(1))), library(ASK, again))[0][:2] == ("call_circular", "w0")
    assert (
        codes(draw(*OUTER, calling(call(0))), library(ASK, caller=call(0).workflow))[0][0] == "call_circular"
    )
    back = draw("a:in.text i:in.text w0:call.it o:out.text", "a.text>w0.a w0.o>o.text", calling(call(1)))
    there = draw("a:in.text w0:call.it o:out.text", "a.text>w0.a w0.o>o.text", calling(call(0)))
    assert ("call_circular", "w0", None) in codes(draw(*OUTER, calling(call(0))), library(back, there))


def test_calls_go_no_deeper_than_allowed() -> None:
    def levels(count: int) -> Library:
        return library(ASK, *(draw(*DEEPER, calling(call(n))) for n in range(count - 1)))

    deepest = MAX_DEPTH
    assert plan_of(draw(*DEEPER, calling(call(deepest - 1))), levels(deepest))
    assert codes(draw(*DEEPER, calling(call(deepest))), levels(deepest + 1))[0][:2] == ("call_too_deep", "w0")


DEEPER = ("i:in.text w0:call.it o:out.text", "i.text>w0.i w0.o>o.text")


def test_what_would_grow_without_bound_is_refused_before_it_has_grown() -> None:
    """Fifty calls in each of fifty, and so on: 50 to the fifth."""
    many = " ".join(f"w{n}:call.it" for n in range(50))

    def level(below: int) -> Graph:
        edges = " ".join(f"i.text>w{n}.i" for n in range(50)) + " i.text>o.text"
        return draw(f"i:in.text {many} o:out.text", edges, calling(*[call(below)] * 50))

    known = library(ASK, level(0), level(1), level(2))
    assert ("call_too_large", "w0", None) in codes(level(3), known)
    assert MAX_EXPANDED < 50**3


def test_the_names_of_steps_stay_short_however_long_those_of_nodes_are() -> None:
    long = "n" * 64
    inner = draw(f"i:in.text {long}:llm.ask o:out.text", f"i.text>{long}.prompt {long}.text>o.text")
    middle = draw(
        f"i:in.text {long}:call.it o:out.text",
        f"i.text>{long}.i {long}.o>o.text",
        {long: {"workflow": str(call(0))}},
    )
    graph = draw(
        f"i:in.text {long}:call.it o:out.text",
        f"i.text>{long}.i {long}.o>o.text",
        {long: {"workflow": str(call(1))}},
    )
    plan = plan_of(graph, library(inner, middle))
    assert max(len(step.id) for step in plan.steps) <= 200
    assert max(len(step.id) for step in plan.steps if not step.gate) <= LONGEST_NAME


def test_of_a_call_only_a_part_may_be_of_use() -> None:
    two = draw("i:in.text m:llm.ask o:out.text p:out.text", "i.text>m.prompt i.text>o.text m.text>p.text")
    plan = plan_of(draw(*OUTER, calling(call(0))), library(two))
    assert "w0/m" not in {step.id for step in plan.steps}
    result = compiled(
        draw("a:in.text w0:call.it o:out.text", "a.text>w0.i a.text>o.text", calling(call(0))), library(two)
    )
    assert [(issue.code, issue.node) for issue in result.issues] == [("unused", "w0")]


def test_its_interface_is_its_inputs_and_outputs_by_name_and_type() -> None:
    doors = interface_of(ASK, REGISTRY)
    assert [door.to_json() for door in doors.inputs.values()] == [
        {"name": "i", "type": "text", "title": "i", "required": True}
    ]
    assert list(doors.outputs) == ["o"]
    pair = draw("i:in.pair o:out.text", "i.a>o.text")
    assert interface_of(pair, WITH_DEFAULT).unfit == ("i",)
    assert codes(draw(*OUTER, calling(call(0))), library(pair), WITH_DEFAULT)[0] == ("call_unfit", "w0", None)


@given(nested(REGISTRY))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_with_no_call_in_it_a_library_changes_nothing(drawn: tuple[Graph, Library]) -> None:
    graph, known = drawn
    assume(all(node.type not in CALLS for node in graph.nodes))
    assert compiled(graph, known) == compiled(graph, Library())
