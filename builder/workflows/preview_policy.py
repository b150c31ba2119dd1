"""Previews a policy: compiles every published workflow under it, and says what it would do to each."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import F, Q, QuerySet

from builder.catalog.installed_models import installed_models
from builder.catalog.providers import usable_providers
from builder.safety.active_policy import layers_with, versions_in_force
from builder.safety.owner import Owner
from builder.workflows.callers_of import versions_that_call
from builder.workflows.labels_agree import labels_differ
from builder.workflows.library_of import library_of
from builder.workflows.models import Workflow, WorkflowVersion
from runtime.compiler.check_filters import check_filters
from runtime.compiler.check_labels import check_labels
from runtime.compiler.compile import NOTHING, compile_graph
from runtime.graph.calls import Library
from runtime.graph.model import Graph, Issue
from runtime.graph.parse import parse_graph
from runtime.labelling.profile import Labelling
from runtime.labels import Source
from runtime.nodes.registry import load_registry
from runtime.plan import GateChain, Plan
from runtime.ports import Kind
from runtime.safety.combine import combine_all
from runtime.safety.filters import load_filters
from runtime.safety.policy import Policy, is_labelling
from runtime.safety.preview import may_preview

AT_ONCE = 200  # workflows that one page compiles; the next page goes on from there
Guards = Mapping[tuple[str, str], GateChain]


@dataclass(frozen=True, slots=True)
class Effect:
    """What becomes of one workflow. `gains`, `loses` and `changes` count the inputs that a gate stands before.

    `labels` are those behind whose gate an AI label comes, goes or is another; `previews`: of its pictures something else is
    shown before their gate.
    """

    workflow: UUID
    name: str
    workspace: str
    version: int
    gains: int = 0
    loses: int = 0
    changes: int = 0
    labels: int = 0
    previews: bool = False
    # Why it would no longer compile; empty when it would, or does not as it is.
    stops: tuple[Issue, ...] = ()
    broken: bool = False
    # It is broken, and would not be.
    mends: bool = False
    # Models that a filter would need, that it does not need now, and that are not here.
    needs: tuple[Issue, ...] = ()
    # Results that would have to carry a label and cannot, and are let through now.
    withholds: tuple[Issue, ...] = ()

    @property
    def stays(self) -> bool:
        gates = self.gains or self.loses or self.changes or self.labels
        return not (gates or self.previews or self.stops or self.needs or self.withholds)


@dataclass(frozen=True, slots=True)
class Preview:
    """The effects on `len(effects)` of `total` workflows, from the one numbered `start` on."""

    effects: tuple[Effect, ...]
    start: int
    total: int

    def count(self, what: Callable[[Effect], object]) -> int:
        return sum(1 for effect in self.effects if what(effect))


def preview_policy(owner: Owner, candidate: Policy, start: int = 0, most: int = AT_ONCE) -> Preview:
    """Each newest published version that the owner's policy holds in, under it and without it.

    A workflow's own policy holds in those that call it, too.
    """
    published = _published(owner)
    page = published.select_related("workflow__workspace")[start : start + most]
    return Preview(tuple(_effect(row, owner, candidate) for row in page), start, published.count())


def _published(owner: Owner) -> QuerySet[WorkflowVersion]:
    rows = WorkflowVersion.objects.filter(number=F("workflow__published"), workflow__deleted=None)
    if owner.workflow:
        workflow = Workflow.objects.get(pk=UUID(owner.workflow))
        rows = rows.filter(Q(workflow=workflow) | Q(pk__in=versions_that_call(workflow)))
    elif owner.workspace:
        rows = rows.filter(workflow__workspace=UUID(owner.workspace))
    return rows.order_by("-workflow__updated", "workflow_id")


@dataclass(frozen=True, slots=True)
class _Compiled:
    """A workflow under a policy: its plan, or why there is none."""

    policy: Policy
    plan: Plan | None
    issues: tuple[Issue, ...]


def _effect(row: WorkflowVersion, owner: Owner, candidate: Policy) -> Effect:
    place = Owner(str(row.workflow.workspace_id), str(row.workflow_id))
    graph, broken = parse_graph(row.graph)
    library = library_of(graph, place) if graph else NOTHING
    called = {call.workflow for call in library.callees}
    rows = versions_in_force(place, called)
    layers = {(row.scope, row.owner): row.policy for row in rows}
    now, then = (
        _compile(graph, broken, library, policies)
        for policies in (layers, layers_with(rows, owner, candidate))
    )
    about = (row.workflow_id, row.workflow.name, row.workflow.workspace.name, row.number)
    if now.plan is None:
        return Effect(*about, broken=True, mends=then.plan is not None)
    if then.plan is None:
        return Effect(*about, stops=then.issues)
    before, after = _guards(now.plan), _guards(then.plan)
    here, there = _labels(before, now.policy), _labels(after, then.policy)
    missing, withheld = _unfit(now.plan), check_labels(now.plan)
    return Effect(
        *about,
        gains=len(after.keys() - before.keys()),
        loses=len(before.keys() - after.keys()),
        changes=sum(1 for key in before.keys() & after.keys() if before[key].chain != after[key].chain),
        labels=sum(1 for key in here.keys() | there.keys() if here.get(key) != there.get(key)),
        previews=may_preview(now.policy) != may_preview(then.policy) and _paints(then.plan),
        needs=_new(_unfit(then.plan), missing),
        withholds=tuple(issue for issue in check_labels(then.plan) if issue not in withheld),
    )


def _compile(
    graph: Graph | None, broken: tuple[Issue, ...], library: Library, layers: Mapping[tuple[str, str], Policy]
) -> _Compiled:
    policy = combine_all(layers.values())
    differing = labels_differ((scope, policy) for (scope, _), policy in layers.items())
    if graph is None or differing:
        return _Compiled(policy, None, broken or differing)
    compiled = compile_graph(graph, policy, load_registry(), library=library)
    errors = tuple(issue for issue in compiled.issues if issue.severity == "error")
    return _Compiled(policy, compiled.plan, errors)


def _unfit(plan: Plan) -> tuple[Issue, ...]:
    return check_filters(plan, load_filters(), installed_models(), usable_providers())


def _new(issues: tuple[Issue, ...], known: tuple[Issue, ...]) -> tuple[Issue, ...]:
    """Those that nothing says now, wherever it says it."""
    said = {issue.message for issue in known}
    return tuple(issue for issue in issues if issue.message not in said)


def _guards(plan: Plan) -> Guards:
    """For each input behind a gate, what that gate enforces."""
    gates = {step.id: step.gate for step in plan.steps if step.gate}
    return {
        (step.id, binding.port): gates[ref.step]
        for step in plan.steps
        for binding in step.bindings
        for ref in binding.refs
        if ref.step in gates
    }


def _labels(guards: Guards, policy: Policy) -> Mapping[tuple[str, str], Labelling]:
    """The labels that are put on by those gates that put on any."""
    return {key: policy.labelling for key, gate in guards.items() if any(map(is_labelling, gate.rules))}


def _paints(plan: Plan) -> bool:
    """Whether any step makes pictures, and may show them while it does."""
    registry = load_registry()
    specs = ((step, registry.spec(step.type, step.version)) for step in plan.steps)
    return any(
        port.type.kind is Kind.IMAGE and port.source is Source.MODEL
        for step, spec in specs
        if spec
        for port in spec.outputs_for(step.params)
    )
