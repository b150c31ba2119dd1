"""Copies a template into a workspace, as a workflow of its own."""

from builder.accounts.models import User, Workspace
from builder.gallery.models import Template
from builder.workflows.create_workflow import create_workflow
from builder.workflows.models import Workflow


def use_template(template: Template, workspace: Workspace, user: User) -> Workflow:
    """The copy, in the user's language. Nothing of the template runs or is fetched by this."""
    language = "zh" if user.language == "zh-hans" else "en"
    return create_workflow(
        workspace,
        user,
        template.title[language],
        template.graph_in(language),
        template.description[language],
        copied=_is_of_others(template, workspace),
    )


def _is_of_others(template: Template, workspace: Workspace) -> bool:
    """Whether people elsewhere wrote it. The seeds are the installation's own; of what is gone nobody knows."""
    if template.seed:
        return False
    origin = template.version.workflow if template.version else None
    return origin is None or origin.workspace_id != workspace.pk or origin.copied
