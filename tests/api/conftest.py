"""People, workspaces and a browser for the API's tests."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

import pytest
from rest_framework.test import APIClient

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import Membership, User, Workspace
from builder.accounts.roles import Role
from builder.workflows.create_workflow import create_workflow
from builder.workflows.models import Workflow
from runtime.values import Json


@dataclass(frozen=True, slots=True)
class Member:
    """A person who is signed in, and a workspace that they belong to."""

    user: User
    workspace: Workspace
    client: APIClient

    def workflow(self, name: str = "Mine", graph: Json = None) -> Workflow:
        return create_workflow(self.workspace, self.user, name, graph)


NewMember = Callable[..., Member]


@pytest.fixture
def member(db: None) -> NewMember:
    """Makes people: `member("ada")` owns a workspace of her own, `member("bob", workspace=..., role=...)` joins one."""

    def make(
        name: str, workspace: Workspace | None = None, role: str = Role.EDITOR, admin: bool = False
    ) -> Member:
        user = User.objects.create(username=name, is_superuser=admin, is_staff=admin)
        if workspace is None:
            workspace = create_workspace(f"{name}'s", user)
        else:
            Membership.objects.create(user=user, workspace=workspace, role=role)
        client = APIClient()
        client.force_login(user)
        return Member(user, workspace, client)

    return make


@pytest.fixture
def ada(member: NewMember) -> Member:
    return member("ada")


@pytest.fixture
def stranger(member: NewMember) -> Member:
    return member("stranger")


@pytest.fixture
def anonymous(db: None) -> APIClient:
    return APIClient()


def nobody() -> UUID:
    """An id that nothing has."""
    return UUID("01890000-0000-7000-8000-000000000000")
