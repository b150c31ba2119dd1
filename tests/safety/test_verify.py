"""verify on its own: what it believes of a plan, and what it does not."""

from dataclasses import replace

from runtime.compiler.compile import compile_graph
from runtime.graph.parse import parse_graph
from runtime.safety.verify import verify
from tests.engine.segments import REGISTRY
from tests.fixtures.runs import chain, stub_policy


def test_a_plan_made_under_another_policy_is_refused_though_its_gates_would_do() -> None:
    """Its clearances would name a policy that is no longer in force."""
    graph, _ = parse_graph(chain(("a", "echo", {})))
    assert graph is not None
    policy = stub_policy()
    plan = compile_graph(graph, policy, REGISTRY).plan
    assert plan is not None
    assert verify(plan, policy, REGISTRY) == ()
    newer = stub_policy(version=2)
    assert newer.rules == policy.rules
    assert verify(plan, newer, REGISTRY) == ("the plan was made under another policy",)
    assert verify(replace(plan, policy=newer.digest), newer, REGISTRY) == ()
