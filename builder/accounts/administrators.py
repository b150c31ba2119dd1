"""The administrator: made on the first start, without a password, with a workspace of their own."""

from django.db import transaction

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User

# Made before anybody has said which language they read: this says it in both.
FIRST_WORKSPACE = "Workspace · 工作区"


def administrators() -> list[User]:
    return list(User.objects.filter(is_superuser=True, is_active=True).order_by("date_joined", "id"))


def has_admin_password() -> bool:
    """Whether an administrator can sign in by password: without one, only this machine may be served."""
    return any(user.has_usable_password() for user in administrators())


@transaction.atomic
def ensure_administrator() -> User:
    """The first administrator, created when there is none."""
    found = administrators()
    if found:
        return found[0]
    admin = User(username="admin", is_staff=True, is_superuser=True)
    admin.set_unusable_password()
    admin.save()
    create_workspace(FIRST_WORKSPACE, admin)
    return admin
