"""One-time sign-in links: for one person, once, for a day, and not used up by whoever only looks."""

from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.utils import timezone

from builder.accounts.administrators import administrators, has_admin_password
from builder.accounts.models import SignInLink, User
from builder.accounts.sign_in_links import issue_link

pytestmark = pytest.mark.django_db
NAVIGATION = {"Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document", "Sec-Fetch-Site": "none"}
USED = "/sign-in?used=1"


def who(client: Client) -> str | None:
    user = client.get("/api/session").json()["user"]
    return user["name"] if user else None


def test_the_first_link_creates_the_administrator_with_a_workspace_and_without_a_password() -> None:
    client = Client()
    answer = client.get(issue_link(), headers=NAVIGATION)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    session = client.get("/api/session").json()
    assert (session["user"]["is_admin"], [item["role"] for item in session["workspaces"]]) == (
        True,
        ["owner"],
    )
    assert not has_admin_password()
    administrators()[0].set_password("x")
    issue_link()
    assert User.objects.count() == 1


def test_a_link_signs_in_once() -> None:
    link = issue_link()
    Client().get(link, headers=NAVIGATION)
    second = Client()
    answer = second.get(link, headers=NAVIGATION)
    assert (answer.status_code, answer["Location"], who(second)) == (302, USED, None)


def test_an_expired_link_signs_nobody_in() -> None:
    link = issue_link()
    SignInLink.objects.update(expires=timezone.now() - timedelta(seconds=1))
    client = Client()
    assert client.get(link, headers=NAVIGATION)["Location"] == USED
    assert client.post(link)["Location"] == USED
    assert who(client) is None


@pytest.mark.parametrize(
    "headers", [{}, {"Sec-Purpose": "prefetch", **NAVIGATION}, {"Sec-Fetch-Mode": "cors"}]
)
def test_whoever_only_looks_at_a_link_does_not_use_it_up(headers: dict[str, str]) -> None:
    link = issue_link()
    scanner = Client()
    assert scanner.get(link, headers=headers).status_code == 200
    assert scanner.head(link).status_code == 200
    assert who(scanner) is None
    person = Client()
    person.get(link, headers=NAVIGATION)
    assert who(person) == "admin"


def test_the_page_of_a_link_has_a_button_that_signs_in_and_asks_for_the_csrf_token() -> None:
    link = issue_link()
    client = Client(enforce_csrf_checks=True)
    page = client.get(link, headers={"Accept-Language": "zh-CN"}).content.decode()
    assert "登录" in page
    assert client.post(link).status_code == 403
    answer = client.post(link, {"csrfmiddlewaretoken": client.cookies["csrftoken"].value})
    assert (answer["Location"], who(client)) == ("/", "admin")


def test_a_link_of_somebody_who_was_switched_off_signs_nobody_in() -> None:
    user = User.objects.create(username="grace")
    link = issue_link(user)
    User.objects.update(is_active=False)
    assert Client().get(link, headers=NAVIGATION)["Location"] == USED


@pytest.mark.parametrize("token", ["x", "%00", "a" * 5_000, "%F0%9F%98%80", "null", "[]"])
def test_made_up_tokens_sign_nobody_in(token: str) -> None:
    answer = Client().get(f"/sign-in/{token}", headers=NAVIGATION)
    assert (answer.status_code, answer["Location"]) == (302, USED)


def test_only_the_hash_of_a_token_is_kept() -> None:
    token = issue_link().rpartition("/")[2]
    assert token not in str(SignInLink.objects.values_list())


def test_the_command_prints_a_link_for_the_person_it_names(capsys: pytest.CaptureFixture[str]) -> None:
    User.objects.create(username="grace")
    call_command("sign_in_link", "grace")
    client = Client()
    client.get(capsys.readouterr().out.strip(), headers=NAVIGATION)
    assert who(client) == "grace"
    with pytest.raises(CommandError, match="no active user"):
        call_command("sign_in_link", "nobody")
