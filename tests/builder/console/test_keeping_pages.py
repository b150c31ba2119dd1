"""The console's pages of keeping: rules, holds and people go through the verbs, and a refusal is shown."""

import pytest
from django.test import Client
from django.utils.html import strip_tags

from builder.accounts.administrators import ensure_administrator
from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User, Workspace
from builder.keeping.holds import lift_hold, place_hold
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
    admin.post(change, {"lift_reason": " ", "_lift": ""})
    hold.refresh_from_db()
    assert hold.lifted is None
    done = admin.post(change, {"lift_reason": "It is over.", "_lift": ""}, follow=True)
    assert "The hold is lifted." in done.content.decode()
    hold.refresh_from_db()
    assert hold.lifted and hold.lift_reason == "It is over."
    assert acts() == ["hold.placed", "hold.lifted"]


@pytest.mark.parametrize("button", ["_save", "_continue", "_addanother", ""])
def test_nothing_but_the_button_that_says_so_lifts_a_hold(button: str, admin: Client, ada: User) -> None:
    hold = place_hold(Subject.PERSON, ada.pk, "A court asked.", None)
    change = f"/console/keeping/hold/{hold.pk}/change/"
    answer = admin.post(change, {"lift_reason": "Still needed, see the letter of May", button: "Save"})
    page = answer.content.decode()
    assert "a hold is lifted by the button that says so" in page
    assert "Still needed, see the letter of May" in page, "what was typed is kept"
    hold.refresh_from_db()
    assert hold.lifted is None and acts() == ["hold.placed"]


@pytest.mark.parametrize(
    ("language", "lift", "what", "save"),
    [
        ("en", "Lift this hold", "This ends the hold for good", "Save"),
        ("zh-CN", "解除此法律保留", "这将永久结束此法律保留", "保存"),
    ],
)
def test_the_page_of_a_hold_says_what_its_button_does(
    language: str, lift: str, what: str, save: str, admin: Client, ada: User
) -> None:
    hold = place_hold(Subject.PERSON, ada.pk, "A court asked.", None)
    headers = {"Accept-Language": language}
    page = admin.get(f"/console/keeping/hold/{hold.pk}/change/", headers=headers).content.decode()
    buttons = [
        " ".join(strip_tags(part.split("</button>")[0]).split()) for part in page.split('type="submit"')[1:]
    ]
    told = " ".join(buttons)
    assert lift in told and what in page and save not in told
    assert 'name="_save"' not in page and 'name="_continue"' not in page and 'name="_addanother"' not in page
    added = admin.get("/console/keeping/hold/add/", headers=headers).content.decode()
    assert 'name="_save"' in added and lift not in added
    lift_hold(hold, "It is over.", None)
    assert lift not in admin.get(f"/console/keeping/hold/{hold.pk}/change/", headers=headers).content.decode()


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
