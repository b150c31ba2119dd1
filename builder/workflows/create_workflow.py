"""Creates a workflow with its first revision."""

from django.db import transaction

from builder.accounts.models import User, Workspace
from builder.workflows.models import Revision, Workflow
from builder.workflows.read_graph import EMPTY, read_graph
from runtime.values import Json


@transaction.atomic
def create_workflow(
    workspace: Workspace,
    user: User | None,
    name: str,
    graph: Json = None,
    description: str = "",
    *,
    copied: bool = False,
) -> Workflow:
    """A new workflow; without a graph it is empty. Raises Refused `graph_invalid`.

    `copied`: the graph is not of this workspace.
    """
    kept = read_graph(EMPTY if graph is None else graph).to_json()
    workflow = Workflow.objects.create(workspace=workspace, name=name, description=description, copied=copied)
    Revision.objects.create(workflow=workflow, number=1, graph=kept, by=user)
    return workflow
