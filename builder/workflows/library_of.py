"""library_of: the published versions that a graph calls, and those that they call in turn, as the compiler takes them."""

from functools import reduce
from operator import or_
from uuid import UUID

from django.db.models import Q

from builder.safety.owner import Owner
from builder.workflows.models import WorkflowVersion
from runtime.graph.calls import Call, Callee, Library, calls_in
from runtime.graph.model import Graph
from runtime.graph.parse import parse_graph
from runtime.nodes.registry import load_registry

# More different versions than one workflow will call; what is left out is told as unknown.
MOST = 100


def library_of(graph: Graph, owner: Owner) -> Library:
    """Of the owner's workspace alone: whoever may run there may read there, and what is elsewhere is unknown.

    A version never changes, so what is read here is what will run.
    """
    found: dict[Call, Callee] = {}
    wanted = set(calls_in(graph, load_registry()))
    while wanted and owner.workspace and len(found) < MOST:
        read = _read(wanted, owner.workspace)
        found |= read
        called = {call for callee in read.values() for call in calls_in(callee.graph, load_registry())}
        wanted = called - found.keys()
    return Library(found, owner.workflow)


def _read(wanted: set[Call], workspace: str) -> dict[Call, Callee]:
    some = sorted(wanted, key=str)[:MOST]
    which = reduce(or_, (Q(workflow=UUID(call.workflow), number=call.version) for call in some))
    rows = WorkflowVersion.objects.filter(
        which, workflow__workspace=UUID(workspace), workflow__deleted=None
    ).select_related("workflow")
    found = {}
    for row in rows:
        graph, _ = parse_graph(row.graph)
        if graph is not None:
            found[Call(str(row.workflow_id), row.number)] = Callee(graph, row.workflow.name)
    return found
