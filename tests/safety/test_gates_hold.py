"""The structural promise: whatever is drawn, nothing reaches a sink past the policy.

Some hundred graphs each time, others each time; `manage.py bench gates` looks at thousands.
"""

from dataclasses import replace
from itertools import pairwise

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from runtime.compiler.compile import compile_graph
from runtime.graph.calls import Library
from runtime.graph.model import Graph
from runtime.plan import GateChain, Plan
from runtime.safety.policy import default_policy
from runtime.safety.verify import verify
from tests.compiler.drawing import draw
from tests.compiler.nodes import REGISTRY
from tests.compiler.random_graphs import graphs, nested
from tests.safety.canary import escaped
from tests.safety.surgery import stands_alone, without_gate

POLICY = default_policy()
CALM = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]


def plan_for(graph: Graph) -> Plan:
    plan = compile_graph(graph, POLICY, REGISTRY).plan
    assume(plan is not None)
    assert plan is not None
    return plan


@given(graphs(REGISTRY))
@settings(max_examples=500, deadline=None, suppress_health_check=CALM)
def test_no_compiled_graph_lets_anything_past_the_policy(graph: Graph) -> None:
    plan = plan_for(graph)
    assert verify(plan, POLICY, REGISTRY) == ()
    assert escaped(plan, POLICY, REGISTRY) == []


@given(graphs(REGISTRY), st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=CALM)
def test_nor_does_a_run_that_ends_at_any_of_its_nodes(graph: Graph, data: st.DataObject) -> None:
    to = data.draw(st.sampled_from(graph.nodes)).id
    plan = compile_graph(graph, POLICY, REGISTRY, to=to).plan
    assume(plan is not None)
    assert plan is not None and plan.results
    assert verify(plan, POLICY, REGISTRY) == ()
    assert escaped(plan, POLICY, REGISTRY) == []


@given(nested(REGISTRY), st.data())
@settings(max_examples=120, deadline=None, suppress_health_check=CALM)
def test_nor_does_anything_that_is_called_however_deep(
    drawn: tuple[Graph, Library], data: st.DataObject
) -> None:
    graph, library = drawn
    to = data.draw(st.sampled_from([None, *(node.id for node in graph.nodes)]))
    plan = compile_graph(graph, POLICY, REGISTRY, to=to, library=library).plan
    assume(plan is not None)
    assert plan is not None
    assert verify(plan, POLICY, REGISTRY) == ()
    assert escaped(plan, POLICY, REGISTRY) == []


@given(graphs(REGISTRY), st.data())
@settings(max_examples=80, deadline=None, suppress_health_check=CALM)
def test_verify_misses_no_gate_that_was_cut_out_or_weakened(graph: Graph, data: st.DataObject) -> None:
    plan = plan_for(graph)
    gates = [step for step in plan.steps if step.gate and stands_alone(plan, step, REGISTRY)]
    assume(gates)
    gate = data.draw(st.sampled_from(gates))
    assert gate.gate is not None
    assert verify(without_gate(plan, gate), POLICY, REGISTRY)
    assert escaped(without_gate(plan, gate), POLICY, REGISTRY)
    name, action, threshold, categories = gate.gate.chain[0]
    for chain in (
        gate.gate.chain[1:],
        ((name, action, threshold + 0.01, categories), *gate.gate.chain[1:]),
        ((name, action, threshold, ("nothing",)), *gate.gate.chain[1:]),
    ):
        weaker = gate._replace(gate=GateChain(gate.gate.rules, chain))
        steps = tuple(weaker if step.id == gate.id else step for step in plan.steps)
        assert verify(replace(plan, steps=steps), POLICY, REGISTRY)


def test_ways_that_part_and_meet_again_cost_what_their_steps_cost() -> None:
    """Of forty choices, each behind the other, there are more ways through than anybody can walk."""
    names = ["q", *(f"s{number}" for number in range(40)), "a"]
    nodes = "q:in.text " + " ".join(f"{name}:control.switch" for name in names[1:-1]) + " a:out.text"
    edges = ["q.text>s0.value"]
    for name, following in pairwise(names[1:]):
        port = "text" if following == "a" else "value"
        edges += [f"{name}.case_1>{following}.{port}", f"{name}.other>{following}.{port}"]
    plan = compile_graph(draw(nodes, " ".join(edges)), POLICY, REGISTRY).plan
    assert plan is not None
    assert verify(plan, POLICY, REGISTRY) == ()
    assert escaped(plan, POLICY, REGISTRY) == []
    (gate,) = (step for step in plan.steps if step.gate)
    assert stands_alone(plan, gate, REGISTRY)
    assert verify(without_gate(plan, gate), POLICY, REGISTRY)
    assert escaped(without_gate(plan, gate), POLICY, REGISTRY)
