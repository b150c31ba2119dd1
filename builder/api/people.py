"""Who asks, and what they may reach: the questions that every view begins with."""

from uuid import UUID

from rest_framework.request import Request

from builder.accounts.models import User, Workspace
from builder.accounts.roles import Role
from builder.accounts.scope import find, find_writable, with_role, writable
from builder.common.errors import administrators_only, not_found, owners_only
from builder.common.prepared import Prepared
from builder.workflows.models import Workflow, WorkflowQuerySet


def person(request: Request) -> User:
    """The signed-in person; the permission classes let nobody else through."""
    assert isinstance(request.user, User)
    return request.user


def require_administrator(request: Request) -> User:
    user = person(request)
    if not user.is_superuser:
        raise administrators_only()
    return user


def workspace_of(request: Request, workspace: UUID, write: bool = False) -> Workspace:
    return (find_writable if write else find)(Workspace.objects.all(), person(request), workspace)


def workflow_of(request: Request, workflow: UUID, write: bool = False) -> Workflow:
    user = person(request)
    if write:
        return writable(_workflows_with_role.first(user.pk, workflow))
    return find(_workflows(), user, workflow)


def _workflows() -> "WorkflowQuerySet":
    return Workflow.objects.alive().select_related("workspace")


# Asked with every run that is started.
_workflows_with_role = Prepared(lambda user, key: with_role(_workflows(), user, key), slots=2)


def is_owner(request: Request, workspace: Workspace) -> bool:
    return workspace.memberships.filter(user=person(request), role=Role.OWNER).exists()


def require_owner(request: Request, workspace: Workspace) -> User:
    """The person, when they are an owner of the workspace. Raises Refused `owners_only`."""
    if not is_owner(request, workspace):
        raise owners_only()
    return person(request)


def workflow_in(request: Request, workspace: Workspace, named: UUID | None) -> Workflow | None:
    """The workflow whose policy is meant, if one is named; one of another workspace is as unknown as none."""
    if named is None:
        return None
    workflow = workflow_of(request, named)
    if workflow.workspace_id != workspace.pk:
        raise not_found()
    return workflow
