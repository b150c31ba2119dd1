"""The structural promise: whatever is drawn, nothing reaches a sink past the policy; and the oracles can see."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, assume, given, settings
from hypothesis import strategies as st

from runtime.compiler import compile as compiler
from runtime.compiler.compile import compile_graph
from runtime.graph.model import Graph
from runtime.nodes.registry import Registry
from runtime.plan import GateChain, Plan, Step
from runtime.safety.policy import Policy, default_policy
from runtime.safety.verify import verify
from tests.compiler.nodes import REGISTRY
from tests.compiler.random_graphs import graphs
from tests.safety.canary import escaped
from tests.safety.surgery import without_gate

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
@settings(max_examples=200, deadline=None, suppress_health_check=CALM)
def test_verify_misses_no_gate_that_was_cut_out_or_weakened(graph: Graph, data: st.DataObject) -> None:
    plan = plan_for(graph)
    gates = [step for step in plan.steps if step.gate]
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
        weaker = replace(gate, gate=GateChain(gate.gate.rules, chain))
        steps = tuple(weaker if step.id == gate.id else step for step in plan.steps)
        assert verify(replace(plan, steps=steps), POLICY, REGISTRY)


Fault = Callable[[tuple[Step, ...]], tuple[Step, ...]]


def _rewire(steps: tuple[Step, ...], cut: Callable[[Step, Step], bool]) -> tuple[Step, ...]:
    """Lead a consumer's wire past its gate wherever `cut(gate, consumer)` says so."""
    gates = {step.id: step for step in steps if step.gate}
    changed = []
    for step in steps:
        bindings = tuple(
            replace(b, refs=gates[b.refs[0].step].bindings[0].refs)
            if b.refs[0].step in gates and cut(gates[b.refs[0].step], step)
            else b
            for b in step.bindings
        )
        changed.append(replace(step, bindings=bindings))
    return tuple(changed)


def _second_consumer(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    served: set[str] = set()

    def cut(gate: Step, _: Step) -> bool:
        again = gate.id in served
        served.add(gate.id)
        return again

    return _rewire(steps, cut)


FAULTS: dict[str, Fault] = {
    "models are told anything": lambda s: _rewire(s, lambda _, step: step.type in ("llm.ask", "image.draw")),
    "pictures are shown unseen": lambda s: _rewire(s, lambda _, step: step.type == "out.image"),
    "merged branches go past": lambda s: _rewire(s, lambda gate, _: len(gate.bindings[0].refs) > 1),
    "heavy steps go past": lambda s: _rewire(s, lambda _, step: step.resource == "gpu"),
    "a shared gate serves its first consumer only": _second_consumer,
    "a router is taken for a gate": lambda s: _rewire(
        s, lambda gate, _: gate.bindings[0].refs[0].port in ("then", "otherwise", "case_1", "other")
    ),
    "numbers made text are forgotten": lambda s: _rewire(
        s, lambda gate, _: gate.bindings[0].refs[0].port == "number"
    ),
    "every gate filters as if the sink were a model": lambda s: tuple(
        replace(step, gate=GateChain(("model-text",), step.gate.chain)) if step.gate else step for step in s
    ),
}


class CaughtByBoth(Exception):
    """Ends the search: each oracle has seen the fault."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_planted_in_the_compiler_is_caught_by_both_oracles(
    fault: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest = compiler.insert_gates

    def faulty(
        steps: tuple[Step, ...], policy: Policy, registry: Registry
    ) -> tuple[tuple[Step, ...], list[object]]:
        gated, issues = honest(steps, policy, registry)
        return FAULTS[fault](gated), list(issues)

    monkeypatch.setattr(compiler, "insert_gates", faulty)
    seen = {"verify": False, "canary": False}

    @given(graphs(REGISTRY))
    @settings(
        max_examples=600,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=CALM,
    )
    def search(graph: Graph) -> None:
        plan = None if all(seen.values()) else compile_graph(graph, POLICY, REGISTRY).plan
        if plan is not None:
            seen["verify"] |= bool(verify(plan, POLICY, REGISTRY))
            seen["canary"] |= bool(escaped(plan, POLICY, REGISTRY))
        if all(seen.values()):
            raise CaughtByBoth

    with pytest.raises(CaughtByBoth):
        search()
