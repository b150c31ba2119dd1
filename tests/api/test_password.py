"""A password of one's own: who may set it, what ends with it, and what whoever tries otherwise is told."""

import logging
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.urls import reverse

from builder.accounts.models import SignInAttempt, SignInLink, User
from builder.accounts.set_password import set_password
from builder.accounts.sign_in import MAX_ATTEMPTS
from builder.accounts.sign_in_links import issue_link
from builder.api import password as module
from builder.common.errors import Refused
from builder.safety.models import AuditEntry
from builder.safety.rights import lent_since

pytestmark = pytest.mark.django_db
OLD = "correct horse battery"
NEW = "nine quiet herons"
ADDRESS = "/api/session/password"


@pytest.fixture
def grace() -> User:
    return User.objects.create_user("grace", password=OLD, first_name="Grace", last_name="Hopper")


@pytest.fixture
def invited() -> User:
    """Has signed in by links so far."""
    user = User(username="ivan")
    user.set_unusable_password()
    user.save()
    return user


def signed_in(user: User, client: Client | None = None, password: str = OLD) -> Client:
    client = client or Client()
    assert sign_in(user, password, client) == 200
    return client


def sign_in(user: User, password: str, client: Client | None = None, address: str = "127.0.0.1") -> int:
    body = {"username": user.username, "password": password}
    answer = (client or Client()).post(
        "/api/session", body, content_type="application/json", REMOTE_ADDR=address
    )
    return answer.status_code


def by_link(user: User, by: User | None = None) -> Client:
    client = Client()
    assert client.post(issue_link(user, by.pk if by else None))["Location"] == "/"
    return client


def put(client: Client, new: str = NEW, current: str | None = OLD, **more: Any) -> tuple[int, str]:
    body = {"new": new} | ({} if current is None else {"current": current})
    answer = client.put(ADDRESS, body, content_type="application/json", **more)
    return answer.status_code, answer.json()["code"] if answer.content else ""


def is_in(client: Client) -> bool:
    return client.get("/api/session").json()["user"] is not None


def keeps(user: User, password: str = OLD) -> bool:
    return User.objects.get(pk=user.pk).check_password(password)


def lines() -> list[Any]:
    return [entry.said for entry in AuditEntry.objects.order_by("sequence")]


def test_who_has_no_password_sets_one_and_signs_in_with_it(invited: User) -> None:
    client = by_link(invited)
    assert client.get("/api/session").json()["user"]["has_password"] is False
    assert put(client, current=None) == (204, "")
    assert not is_in(client), "this session has ended, too"
    told = signed_in(invited, client, NEW).get("/api/session").json()["user"]
    assert (told["has_password"], told["lent"]) == (True, None)


def test_who_has_one_names_it_to_set_another(grace: User) -> None:
    assert put(signed_in(grace)) == (204, "")
    assert keeps(grace, NEW)
    assert sign_in(grace, OLD) == 400


@pytest.mark.parametrize("current", ["wrong", "", None, NEW, OLD.upper()])
def test_without_the_one_that_holds_nothing_changes(grace: User, current: str | None) -> None:
    client = signed_in(grace)
    before = User.objects.get(pk=grace.pk).password
    assert put(client, current=current) == (400, "wrong_credentials")
    assert User.objects.get(pk=grace.pk).password == before
    assert is_in(client)
    assert lines() == []


