"""Compiles a graph under the policy in force for its owner."""

from dataclasses import dataclass, replace

from builder.catalog.installed_models import installed_models
from builder.catalog.providers import offered_models, usable_providers
from builder.safety.active_policy import active_policy, versions_in_force
from builder.safety.owner import INSTALLATION, Owner
from builder.safety.try_policy import running_shadows
from builder.workflows.labels_agree import labels_differ
from builder.workflows.library_of import library_of
from runtime.compiler.check_filters import check_filters
from runtime.compiler.check_labels import check_labels
from runtime.compiler.check_providers import check_providers
from runtime.compiler.compile import compile_graph
from runtime.compiler.passes.cast_shadow import Candidate
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
    # The ids of workflows whose drawings are in the plan: their policies are part of it.
    called: frozenset[str] = frozenset()

    def view(self) -> dict[str, Json] | None:
        return view_plan(self.plan, self.policy, load_filters(), load_registry()) if self.plan else None


def compile_draft(
    graph: Graph,
    owner: Owner = INSTALLATION,
    *,
    to_run: bool = True,
    shadowed: bool = False,
    to: str | None = None,
) -> Compilation:
    """`to_run`: refuse what could not run here, because a filter's model is missing; else warn of it.

    `shadowed`: with the gates of the policies that are being tried. Their findings are counted.
    `to`: the node at which a partial run ends.
    """
    library = library_of(graph, owner)
    called = {call.workflow for call in library.callees}
    policy = active_policy(owner, called)
    shadows = running_shadows(owner, called) if shadowed else []
    candidates = (Candidate(*shadow) for shadow in shadows)
    compiled = compile_graph(graph, policy, load_registry(), *candidates, to=to, library=library)
    rows = versions_in_force(owner, called) if called else ()
    differing = labels_differ((row.scope, row.policy) for row in rows)
    if compiled.plan is None or differing:
        return Compilation(policy, None, (*differing, *compiled.issues))
    unfit = (
        *check_filters(compiled.plan, load_filters(), installed_models(), usable_providers()),
        *check_providers(compiled.plan, load_registry(), offered_models()),
    )
    if not to_run:
        unfit = tuple(replace(issue, severity="warning") for issue in unfit)
    plan = None if unfit and to_run else compiled.plan
    told = (*unfit, *check_labels(compiled.plan), *compiled.issues)
    return Compilation(policy, plan, told, frozenset(called))
