"""What the tests of deletion share: people, their workspaces, and a policy of stubs."""

from collections.abc import Callable

import pytest

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User, Workspace
from builder.safety.append_audit import append_audit
from runtime.safety.policy import Policy
from tests.fixtures.runs import policy, stub_packs, stub_policy

__all__ = ["policy", "stub_packs"]


@pytest.fixture
def ada(transactional_db: None, stub_packs: None, policy: Callable[[Policy], Policy]) -> User:
    made = policy(stub_policy())
    told = {"version": made.version, "digest": made.digest}
    append_audit("policy.shipped", by=None, subject="installation", data=told)
    return User.objects.create(username="ada", first_name="Ada", email="ada@example.org")


@pytest.fixture
def home(ada: User) -> Workspace:
    return create_workspace("Ada's", ada)


@pytest.fixture
def bob(ada: User) -> User:
    return User.objects.create(username="bob")


@pytest.fixture
def office(bob: User) -> Workspace:
    return create_workspace("Bob's", bob)
