"""library_of: the published versions that a graph calls, and those that they call in turn, as the compiler takes them."""

from collections.abc import Iterable, Mapping
from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q, TextField
from django.db.models.functions import Cast, Length

from builder.safety.owner import Owner
from builder.workflows.models import Workflow, WorkflowVersion
from runtime.compiler.passes.inline import MAX_CALLED_BYTES
from runtime.graph.calls import Call, Callee, Library, calls_in
from runtime.graph.model import Graph
from runtime.graph.parse import parse_graph
from runtime.nodes.registry import load_registry

# More different versions than one workflow will call; what is left out is told as too much.
MOST = 100
# Characters of their drawings as they are stored: more than the compiler lets one workflow call.
MOST_STORED = 2 * MAX_CALLED_BYTES


def library_of(graph: Graph, owner: Owner) -> Library:
    """Of the owner's workspace alone: whoever may run there may read there, and what is elsewhere is unknown.

    A version never changes, so what is read here is what will run. How large they are is asked before any is read:
    this happens at every look at a draft.
    """
    found: dict[Call, Callee] = {}
    left_out: set[Call] = set()
    room = MOST_STORED
    wanted = set(calls_in(graph, load_registry()))
    while wanted and owner.workspace:
        some = sorted(wanted, key=str)[: MOST - len(found)]
        left_out |= wanted - set(some)
        fitting: list[UUID] = []
        for row, call, size in _sizes(some, owner.workspace):
            if size > room:
                left_out.add(call)
                continue
            room -= size
            fitting.append(row)
        read = _read(fitting)
        found |= read
        called = {call for callee in read.values() for call in calls_in(callee.graph, load_registry())}
        wanted = called - found.keys() - left_out
    copied = _copied({owner.workflow, *(call.workflow for call in found)} - {""})
    return Library(found, owner.workflow, frozenset(left_out), _gone(found, graph, owner), copied)


def _copied(workflows: Iterable[str]) -> bool:
    """Whether any of them came from people elsewhere."""
    return Workflow.objects.filter(pk__in=[UUID(one) for one in workflows], copied=True).exists()


def _gone(found: Mapping[Call, Callee], graph: Graph, owner: Owner) -> dict[Call, str]:
    """The names of what is called and was deleted: whoever could read it then is told what is missing."""
    drawn = [graph, *(callee.graph for callee in found.values())]
    missing = {call for one in drawn for call in calls_in(one, load_registry())} - found.keys()
    if not missing or not owner.workspace:
        return {}
    rows = Workflow.objects.filter(
        pk__in=[UUID(call.workflow) for call in sorted(missing, key=str)[:MOST]],
        workspace=UUID(owner.workspace),
        deleted__isnull=False,
    )
    names = {str(pk): name for pk, name in rows.values_list("pk", "name")}
    return {call: names[call.workflow] for call in missing if call.workflow in names}


def _sizes(some: Iterable[Call], workspace: str) -> list[tuple[UUID, Call, int]]:
    """The rows of those that are there, with the lengths of their drawings."""
    which = [Q(workflow=UUID(call.workflow), number=call.version) for call in some]
    if not which:
        return []
    rows = WorkflowVersion.objects.filter(
        reduce(or_, which), workflow__workspace=UUID(workspace), workflow__deleted=None
    ).annotate(size=Length(Cast("graph", TextField())))
    sizes = rows.order_by("workflow", "number").values_list("pk", "workflow", "number", "size")
    return [(row, Call(str(workflow), number), size) for row, workflow, number, size in sizes]


def _read(rows: Iterable[UUID]) -> dict[Call, Callee]:
    found = {}
    for row in WorkflowVersion.objects.filter(pk__in=rows).select_related("workflow"):
        graph, _ = parse_graph(row.graph)
        if graph is not None:
            found[Call(str(row.workflow_id), row.number)] = Callee(graph, row.workflow.name)
    return found
