"""Copies a template into a workspace, as a workflow of its own."""

from builder.accounts.models import User, Workspace
from builder.gallery.models import Template
from builder.workflows.create_workflow import create_workflow
from builder.workflows.models import Workflow


def use_template(template: Template, workspace: Workspace, user: User) -> Workflow:
    """The copy, in the user's language. Nothing of the template runs or is fetched by this."""
    language = "zh" if user.language == "zh-hans" else "en"
    return create_workflow(
        workspace, user, template.title[language], template.graph_in(language), template.description[language]
    )
