"""People, workspaces and a browser for the API's tests."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from uuid import UUID

import pytest
from django.db import transaction
from pytest_django.plugin import DjangoDbBlocker
from rest_framework.test import APIClient

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import Membership, User, Workspace
from builder.accounts.roles import Role
from builder.workflows.create_workflow import create_workflow
from builder.workflows.models import Workflow
from runtime.values import Json

if TYPE_CHECKING:
    from tests.api.everything import Everything  # which takes Member from here


@dataclass(frozen=True, slots=True)
class Member:
    """A person who is signed in, and a workspace that they belong to."""

    user: User
    workspace: Workspace
    client: APIClient

    def workflow(self, name: str = "Mine", graph: Json = None) -> Workflow:
        return create_workflow(self.workspace, self.user, name, graph)

    def anew(self) -> Member:
        """The same person in a browser of their own, which nobody has signed out."""
        client = APIClient()
        client.force_login(self.user)
        return replace(self, client=client)


NewMember = Callable[..., Member]


def join(
    name: str, workspace: Workspace | None = None, role: str = Role.EDITOR, admin: bool = False
) -> Member:
    """A new person, signed in, who owns a workspace of their own or belongs to this one."""
    user = User.objects.create(username=name, is_superuser=admin, is_staff=admin)
    if workspace is None:
        workspace = create_workspace(f"{name}'s", user)
    else:
        Membership.objects.create(user=user, workspace=workspace, role=role)
    return Member(user, workspace, APIClient()).anew()


@pytest.fixture
def member(db: None) -> NewMember:
    """Makes people: `member("ada")` owns a workspace of her own, `member("bob", workspace=..., role=...)` joins one."""

    return join


@pytest.fixture
def ada(member: NewMember) -> Member:
    return member("ada")


@pytest.fixture
def stranger(member: NewMember) -> Member:
    return member("stranger")


@pytest.fixture
def anonymous(db: None) -> APIClient:
    return APIClient()


@pytest.fixture(scope="module")
def lasting(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Everything]:
    """One of everything, in a transaction around those of the module's tests: making it costs some thirty requests."""
    from tests.api.everything import make_everything

    with ExitStack() as around:
        with django_db_blocker.unblock():
            around.enter_context(transaction.atomic())
            made = make_everything(join("everybody"))
        yield made
        with django_db_blocker.unblock():
            transaction.set_rollback(True)
            around.close()


@pytest.fixture
def everything(lasting: Everything, db: None, request: pytest.FixtureRequest) -> Everything:
    """One of everything, as if it had been made for this test alone: what the test does to it is undone."""
    marker = request.node.get_closest_marker("django_db")
    assert not (marker and marker.kwargs.get("transaction")), "such a test cannot run inside a transaction"
    return replace(lasting, member=lasting.member.anew())


def nobody() -> UUID:
    """An id that nothing has."""
    return UUID("01890000-0000-7000-8000-000000000000")
