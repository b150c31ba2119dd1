"""A policy on trial: its gates look on from a segment of their own, and the plan is otherwise the same."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings

from runtime.compiler.compile import compile_graph
from runtime.compiler.passes.cast_shadow import Candidate
from runtime.graph.model import Graph
from runtime.plan import GateChain, Plan, Ref, Step
from runtime.safety.policy import Action, FilterUse, Policy, default_policy
from runtime.safety.verify import verify
from tests.compiler.drawing import draw
from tests.compiler.nodes import REGISTRY
from tests.compiler.random_graphs import graphs

POLICY = default_policy()


def stricter() -> Policy:
    use = FilterUse("safety.words", Action.BLOCK, 0.1)
    return replace(POLICY, rules=tuple(replace(r, chain=(*r.chain, use)) for r in POLICY.rules))


TRIAL = Candidate("trial-1", stricter())


def both(graph: Graph) -> tuple[Plan, Plan]:
    plain = compile_graph(graph, POLICY, REGISTRY).plan
    assume(plain is not None)
    shadowed = compile_graph(graph, POLICY, REGISTRY, TRIAL).plan
    assert plain is not None and shadowed is not None
    return plain, shadowed


@given(graphs(REGISTRY))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_without_its_shadows_the_plan_is_the_same_and_nothing_takes_anything_from_them(graph: Graph) -> None:
    plain, shadowed = both(graph)
    shadows = {step.id for step in shadowed.steps if step.shadow}
    real = tuple(step for step in shadowed.steps if step.id not in shadows)
    assert replace(shadowed, steps=real, segments=shadowed.segments[: len(plain.segments)]) == plain
    assert not any(ref.step in shadows for step in shadowed.steps for b in step.bindings for ref in b.refs)
    assert shadowed.shadows == ({len(plain.segments)} if shadows else set())
    assert verify(shadowed, POLICY, REGISTRY) == ()
    assert Plan.from_json(json.loads(json.dumps(shadowed.to_json()))) == shadowed


@given(graphs(REGISTRY))
@settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_shadow_looks_at_what_its_gate_would_have_judged(graph: Graph) -> None:
    _, shadowed = both(graph)
    under = compile_graph(graph, TRIAL.policy, REGISTRY).plan
    assume(under is not None)
    assert under is not None
    wanted = {(step.bindings[0].refs, step.gate.chain) for step in under.steps if step.gate}
    known = {(step.bindings[0].refs, step.gate.chain) for step in shadowed.steps if step.gate}
    seen = {(step.bindings[0].refs, step.shadow.chain) for step in shadowed.steps if step.shadow}
    assert seen == wanted - known


@given(graphs(REGISTRY))
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
def test_a_policy_tried_on_itself_adds_nothing(graph: Graph) -> None:
    plain, _ = both(graph)
    assert compile_graph(graph, POLICY, REGISTRY, Candidate("same", POLICY)).plan == plain


@given(graphs(REGISTRY))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_verify_takes_no_shadow_for_a_gate(graph: Graph) -> None:
    """Each way in which a shadow could be made to count: by its ref, its type, its outputs, its segment."""
    _, plan = both(graph)
    shadows = [step for step in plan.steps if step.shadow]
    gates = [step for step in plan.steps if step.gate]
    assume(shadows and gates)
    shadow, gate = shadows[0], gates[0]

    def with_step(old: str, new: Step) -> Plan:
        return replace(plan, steps=tuple(new if step.id == old else step for step in plan.steps))

    assert verify(with_step(shadow.id, shadow._replace(outputs=gate.outputs)), POLICY, REGISTRY)
    assert verify(with_step(shadow.id, shadow._replace(gate=shadow.shadow)), POLICY, REGISTRY)
    assert verify(with_step(gate.id, gate._replace(type="safety.shadow")), POLICY, REGISTRY)
    as_shadow = gate._replace(type="safety.shadow", gate=None, shadow=gate.gate)
    assert verify(with_step(gate.id, as_shadow), POLICY, REGISTRY)
    assert verify(with_step(gate.id, as_shadow._replace(outputs=())), POLICY, REGISTRY)
    consumer = next(s for s in plan.steps if any(r.step == gate.id for b in s.bindings for r in b.refs))
    fed = tuple(b._replace(refs=(Ref(shadow.id, "value"),)) for b in consumer.bindings)
    assert verify(with_step(consumer.id, consumer._replace(bindings=fed)), POLICY, REGISTRY)
    first, *middle, last = plan.segments
    mixed = replace(first, steps=(*first.steps, *last.steps))
    assert verify(replace(plan, segments=(mixed, *middle)), POLICY, REGISTRY)


def test_a_plan_from_before_there_were_shadows_is_read_and_its_signature_holds() -> None:
    step = Step("a", "t", 1, POLICY.rules[0].title, None, {}, (), (), "inline", 1.0, segment=0)
    plan = Plan("g", 1, "p", (step,), (), (), ())
    old = plan.to_json()
    assert "shadow" not in old["steps"][0]
    assert Plan.from_json(old) == plan


def test_the_stored_sample_of_a_plan_with_a_shadow_is_read() -> None:
    stored = json.loads(Path(__file__).with_name("shadowed.plan.json").read_text(encoding="utf-8"))
    plan = Plan.from_json(stored)
    assert plan.to_json() == stored
    (shadow,) = [step for step in plan.steps if step.shadow]
    assert shadow.shadow == GateChain(("person-text",), (("safety.words", "block", 0.1, ()),))
    assert (shadow.gate, shadow.outputs, plan.shadows) == (None, (), {shadow.segment})


@pytest.mark.parametrize("milder", [replace(POLICY, rules=()), replace(POLICY, previews="none")])
def test_a_trial_of_less_takes_no_gate_away(milder: Policy) -> None:
    graph = draw("q:in.text m:llm.ask a:out.text", "q.text>m.prompt m.text>a.text")
    plain = compile_graph(graph, POLICY, REGISTRY).plan
    assert plain is not None
    assert compile_graph(graph, POLICY, REGISTRY, Candidate("less", milder)).plan == plain


@given(graphs(REGISTRY))
@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
def test_each_of_several_candidates_looks_from_a_segment_of_its_own(graph: Graph) -> None:
    plain, alone = both(graph)
    other = Candidate("trial-2", stricter())
    plan = compile_graph(graph, POLICY, REGISTRY, TRIAL, other).plan
    assert plan is not None
    assert verify(plan, POLICY, REGISTRY) == ()
    assert len({step.id for step in plan.steps}) == len(plan.steps)
    cast = [
        [step for step in plan.steps if step.shadow and step.params["shadow"] == one.id]
        for one in (TRIAL, other)
    ]
    assert [step.shadow for step in cast[0]] == [step.shadow for step in cast[1]]
    assert tuple(cast[0]) == tuple(step for step in alone.steps if step.shadow)
    assert len(plan.shadows) == (2 if alone.shadows else 0)
    assert len(plan.segments) == len(plain.segments) + len(plan.shadows)
