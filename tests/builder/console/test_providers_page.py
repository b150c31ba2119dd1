"""The page of providers: added, tried and removed, and the key is shown nowhere."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse

from builder.accounts.administrators import ensure_administrator
from builder.catalog.secrets import open_store
from runtime.providers import providers
from runtime.safety.filters import load_filters
from tests.fixtures.chat_server import ChatServer, chat_server, saying

pytestmark = pytest.mark.database
KEY = "sk-CANARY-7261"


@pytest.fixture
def page(db: None, tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Client:
    settings.HOME = tmp_path
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path))
    client = Client()
    client.force_login(ensure_administrator())
    return client


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server(saying("hello")) as running:
        yield running


def post(page: Client, **data: str) -> str:
    return page.post(reverse("admin:providers"), data, follow=True).content.decode()


def form(server: ChatServer, **more: str) -> dict[str, str]:
    return {
        "name": "near",
        "base_url": f"http://127.0.0.1:{server.port}/v1",
        "models": "m1 m2",
        "key": KEY,
        **more,
    }


def test_a_provider_is_added_tried_and_removed(page: Client, server: ChatServer) -> None:
    shown = post(page, **form(server))
    judges = [name for name in load_filters() if name.startswith("judge.near-")]
    assert len(judges) == 2 and all(name in shown for name in judges)
    assert "has a key" in shown and "CANARY" not in shown
    assert "It answers, after" in post(page, **{"try": "near"})
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"
    server.behave = lambda handler: handler.reply(401, b"{}")
    assert "does not accept the key" in post(page, **{"try": "near"})
    (kept,) = providers()
    assert "The provider and its key are gone." in post(page, remove="near")
    assert not providers() and open_store().read(kept.secret) is None


def test_what_the_form_says_is_what_is_kept(page: Client, server: ChatServer) -> None:
    post(
        page,
        **form(
            server, header="api-key", limit="max_completion_tokens", networks="10.0.0.0/8", workflows="on"
        ),
    )
    (kept,) = providers()
    assert (kept.header, kept.limit) == ("api-key", "max_completion_tokens")
    assert kept.networks == ("10.0.0.0/8",) and kept.workflows and kept.keyed
    assert "HAS NO KEY" not in post(page, **form(server, keyless="on", key=""))
    (kept,) = providers()
    assert not kept.keyed and not kept.workflows


def test_what_is_wrong_is_said_in_a_sentence_and_the_key_is_not(page: Client, server: ChatServer) -> None:
    for wrong, says in (
        ({"base_url": "http://10.0.0.7/v1"}, "Without https only this machine itself"),
        ({"models": ""}, "Name one to 50 models"),
        ({"key": "sk-CANARY 2"}, "That is no key"),
        ({"key": ""}, "needs a key"),
    ):
        shown = post(page, **form(server, **wrong))
        assert says in shown and "CANARY" not in shown
    assert not providers()


def test_others_do_not_get_in(db: None) -> None:
    assert Client().get(reverse("admin:providers")).status_code == 302
