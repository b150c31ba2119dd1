"""A shadow looks and tells; whatever its filters do, the run is as if it were not there."""

from dataclasses import replace

import pytest

from runtime.compiler.compile import compile_graph
from runtime.compiler.passes.cast_shadow import Candidate
from runtime.dispatch.states import StepState
from runtime.graph.parse import parse_graph
from runtime.plan import Plan
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.safety.verify import verify
from tests.engine.segments import REGISTRY, Bench, Told
from tests.fixtures.runs import chain, stub_policy

BROKEN = ["raises", "exits", "hangs", "late", "nan", "bad_span", "nothing", "strings", "stranger", "nowhere"]


def shadowed(bench: Bench, *uses: FilterUse) -> Plan:
    graph, _ = parse_graph(chain(("a", "echo", {})))
    assert graph is not None
    trial = Candidate("trial", stub_policy(*uses))
    plan = compile_graph(graph, bench.policy, REGISTRY, trial).plan
    assert plan is not None and verify(plan, bench.policy, REGISTRY) == ()
    return plan


def without_shadows(told: Told) -> tuple[object, ...]:
    """All that a run tells, but what came from shadows."""
    records = [replace(r, seconds=None) for r in told.records if not r.step.startswith("shadow:")]
    events = [event for event in told.events if not event.data["step"].startswith("shadow:")]
    return records, events, told.results, told.live_events, told.partials


def uses(name: str) -> FilterUse:
    return FilterUse(f"stub.{name}", Action.BLOCK)


@pytest.mark.parametrize("text", ["hello", "a forbidden word", "key-12345 is secret"])
@pytest.mark.parametrize("name", ["words", *BROKEN])
def test_the_run_is_the_same_with_a_shadow_and_without(bench: Bench, name: str, text: str) -> None:
    bench.deadline = 0.2
    plan = shadowed(bench, uses(name), FilterUse("stub.secrets", Action.HOLD))
    plain = replace(plan, steps=tuple(s for s in plan.steps if not s.shadow), segments=plan.segments[:-1])
    assert without_shadows(bench.run_plan(plan, text=text)) == without_shadows(
        bench.run_plan(plain, text=text)
    )


def test_it_tells_what_its_policy_would_have_acted_on_also_where_the_gate_lets_pass(bench: Bench) -> None:
    bench.policy = stub_policy(FilterUse("stub.secrets", Action.REDACT))
    told = bench.run_plan(shadowed(bench, uses("words")), text="a forbidden word")
    assert told.results["answer"].data == "a forbidden word"
    (shadow,) = [r for r in told.records if r.step.startswith("shadow:")]
    assert (shadow.state, shadow.cost, dict(shadow.outputs)) == (StepState.DONE, {"judged": 1}, {})
    (found,) = [event.data for event in told.events if event.data["step"] == shadow.step]
    assert found == {
        "step": shadow.step, "filter": "stub.words", "action": "block", "category": "stub", "score": 1.0,
    }  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_filter_that_breaks_in_a_shadow_is_counted_as_not_judged(bench: Bench, name: str) -> None:
    bench.deadline = 0.2
    told = bench.run_plan(shadowed(bench, uses(name)), text="hello")
    (shadow,) = [r for r in told.records if r.step.startswith("shadow:")]
    assert (shadow.state, shadow.cost, shadow.error) == (StepState.DONE, {"judged": 0}, None)
    assert told.results["answer"].data == "hello"


@pytest.mark.parametrize("policy", [stub_policy(uses("raises")), stub_policy(uses("words"))])
def test_a_shadow_that_would_pass_clears_nothing_that_a_gate_withholds(bench: Bench, policy: Policy) -> None:
    bench.policy = policy
    told = bench.run_plan(shadowed(bench, uses("secrets")), text="a forbidden word")
    assert told.results == {}
