"""The console's pages of keeping: rules, holds and people go through the verbs, and a refusal is shown."""

import pytest
from django.test import Client

from builder.accounts.administrators import ensure_administrator
from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User, Workspace
from builder.keeping.holds import place_hold
from builder.keeping.models import Hold, Kept, RetentionRule, Subject
from builder.keeping.retention import terms_of
from builder.safety.models import AuditEntry


@pytest.fixture
def admin(db: None) -> Client:
    client = Client()
    client.force_login(ensure_administrator())
    return client


@pytest.fixture
def ada(db: None) -> User:
    user = User.objects.create(username="ada")
    create_workspace("Ada's", user)
    return user


def acts() -> list[str]:
    return [entry.said["act"] for entry in AuditEntry.objects.order_by("sequence")]


def test_the_most_of_the_installation_is_set_and_taken_away(admin: Client) -> None:
    admin.post("/console/keeping/retentionrule/add/", {"workspace": "", "kind": "uploads", "days": "30"})
    rule = RetentionRule.objects.get()
    assert rule.workspace is None and terms_of(None)[Kept.UPLOADS].days == 30
    admin.post(f"/console/keeping/retentionrule/{rule.pk}/delete/", {"post": "yes"})
    assert not RetentionRule.objects.exists()
    assert acts() == ["retention.changed", "retention.changed"]


def test_a_hold_is_placed_and_lifted_with_reasons(admin: Client, ada: User) -> None:
    add = "/console/keeping/hold/add/"
    nobody = {"kind": "person", "subject": "01890000-0000-7000-8000-000000000000", "reason": "A court asked."}
    assert admin.post(add, nobody).status_code == 200 and not Hold.objects.exists()
    admin.post(add, nobody | {"subject": str(ada.pk)})
    hold = Hold.objects.get()
    assert (hold.kind, hold.subject, hold.reason) == ("person", ada.pk, "A court asked.")
    change = f"/console/keeping/hold/{hold.pk}/change/"
    admin.post(change, {"lift_reason": " "})
    hold.refresh_from_db()
    assert hold.lifted is None
    admin.post(change, {"lift_reason": "It is over."})
    hold.refresh_from_db()
    assert hold.lifted and hold.lift_reason == "It is over."
    assert acts() == ["hold.placed", "hold.lifted"]


def test_a_person_under_a_hold_is_not_deleted_and_the_page_says_so(admin: Client, ada: User) -> None:
    place_hold(Subject.PERSON, ada.pk, "A court asked.", None)
    page = admin.post(f"/console/accounts/user/{ada.pk}/delete/", {"post": "yes"}, follow=True)
    assert "legal hold" in page.content.decode()
    ada.refresh_from_db()
    assert ada.is_active and ada.username == "ada"


def test_deleting_a_person_leaves_a_pseudonym(admin: Client, ada: User) -> None:
    admin.post(f"/console/accounts/user/{ada.pk}/delete/", {"post": "yes"})
    ada.refresh_from_db()
    assert ada.username.startswith("erased-") and not ada.is_active
    assert not Workspace.objects.filter(name="Ada's").exists()


def test_no_workspace_is_deleted_behind_what_is_kept(admin: Client, ada: User) -> None:
    home = Workspace.objects.get(name="Ada's")
    assert admin.post(f"/console/accounts/workspace/{home.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Workspace.objects.filter(pk=home.pk).exists()
