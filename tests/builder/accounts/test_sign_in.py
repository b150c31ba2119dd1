"""Signing in by password: right, wrong, and wrong too often."""

from datetime import timedelta

import pytest
from django.contrib.auth import authenticate
from django.http import HttpRequest
from django.test import Client, RequestFactory
from django.utils import timezone

from builder.accounts import sign_in as module
from builder.accounts.administrators import ensure_administrator, has_admin_password
from builder.accounts.models import SignInAttempt, User
from builder.accounts.sign_in import MAX_ATTEMPTS
from builder.common.errors import Refused

pytestmark = pytest.mark.django_db
PASSWORD = "correct horse battery"


@pytest.fixture
def grace() -> User:
    return User.objects.create_user("grace", password=PASSWORD)


def sign_in(
    password: str, name: str = "grace", address: str = "192.0.2.1", client: Client | None = None
) -> int:
    answer = (client or Client()).post(
        "/api/session",
        {"username": name, "password": password},
        content_type="application/json",
        REMOTE_ADDR=address,
    )
    return answer.status_code


def test_the_right_password_signs_in_and_signing_out_ends_it(grace: User) -> None:
    client = Client()
    assert sign_in(PASSWORD, client=client) == 200
    assert client.get("/api/session").json()["user"]["name"] == "grace"
    assert client.delete("/api/session").status_code == 204
    assert client.get("/api/session").json()["user"] is None


def test_a_wrong_password_and_an_unknown_name_get_the_same_answer(grace: User) -> None:
    bodies = [{"username": "grace", "password": "x"}, {"username": "nobody", "password": "x"}]
    answers = [Client().post("/api/session", body, content_type="application/json") for body in bodies]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[0].json() == answers[1].json()


def test_of_a_thousand_guesses_at_one_name_from_many_addresses_twenty_are_evaluated(
    grace: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    evaluated: list[str] = []

    def counting(request: HttpRequest, username: str, password: str) -> User | None:
        evaluated.append(password)
        return authenticate(request, username=username, password=password)

    monkeypatch.setattr(module, "authenticate", counting)
    for number in range(1_000):
        request = RequestFactory().post("/api/session", REMOTE_ADDR=f"192.0.2.{number % 250}")
        with pytest.raises(Refused):
            module.sign_in(request, "grace", f"guess {number}")
    assert len(evaluated) == module.MAX_ATTEMPTS
    # Not even the right one is looked at then.
    assert sign_in(PASSWORD, address="198.51.100.1") == 429


def test_guesses_at_many_names_from_one_address_end_alike(grace: User) -> None:
    answers = [sign_in("wrong", name=f"user{number}") for number in range(MAX_ATTEMPTS + 5)]
    assert answers == [400] * MAX_ATTEMPTS + [429] * 5
    assert sign_in(PASSWORD, address="198.51.100.1") == 200


def test_programs_are_told_when_to_come_back(grace: User, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ATTEMPTS", 1)
    body = {"username": "grace", "password": "wrong"}
    answers = [Client().post("/api/session", body, content_type="application/json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [400, 429]
    assert [answer.get("Retry-After") for answer in answers] == [None, "3600"]


def test_an_hour_later_it_may_be_tried_again(grace: User) -> None:
    for _ in range(MAX_ATTEMPTS):
        sign_in("wrong")
    assert sign_in(PASSWORD) == 429
    SignInAttempt.objects.update(at=timezone.now() - timedelta(minutes=61))
    assert sign_in(PASSWORD) == 200


def test_a_foreign_page_can_sign_nobody_in(grace: User) -> None:
    client = Client(enforce_csrf_checks=True)
    answer = client.post(
        "/api/session", {"username": "grace", "password": PASSWORD}, content_type="application/json"
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "csrf_failed")
    client.get("/api/session")
    headers = {"X-CSRFToken": client.cookies["csrftoken"].value}
    body = {"username": "grace", "password": PASSWORD}
    assert (
        client.post("/api/session", body, content_type="application/json", headers=headers).status_code == 200
    )


def test_the_language_is_kept_for_the_person(grace: User) -> None:
    client = Client()
    client.force_login(grace)
    client.patch("/api/session", {"language": "zh-hans"}, content_type="application/json")
    assert client.get("/api/session").json()["language"] == "zh-hans"
    assert User.objects.get().language == "zh-hans"
    assert client.cookies["language"].value == "zh-hans"


def test_the_bootstrap_hears_whether_an_administrator_has_a_password() -> None:
    admin = ensure_administrator()
    assert not has_admin_password()
    admin.set_password(PASSWORD)
    admin.save()
    assert has_admin_password()
    User.objects.update(is_active=False)
    assert not has_admin_password()
