"""Creates a workspace with its first owner."""

from django.db import transaction

from builder.accounts.models import Membership, User, Workspace
from builder.accounts.roles import Role


@transaction.atomic
def create_workspace(name: str, owner: User) -> Workspace:
    workspace = Workspace.objects.create(name=name)
    Membership.objects.create(workspace=workspace, user=owner, role=Role.OWNER)
    return workspace
