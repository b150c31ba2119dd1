"""Compiles a graph under the policy in force."""

from dataclasses import dataclass

from builder.safety.active_policy import active_policy
from runtime.compiler.compile import compile_graph
from runtime.compiler.view import view_plan
from runtime.graph.model import Graph, Issue
from runtime.nodes.registry import load_registry
from runtime.plan import Plan
from runtime.safety.filters import load_filters
from runtime.safety.policy import Policy
from runtime.values import Json


@dataclass(frozen=True, slots=True)
class Compilation:
    """A plan with the policy that shaped it, or no plan and the issues that stand in its way."""

    policy: Policy
    plan: Plan | None
    issues: tuple[Issue, ...]

    def view(self) -> dict[str, Json] | None:
        return view_plan(self.plan, self.policy, load_filters()) if self.plan else None


def compile_draft(graph: Graph) -> Compilation:
    policy = active_policy()
    compiled = compile_graph(graph, policy, load_registry())
    return Compilation(policy, compiled.plan, compiled.issues)
