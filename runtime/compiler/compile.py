"""compile_graph: a Graph under a Policy becomes a Plan, or every issue that stands in its way.

Ordered, pure, named passes: inline, expand, resolve, check_types, lower, insert_gates, segment; narrow before and show
between them in a partial run; cast_shadow where a policy is tried.
"""

from dataclasses import dataclass, replace
from typing import TypeAlias

from runtime.compiler.inlined import Inlined
from runtime.compiler.passes.cast_shadow import Candidate, cast_shadow
from runtime.compiler.passes.check_types import check_types
from runtime.compiler.passes.expand import expand
from runtime.compiler.passes.inline import inline
from runtime.compiler.passes.insert_gates import insert_gates
from runtime.compiler.passes.lower import arguments_of, lower, results_of
from runtime.compiler.passes.narrow import narrow
from runtime.compiler.passes.resolve import resolve
from runtime.compiler.passes.segment import segment
from runtime.compiler.passes.show import show
from runtime.graph.calls import Library
from runtime.graph.model import Graph, Issue
from runtime.nodes.registry import Registry
from runtime.plan import Argument, Plan, Result, Step
from runtime.safety.policy import Policy

MAX_ISSUES = 500
NOTHING = Library()
Promise: TypeAlias = tuple[tuple[Argument, ...], tuple[Result, ...]]


@dataclass(frozen=True, slots=True)
class Compiled:
    """A plan when no issue is an error; warnings may come with it."""

    plan: Plan | None
    issues: tuple[Issue, ...]


def compile_graph(
    graph: Graph,
    policy: Policy,
    registry: Registry,
    *candidates: Candidate,
    to: str | None = None,
    library: Library = NOTHING,
) -> Compiled:
    """`candidates` are policies that look on: they change nothing of what the plan does, and each adds its shadows.

    `to` names the node at which a partial run ends: what it does not need is left out, and what it gives is shown.
    `library` holds the versions that nodes call. What is wrong inside of a call is told at the node that calls.
    """
    drawn, issues = narrow(graph, to) if to is not None else (graph, [])
    if issues:
        return Compiled(None, tuple(issues))
    inlined, issues = inline(drawn, registry, library)
    steps, promise, found = _as_steps(inlined, registry, to)
    issues += found
    plan = None
    if not _has_errors(issues):
        gated, found = insert_gates(steps, policy, registry, library.copied)
        issues += found
        if not found:
            plan = replace(_plan(drawn, gated, promise, policy), copied=library.copied)
    for candidate in candidates if plan is not None else ():
        assert plan is not None
        shadowed, _ = insert_gates(steps, candidate.policy, registry, library.copied)
        shadows = cast_shadow(plan.steps, plan.segments, shadowed, candidate)
        plan = replace(plan, steps=shadows[0], segments=shadows[1])
    # What is inside of a call may say the same several times at its one node.
    told = list(dict.fromkeys(inlined.told(issue) for issue in issues))
    # Errors first: a long list is cut, and warnings are what can be missed.
    return Compiled(plan, tuple(sorted(told, key=lambda issue: issue.severity != "error")[:MAX_ISSUES]))


def _as_steps(
    inlined: Inlined, registry: Registry, to: str | None
) -> tuple[tuple[Step, ...], Promise, list[Issue]]:
    """The drawing as steps without gates, what it asks for and gives, and all that is wrong with it."""
    placed, issues = expand(inlined, registry)
    arguments, found = arguments_of(placed)
    issues += found
    results, found = results_of(placed)
    issues += found
    wired, found = resolve(inlined.graph, placed)
    issues += found
    if wired is None:
        return (), (arguments, results), issues
    typed, found = check_types(wired)
    issues += found
    if to is not None:
        typed, shown = show(typed, to, inlined.exits)
        results = (*results, *shown)
    steps, found = lower(typed)
    return steps, (arguments, results), issues + found


def _has_errors(issues: list[Issue]) -> bool:
    return any(issue.severity == "error" for issue in issues)


def _plan(graph: Graph, gated: tuple[Step, ...], promise: Promise, policy: Policy) -> Plan:
    numbered, segments = segment(gated)
    return Plan(graph.digest, policy.version, policy.digest, numbered, segments, *promise)
