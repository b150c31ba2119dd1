"""prepare: an order's graph compiled, signed and ready to be stored; what has not changed since is not compiled again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from builder.accounts.models import Workspace
from builder.catalog.installed_models import installed_models
from builder.catalog.providers import known_providers
from builder.runs.models import KeptPlan
from builder.runs.plans import as_kept
from builder.safety.owner import Owner
from builder.safety.standing import standing
from builder.workflows.compile_draft import compile_draft
from builder.workflows.models import Workflow
from builder.workflows.read_graph import graph_invalid
from runtime.compiler.view import view_plan
from runtime.graph.calls import calls_in
from runtime.graph.model import Graph
from runtime.memory import Memory
from runtime.nodes.registry import load_registry
from runtime.plan import Plan
from runtime.safety.filters import load_filters
from runtime.values import Json


@dataclass(frozen=True, slots=True)
class Drawing:
    """A graph with its digest, which takes as long to work out as the graph to read."""

    graph: Graph
    digest: str

    @classmethod
    def of(cls, graph: Graph) -> Self:
        return cls(graph, graph.digest)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A plan that can be run: its row, the workflows whose drawings are in it, and what its readers are shown."""

    plan: Plan
    kept: KeptPlan
    called: tuple[str, ...]
    view: Mapping[str, Json]


# Characters of plans; beside each stand the plan itself and its view, so a process needs about ten times as much.
_prepared: Memory[Prepared] = Memory(room=16_000_000)


def prepare(drawing: Drawing, workspace: Workspace, workflow: Workflow | None, to: str | None) -> Prepared:
    """Raises Refused `graph_invalid` with all issues, `policy_altered`."""
    owner = Owner(str(workspace.pk), str(workflow.pk) if workflow is not None else "")
    graph, key = drawing.graph, None
    if not any(calls_in(graph, load_registry())):  # what is called may be deleted, or its policy changed
        copied = workflow is not None and workflow.copied
        key = (drawing.digest, owner, to, copied, standing(owner), *_surroundings())
        found = _prepared.get(key)
        if found is not None:
            return found
    compiled = compile_draft(graph, owner, shadowed=True, to=to)
    if compiled.plan is None:
        raise graph_invalid(compiled.issues)
    made = Prepared(
        compiled.plan,
        as_kept(compiled.plan, workspace),
        tuple(sorted(compiled.called)),
        view_plan(compiled.plan, compiled.policy, load_filters(), load_registry()),
    )
    if key is not None:
        _prepared.put(key, made, len(made.kept.text))
    return made


def forget_prepared() -> bool:
    """Compile everything anew from now on. Whether there was anything to forget."""
    known = _prepared.size > 0
    _prepared.clear()
    return known


def _surroundings() -> tuple[object, ...]:
    """What of this machine decides whether a plan could run here."""
    providers = frozenset((known.provider, known.usable) for known in known_providers())
    return installed_models(), providers, frozenset(load_filters()), id(load_registry())
