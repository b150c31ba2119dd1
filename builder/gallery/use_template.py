"""Copies a template into a workspace, as a workflow of its own."""

from builder.accounts.models import User, Workspace
from builder.gallery.models import Template
from builder.workflows.create_workflow import create_workflow
from builder.workflows.models import Workflow
from runtime.values import Json


def use_template(template: Template, workspace: Workspace, user: User) -> Workflow:
    """The copy. Nothing of the template runs or is fetched by this."""
    language = "zh" if user.language == "zh-hans" else "en"
    graph = _in_chinese(template) if language == "zh" else template.graph
    return create_workflow(workspace, user, template.title[language], graph, template.description[language])


def _in_chinese(template: Template) -> dict[str, Json]:
    """The graph with the labels that a Chinese reader will see."""
    nodes = [
        node | {"params": node["params"] | template.chinese.get(node["id"], {})}
        for node in template.graph["nodes"]
    ]
    return {**template.graph, "nodes": nodes}
