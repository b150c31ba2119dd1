"""Makes a copy of a workflow's draft in the same workspace."""

from builder.accounts.models import User
from builder.workflows.create_workflow import create_workflow
from builder.workflows.models import Workflow

MAX_NAME = 200


def duplicate_workflow(workflow: Workflow, user: User) -> Workflow:
    suffix = "（副本）" if user.language == "zh-hans" else " (copy)"
    name = workflow.name[: MAX_NAME - len(suffix)] + suffix
    graph, words = workflow.draft.graph, workflow.description
    return create_workflow(workflow.workspace, user, name, graph, words, copied=workflow.copied)
