"""compile_graph: a Graph under a Policy becomes a Plan, or every issue that stands in its way.

Ordered, pure, named passes: expand, resolve, check_types, lower, insert_gates, segment; narrow and show in a partial
run; cast_shadow where a policy is tried.
"""

from dataclasses import dataclass

from runtime.compiler.passes.cast_shadow import Candidate, cast_shadow
from runtime.compiler.passes.check_types import check_types
from runtime.compiler.passes.expand import expand
from runtime.compiler.passes.insert_gates import insert_gates
from runtime.compiler.passes.lower import arguments_of, lower, results_of
from runtime.compiler.passes.narrow import narrow
from runtime.compiler.passes.resolve import resolve
from runtime.compiler.passes.segment import segment
from runtime.compiler.passes.show import show
from runtime.graph.model import Graph, Issue
from runtime.nodes.registry import Registry
from runtime.plan import Plan
from runtime.safety.policy import Policy

MAX_ISSUES = 500


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan when no issue is an error; warnings may come with it."""

    plan: Plan | None
    issues: tuple[Issue, ...]


def compile_graph(
    graph: Graph,
    policy: Policy,
    registry: Registry,
    candidate: Candidate | None = None,
    *,
    to: str | None = None,
) -> Compiled:
    """`candidate` is a policy that looks on: it changes nothing of what the plan does, and adds its shadows.

    `to` names the node at which a partial run ends: what it does not need is left out, and what it gives is shown.
    """
    issues: list[Issue] = []
    if to is not None:
        graph, issues = narrow(graph, to)
        if issues:
            return _refused(issues)
    placed, found = expand(graph, registry)
    issues += found
    arguments, found = arguments_of(placed)
    issues += found
    results, found = results_of(placed)
    issues += found
    wired, found = resolve(graph, placed)
    issues += found
    if wired is None:
        return _refused(issues)
    typed, found = check_types(wired)
    issues += found
    if to is not None:
        typed, shown = show(typed, to)
        results = (*results, *shown)
    steps, found = lower(typed)
    issues += found
    if any(issue.severity == "error" for issue in issues):
        return _refused(issues)
    gated, found = insert_gates(steps, policy, registry)
    issues += found
    if found:
        return _refused(issues)
    numbered, segments = segment(gated)
    if candidate is not None:
        shadowed, _ = insert_gates(steps, candidate.policy, registry)
        numbered, segments = cast_shadow(numbered, segments, shadowed, candidate)
    plan = Plan(graph.digest, policy.version, policy.digest, numbered, segments, arguments, results)
    return Compiled(plan, tuple(issues))


def _refused(issues: list[Issue]) -> Compiled:
    # Errors first: a long list is cut, and warnings are what can be missed.
    ordered = sorted(issues, key=lambda issue: issue.severity != "error")
    return Compiled(None, tuple(ordered[:MAX_ISSUES]))
