"""A partial run: one node and what it needs, and a sink of the server's own that is gated like any other."""

import pytest

from runtime.compiler.compile import Compiled, compile_graph
from runtime.graph.model import Graph
from runtime.labels import Sink
from runtime.nodes.made import MADE
from runtime.nodes.registry import Registry
from runtime.nodes.spec import NodeSpec
from runtime.plan import Plan, Ref
from runtime.ports import ALL_TYPES, Kind
from runtime.safety.policy import default_policy
from runtime.safety.verify import verify
from tests.compiler.drawing import draw
from tests.compiler.nodes import REGISTRY, make
from tests.safety.canary import escaped

POLICY = default_policy()
CHAT = ("q:in.text t:text.template m:llm.ask a:out.text", "q.text>t.x t.text>m.prompt m.text>a.text")


def compiled(graph: Graph, to: str) -> Compiled:
    return compile_graph(graph, POLICY, REGISTRY, to=to)


def plan_to(nodes: str, edges: str, to: str) -> Plan:
    result = compiled(draw(nodes, edges), to)
    assert result.plan is not None, result.issues
    assert verify(result.plan, POLICY, REGISTRY) == ()
    assert escaped(result.plan, POLICY, REGISTRY) == []
    return result.plan


def test_it_runs_the_node_and_what_it_needs_and_shows_what_it_gives_behind_a_gate() -> None:
    plan = plan_to(*CHAT, to="m")
    assert [step.id.rpartition(":")[0] or step.id for step in plan.steps] == [
        "q", "t", "gate:t.text", "m", "gate:m.text", "shown",
    ]  # fmt: skip
    gate, shown = plan.steps[-2:]
    assert gate.gate is not None and gate.gate.rules == ("person-text",)
    assert (shown.id, shown.node, shown.bindings[0].refs) == ("shown:m.text", "m", (Ref(gate.id, "value"),))
    (result,) = plan.results
    assert (result.name, result.node, result.step, str(result.type)) == ("m.text", "m", shown.id, "text")


def test_only_the_inputs_that_it_needs_are_asked_for() -> None:
    nodes, edges = (
        "p:in.text q:in.text m:llm.ask n:llm.ask a:out.texts",
        ("p.text>m.prompt q.text>n.prompt m.text>a.texts n.text>a.texts"),
    )
    assert [item.node for item in plan_to(nodes, edges, "m").arguments] == ["p"]
    assert [item.node for item in plan_to(nodes, edges, "a").arguments] == ["p", "q"]


def test_mistakes_elsewhere_in_the_drawing_are_no_matter() -> None:
    nodes = f"{CHAT[0]} n:llm.ask o:out.text"
    assert compile_graph(draw(nodes, CHAT[1]), POLICY, REGISTRY).plan is None
    assert plan_to(nodes, CHAT[1], "m")
    result = compiled(draw(nodes, CHAT[1]), "n")
    assert [(issue.code, issue.node) for issue in result.issues] == [("input_missing", "n")]


def test_an_output_is_shown_once_and_as_it_was_drawn() -> None:
    whole = compile_graph(draw(*CHAT), POLICY, REGISTRY).plan
    assert whole is not None
    part = plan_to(*CHAT, to="a")
    assert (part.steps, part.results) == (whole.steps, whole.results)


def test_each_output_of_the_node_is_shown_as_what_it_carries() -> None:
    plan = plan_to("a:in.text m:llm.reason o:out.text", "a.text>m.prompt m.text>o.text", "m")
    assert [result.name for result in plan.results] == ["m.text", "m.reasons"]
    plan = plan_to("a:in.image c:control.if o:out.image", "a.image>c.value c.then>o.image", "c")
    assert {str(result.type) for result in plan.results} == {"image"}
    assert {step.type for step in plan.steps if step.id.startswith("shown:")} == {"shown.image"}


def test_a_node_that_is_not_there_is_told() -> None:
    result = compiled(draw(*CHAT), "z")
    assert result.plan is None
    assert [issue.code for issue in result.issues] == ["node_unknown"]


@pytest.mark.parametrize("made", sorted(MADE))
def test_what_the_compiler_places_is_in_no_palette_and_cannot_be_drawn(made: tuple[str, int]) -> None:
    graph = draw(f"a:author.text s:{made[0]}", "a.text>s.value")
    result = compile_graph(graph, POLICY, REGISTRY)
    assert ("node_type_unknown", "s") in [(issue.code, issue.node) for issue in result.issues]
    assert made[0] not in {item.spec.type for item in REGISTRY}
    assert made[0] not in str(REGISTRY.palette())
    with pytest.raises(ValueError, match="twice"):
        Registry([make(made[0])])


def shown() -> list[NodeSpec]:
    return [item.spec for item in MADE.values() if item.spec.type.startswith("shown.")]


def test_there_is_one_for_each_type_that_a_person_can_see_and_it_is_a_sink_for_that_type() -> None:
    assert {spec.inputs[0].type for spec in shown()} == {
        item for item in ALL_TYPES if item.kind not in (Kind.ANY, Kind.MODEL)
    }
    assert {spec.inputs[0].sink for spec in shown()} == {Sink.PERSON}
    assert not [spec for spec in shown() if spec.outputs or spec.routes]
