"""Who gives rights, places and ways to sign in stands in the audit log, and so does not approve by another's account."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from builder.accounts.administrators import ensure_administrator
from builder.accounts.models import Membership, User, Workspace
from builder.accounts.roles import Role
from builder.safety import rights
from builder.safety.decide_proposal import may_approve
from builder.safety.models import AuditEntry, Proposal
from builder.safety.verify_audit import verify_audit
from runtime.safety.policy import default_policy

LONG_AGO = timezone.now() - timedelta(days=30)


@pytest.fixture
def ada(db: None) -> User:
    return ensure_administrator()


@pytest.fixture
def console(ada: User) -> Client:
    client = Client()
    client.force_login(ada)
    return client


@pytest.fixture
def vera(db: None) -> User:
    return User.objects.create(username="vera", date_joined=LONG_AGO)


def rows(form: str, *places: dict[str, Any], initial: int = 0) -> dict[str, Any]:
    """What the table of memberships on a page sends."""
    prefix = "memberships"
    management = {f"{prefix}-TOTAL_FORMS": len(places), f"{prefix}-INITIAL_FORMS": initial}
    return management | {
        f"{prefix}-{number}-{name}": value
        for number, place in enumerate(places)
        for name, value in (place | {form: place.get(form, "")}).items()
    }


def person(user: User, *places: dict[str, Any], initial: int = 0, **more: Any) -> dict[str, Any]:
    return {
        "username": user.username, "first_name": "", "last_name": "", "email": "", "language": "en",
        **more, **rows("user", *({"user": str(user.pk)} | place for place in places), initial=initial),
    }  # fmt: skip


def send(console: Client, page: str, data: dict[str, Any], *args: object) -> None:
    answer = console.post(reverse(f"admin:{page}", args=args), data)
    assert answer.status_code == 302, answer.context and answer.context.get("errors")


def log() -> list[tuple[str, str, Any]]:
    return [
        (entry.said["act"], entry.said["subject"], entry.said["data"])
        for entry in AuditEntry.objects.order_by("sequence")
    ]


def test_rights_links_and_passwords_are_lines(console: Client, ada: User, vera: User) -> None:
    whom = f"person {vera.pk}"
    send(console, "accounts_user_change", person(vera, is_active="on", is_superuser="on"), vera.pk)
    send(console, "accounts_user_changelist", {"action": "make_links", "_selected_action": [str(vera.pk)]})
    given = {"usable_password": "true", "password1": "a long new phrase", "password2": "a long new phrase"}
    send(console, "auth_user_password_change", given, vera.pk)
    send(console, "accounts_user_change", person(vera), vera.pk)
    acts = ["administrator.made", "link.made", "password.set", "administrator.ended", "person.shut_out"]
    assert log() == [(act, whom, {}) for act in acts]
    assert {entry.said["by"]["id"] for entry in AuditEntry.objects.all()} == {str(ada.pk)}
    assert verify_audit().fault is None


def test_a_page_that_is_saved_with_nothing_changed_writes_no_line(console: Client, vera: User) -> None:
    send(console, "accounts_user_change", person(vera, is_active="on"), vera.pk)
    assert log() == []


def test_places_in_workspaces_are_lines_whichever_page_gives_them(console: Client, vera: User) -> None:
    home = Workspace.objects.create(name="home")
    place = {"workspace": str(home.pk), "role": Role.REVIEWER.value, "id": ""}
    send(console, "accounts_user_change", person(vera, place, is_active="on"), vera.pk)
    row = Membership.objects.get(user=vera)
    kept = {"workspace": str(home.pk), "id": str(row.pk), "role": Role.OWNER.value}
    send(console, "accounts_user_change", person(vera, kept, is_active="on", initial=1), vera.pk)
    edited = {"user": str(vera.pk), "workspace": str(home.pk), "role": Role.VIEWER.value}
    send(console, "accounts_membership_change", edited, row.pk)
    send(console, "accounts_membership_delete", {"post": "yes"}, row.pk)
    send(console, "accounts_membership_add", edited)
    again = Membership.objects.get(user=vera)
    gone = {"user": str(vera.pk), "id": str(again.pk), "role": Role.VIEWER.value, "DELETE": "on"}
    send(
        console, "accounts_workspace_change", {"name": "home", **rows("workspace", gone, initial=1)}, home.pk
    )
    assert [(act, data["role"]) for act, _, data in log()] == [
        ("member.added", "reviewer"), ("member.changed", "owner"), ("member.changed", "viewer"),
        ("member.removed", "viewer"), ("member.added", "viewer"), ("member.removed", "viewer"),
    ]  # fmt: skip
    assert {(subject, data["person"]) for _, subject, data in log()} == {
        (f"workspace {home.pk}", str(vera.pk))
    }


def proposed(by: User) -> Proposal:
    data = default_policy().to_json()
    return Proposal.objects.create(
        base=1, data=data, reason="less", proposer=by, expires=timezone.now() + timedelta(days=7)
    )


@pytest.mark.parametrize("when", ["before the proposal", "after it"])
@pytest.mark.parametrize("how", ["a right", "a link", "a password"])
def test_an_account_that_somebody_lent_a_right_or_a_way_in_does_not_approve(
    how: str, when: str, console: Client, ada: User, vera: User
) -> None:
    if how != "a right":
        User.objects.filter(pk=vera.pk).update(is_superuser=True, is_staff=True)
    early = proposed(ada) if when == "after it" else None
    assert early is None or may_approve(early, User.objects.get(pk=vera.pk)) is (how != "a right")
    if how == "a right":
        send(console, "accounts_user_change", person(vera, is_active="on", is_superuser="on"), vera.pk)
    elif how == "a link":
        chosen = {"action": "make_links", "_selected_action": [str(vera.pk)]}
        send(console, "accounts_user_changelist", chosen)
    else:
        given = {
            "usable_password": "true",
            "password1": "a long new phrase",
            "password2": "a long new phrase",
        }
        send(console, "auth_user_password_change", given, vera.pk)
    made = early or proposed(ada)
    assert not may_approve(made, User.objects.get(pk=vera.pk))


def test_a_day_later_the_second_administrator_is_one(
    console: Client, ada: User, vera: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    send(console, "accounts_user_change", person(vera, is_active="on", is_superuser="on"), vera.pk)
    made = proposed(ada)
    now = User.objects.get(pk=vera.pk)
    assert not may_approve(made, now)
    made.created = timezone.now() + timedelta(days=1, seconds=1)
    assert may_approve(made, now)


def test_what_somebody_does_with_their_own_account_lends_nothing(db: None, vera: User) -> None:
    from builder.safety.append_audit import append_audit

    append_audit("password.set", by=vera, subject=rights.subject_of_person(vera))
    assert not rights.lent_since(vera, LONG_AGO)