def test_guesses_at_it_are_counted_with_those_of_signing_in(grace: User) -> None:
    """Who sits down at a screen that was left open finds out no more than at the sign-in page."""
    client = signed_in(grace)
    for number in range(MAX_ATTEMPTS // 2):
        address = f"192.0.2.{number}"
        assert put(client, current=f"guess {number}", REMOTE_ADDR=address) == (400, "wrong_credentials")
        assert sign_in(grace, f"guess {number}", address=address) == 400
    assert put(client, REMOTE_ADDR="198.51.100.1") == (429, "too_many_attempts"), "not even the right one"
    assert sign_in(grace, OLD, address="198.51.100.2") == 429
    assert keeps(grace)


def test_a_weak_new_one_is_no_way_to_guess_without_being_counted(grace: User) -> None:
    client = signed_in(grace)
    assert put(client, new="x", current="guess") == (400, "wrong_credentials")
    assert SignInAttempt.objects.count() == 2, "one for the name, one for the address"


@pytest.mark.parametrize(
    ("new", "en", "zh"),
    [
        ("qz7", "too short", "太短"),
        ("sunshine", "too common", "太常见"),
        ("49102837465", "entirely numeric", "数字"),
        ("gracehopper", "too similar to the", "太相似"),
    ],
)
def test_what_is_weak_is_refused_with_every_reason_in_both_languages(
    grace: User, new: str, en: str, zh: str
) -> None:
    client = signed_in(grace)
    body = {"current": OLD, "new": new}
    answer = client.put(ADDRESS, body, content_type="application/json", headers={"Accept-Language": "zh-CN"})
    told = answer.json()
    assert (answer.status_code, told["code"]) == (400, "weak_password")
    assert told["message"] == "这个密码太容易被猜到。"
    assert told["hint"]
    assert {issue["param"] for issue in told["issues"]} == {"new"}
    assert any(en in issue["message"]["en"] and zh in issue["message"]["zh"] for issue in told["issues"])
    assert new not in answer.content.decode()
    assert keeps(grace)
    assert is_in(client)


def test_every_session_of_the_account_ends_and_no_other(grace: User, invited: User) -> None:
    here, elsewhere, theirs = signed_in(grace), signed_in(grace), by_link(invited)
    put(here)
    assert [is_in(client) for client in (here, elsewhere, theirs)] == [False, False, True]
    signed_in(grace, password=NEW)


def test_no_row_of_them_stays_by_which_a_socket_would_go_on(grace: User, invited: User) -> None:
    """Watchers are sent away when their row is gone (`test_watching_several`): nobody asks what is in it."""
    here, elsewhere, theirs = signed_in(grace), signed_in(grace), by_link(invited)
    keys = [client.session.session_key for client in (here, elsewhere, theirs)]
    put(here)
    assert list(Session.objects.values_list("session_key", flat=True)) == [keys[2]]


def test_links_to_the_account_end_and_no_others(grace: User, invited: User) -> None:
    unused, other = issue_link(grace), issue_link(invited)
    put(signed_in(grace))
    assert Client().post(unused)["Location"] == "/sign-in?used=1"
    assert Client().post(other)["Location"] == "/"


def test_it_is_a_line_of_the_audit_log_that_lends_nothing(grace: User) -> None:
    put(signed_in(grace))
    (line,) = lines()
    assert (line["act"], line["by"]["id"], line["subject"], line["data"]) == (
        "password.set", str(grace.pk), f"person {grace.pk}", {},
    )  # fmt: skip
    assert not lent_since(grace, grace.date_joined)


def test_in_a_lent_session_the_line_says_by_whom_and_the_account_counts_as_lent(
    grace: User, invited: User
) -> None:
    client = by_link(invited, by=grace)
    assert client.get("/api/session").json()["user"]["lent"] == "Grace Hopper"
    assert put(client, current=None) == (204, "")
    (line,) = lines()
    assert (line["by"]["id"], line["data"]) == (str(invited.pk), {"lent_by": str(grace.pk)})
    assert lent_since(invited, grace.date_joined)
    put(signed_in(invited, password=NEW), new="seven loud geese", current=NEW)
    assert lent_since(invited, grace.date_joined), "setting it once more washes nothing"


def test_a_link_that_the_machine_has_made_lends_nothing(invited: User) -> None:
    client = by_link(invited)
    assert client.get("/api/session").json()["user"]["lent"] is None
    put(client, current=None)
    assert lines()[0]["data"] == {}


def test_without_its_line_nothing_is_set(grace: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_: object) -> None:
        raise RuntimeError("the log is away")

    monkeypatch.setattr(module, "note_password", fails)
    client, link = signed_in(grace), issue_link(grace)
    with pytest.raises(RuntimeError):
        put(client)
    assert keeps(grace)
    assert is_in(client)
    assert Client().post(link)["Location"] == "/"


def test_of_two_at_once_one_wins(grace: User) -> None:
    early, late = User.objects.get(pk=grace.pk), User.objects.get(pk=grace.pk)
    set_password(early, NEW)
    with pytest.raises(Refused) as refused:
        set_password(late, "seven loud geese")
    assert (refused.value.code, refused.value.status) == ("password_changed", 409)
    assert keeps(grace, NEW)


def test_nobody_sets_one() -> None:
    assert put(Client()) == (401, "sign_in_required")


def test_a_foreign_page_sets_none(grace: User) -> None:
    client = Client(enforce_csrf_checks=True)
    client.force_login(grace)
    assert put(client) == (403, "csrf_failed")
    client.get("/api/session")
    assert put(client, headers={"X-CSRFToken": "a" * 32}) == (403, "csrf_failed")
    assert keeps(grace)
    assert put(client, headers={"X-CSRFToken": client.cookies["csrftoken"].value}) == (204, "")


def test_one_s_own_alone(grace: User, invited: User) -> None:
    body = {"current": "", "new": NEW, "username": "ivan"}
    assert signed_in(grace).put(ADDRESS, body, content_type="application/json").status_code == 400
    assert not User.objects.get(pk=invited.pk).has_usable_password()


@pytest.mark.parametrize("new", ["", " " * 1_001, "a\0b" * 9, None, 7])
def test_what_is_no_password_is_refused(grace: User, new: Any) -> None:
    status, code = put(signed_in(grace), new=new)
    assert (status, code) in {(400, "invalid"), (400, "bad_json")}
    assert keeps(grace)


def test_it_is_taken_as_it_was_typed(grace: User) -> None:
    spaced = "  九只安静的苍鹭 herons "
    assert put(signed_in(grace), new=spaced) == (204, "")
    assert sign_in(grace, spaced.strip()) == 400
    assert sign_in(grace, spaced) == 200


def test_it_stands_in_no_log(
    grace: User, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    caplog.set_level(logging.DEBUG)
    client = Client(raise_request_exception=False)
    signed_in(grace, client)
    put(client, current="a wrong guess")
    put(client, new="x1secre")

    def fails(*_: object) -> None:
        raise RuntimeError("the database is away")

    with monkeypatch.context() as patch:
        patch.setattr(module, "set_password", fails)
        assert put(client)[0] == 500
    assert put(client) == (204, "")
    said = caplog.text + repr([record.__dict__ for record in caplog.records]) + repr(lines())
    assert "the database is away" in said
    for secret in (NEW, OLD, "a wrong guess", "x1secre"):
        assert secret not in said


@pytest.fixture
def console() -> tuple[User, Client]:
    ada = User.objects.create_user("ada", password=OLD, is_superuser=True, is_staff=True)
    return ada, signed_in(ada)


def sets(console: Client, of: User) -> None:
    """As an administrator does for somebody."""
    given = {"usable_password": "true", "password1": NEW, "password2": NEW}
    assert console.post(reverse("admin:auth_user_password_change", args=[of.pk]), given).status_code == 302


def test_one_that_an_administrator_sets_ends_the_same(grace: User, console: tuple[User, Client]) -> None:
    _, acting = console
    elsewhere, link = signed_in(grace), issue_link(grace)
    kept = elsewhere.session.session_key
    sets(acting, grace)
    assert not Session.objects.filter(session_key=kept).exists()
    assert is_in(acting), "who sets it stays"
    assert Client().post(link)["Location"] == "/sign-in?used=1"
    assert [line["act"] for line in lines()] == ["password.set"]


def test_an_administrator_s_own_is_set_where_the_current_one_is_asked_for(
    console: tuple[User, Client],
) -> None:
    ada, acting = console
    given = {"usable_password": "true", "password1": NEW, "password2": NEW}
    answer = acting.post(reverse("admin:auth_user_password_change", args=[ada.pk]), given)
    assert (answer.status_code, answer["Location"]) == (302, "/settings")
    assert keeps(ada) and lines() == []


def test_what_does_not_change_it_ends_nothing(grace: User, console: tuple[User, Client]) -> None:
    theirs = signed_in(grace)
    issue_link(grace)
    page = reverse("admin:auth_user_password_change", args=[grace.pk])
    given = {"usable_password": "true", "password1": NEW, "password2": "otherwise"}
    assert console[1].post(page, given).status_code == 200
    assert is_in(theirs)
    assert SignInLink.objects.filter(user=grace).exists()


@pytest.mark.parametrize("method", ["get", "post"])
def test_the_console_has_no_page_of_its_own_on_which_to_guess(
    method: str, console: tuple[User, Client]
) -> None:
    ada, acting = console
    ask: Callable[..., Any] = getattr(acting, method)
    answer = ask(
        "/console/password_change/", {"old_password": OLD, "new_password1": NEW, "new_password2": NEW}
    )
    assert (answer.status_code, answer["Location"]) == (302, "/settings")
    assert keeps(ada)
