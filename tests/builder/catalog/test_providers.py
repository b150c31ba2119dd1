"""Providers as an administrator keeps them: what is stored, what is sealed, what is written down."""

from collections.abc import Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from django.conf import LazySettings
from django.core.management import CommandError, call_command

from builder.catalog.list_models import list_models
from builder.catalog.models import Secret
from builder.catalog.providers import offered_models, try_provider, usable_providers
from builder.catalog.secrets import NAME, keep_secret, open_store, reseal
from builder.console.change_providers import add_provider, change_key, remove_provider
from builder.safety.models import AuditEntry
from builder.safety.verify_audit import verify_audit
from builder.workflows.compile_draft import compile_draft
from builder.workflows.read_graph import read_graph
from runtime.errors import OperationalError, UserError
from runtime.providers import Provider
from runtime.safety.filters import load_filters
from runtime.safety.policy import Action, FilterUse, Policy
from tests.fixtures.chat_server import ChatServer, chat_server, saying
from tests.fixtures.runs import chain, policy, stub_packs, stub_policy

__all__ = ["policy", "stub_packs"]

pytestmark = pytest.mark.django_db
KEY = "sk-CANARY-7261"
FAR = Provider("far", "https://api.example.com/v1", ("small", "large"))


@pytest.fixture(autouse=True)
def home(tmp_path: Path, settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> Path:
    settings.HOME = tmp_path
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path))
    return tmp_path


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with chat_server(saying("hello")) as running:
        yield running


def command(*words: str, key: str = "", monkeypatch: pytest.MonkeyPatch) -> str:
    out = StringIO()
    monkeypatch.setattr("sys.stdin", StringIO(key + "\n"))
    call_command("providers", *words, stdout=out)
    return out.getvalue()


def test_a_key_is_sealed_in_the_database_and_what_opens_it_is_not_there(home: Path) -> None:
    add_provider(FAR, KEY)
    (row,) = Secret.objects.all()
    assert row.name == FAR.secret and KEY not in row.sealed
    assert open_store().read(FAR.secret) == KEY
    file = home / "secrets" / NAME
    assert file.stat().st_mode & 0o077 == 0 and file.parent.stat().st_mode & 0o077 == 0
    Fernet(file.read_text().strip())
    assert KEY not in "".join(path.read_text() for path in home.rglob("*") if path.is_file())


def test_where_the_installations_key_is_another_nothing_opens_and_nobody_is_told_more(
    home: Path, caplog: pytest.LogCaptureFixture
) -> None:
    add_provider(FAR, KEY)
    (home / "secrets" / NAME).write_text(Fernet.generate_key().decode())
    assert open_store().read(FAR.secret) is None
    assert FAR.secret in caplog.text and "CANARY" not in caplog.text
    assert open_store().read("provider.nobody") is None


def test_keys_are_sealed_anew_with_another_first_line(home: Path) -> None:
    add_provider(FAR, KEY)
    keep_secret("provider.other.0", "sk-2")
    file = home / "secrets" / NAME
    old, new = file.read_text(), Fernet.generate_key().decode()
    file.write_text(f"{new}\n{old}\n")
    assert open_store().read(FAR.secret) == KEY
    assert reseal() == 2
    file.write_text(new)
    assert (open_store().read(FAR.secret), open_store().read("provider.other.0")) == (KEY, "sk-2")


@pytest.mark.parametrize("key", ["", "with blank", "line\r\nX-Other: 1", "schlüssel", "k" * 2_001])
def test_what_is_no_key_is_refused_without_being_quoted(key: str) -> None:
    with pytest.raises(UserError, match="provider_key") as refused:
        add_provider(FAR, key)
    assert not key or key not in f"{refused.value!r}"
    assert not usable_providers() and not AuditEntry.objects.filter(body__contains="provider").exists()


def test_a_key_stays_with_its_address_and_goes_with_its_provider() -> None:
    add_provider(FAR, KEY)
    add_provider(replace(FAR, models=("third",), workflows=True))
    assert open_store().read(FAR.secret) == KEY
    with pytest.raises(UserError, match="provider_keyless"):
        add_provider(replace(FAR, base_url="https://evil.example.com/v1"))
    add_provider(replace(FAR, name="far-2"), "sk-2")
    remove_provider("far")
    assert open_store().read(FAR.secret) is None
    assert usable_providers() == {"far-2"}


def test_nodes_are_offered_only_what_is_open_to_them() -> None:
    add_provider(FAR, KEY)
    assert offered_models() == frozenset()
    add_provider(replace(FAR, workflows=True))
    assert offered_models() == {"far:small", "far:large"}
    listed = {model["name"]: model for model in list_models()}
    assert listed["far:small"]["capability"] == "text" and listed["far:small"]["state"] == "installed"
    Secret.objects.all().delete()
    assert offered_models() == frozenset()


def test_each_change_stands_in_the_audit_log_and_no_key_does() -> None:
    add_provider(FAR, KEY)
    change_key("far", "sk-CANARY-2")
    remove_provider("far")
    said = "".join(AuditEntry.objects.values_list("body", flat=True))
    for act in ("provider.added", "provider.key", "provider.removed", FAR.base_url):
        assert act in said
    assert "CANARY" not in said
    assert verify_audit().fault is None
    with pytest.raises(UserError, match="provider_missing"):
        remove_provider("far")


def test_what_is_no_provider_is_told_so_before_anything_is_written(home: Path) -> None:
    for name in ("x" * 1_000, "a\x00b"):
        with pytest.raises(UserError, match="provider_name"):
            add_provider(replace(FAR, name=name), KEY)
    assert not AuditEntry.objects.filter(body__contains="provider.added").exists()


def test_the_command_adds_shows_and_removes_and_reads_the_key_from_its_input(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    add = ("add", "far", "--url", FAR.base_url, "--model", "small", "--model", "large")
    command(*add, key=KEY, monkeypatch=monkeypatch)
    assert open_store().read(FAR.secret) == KEY
    shown = command("list", monkeypatch=monkeypatch)
    assert "far:large" in shown and "has a key" in shown and "CANARY" not in shown
    command(*add, "--same-key", "--workflows", monkeypatch=monkeypatch)
    command("key", "far", key="sk-2", monkeypatch=monkeypatch)
    assert open_store().read(FAR.secret) == "sk-2" and "far:small" in offered_models()
    assert "1" in command("reseal", monkeypatch=monkeypatch)
    command("remove", "far", monkeypatch=monkeypatch)
    assert command("list", monkeypatch=monkeypatch) == ""
    with pytest.raises(CommandError, match="no provider far"):
        command("test", "far", monkeypatch=monkeypatch)
    with pytest.raises(CommandError, match="base URL"):
        command("add", "far", "--url", "ftp://x", "--model", "m", key=KEY, monkeypatch=monkeypatch)


def test_trying_asks_for_a_word_and_tells_the_fault(server: ChatServer) -> None:
    add_provider(server.provider(keyed=True), KEY)
    assert try_provider("near", "m2") > 0
    assert server.asked[0]["model"] == "m2" and server.headers[0]["Authorization"] == f"Bearer {KEY}"
    server.behave = lambda handler: handler.reply(401, f"bad key {KEY}".encode())
    with pytest.raises(OperationalError, match="provider_key") as told:
        try_provider("near")
    assert "CANARY" not in f"{told.value!r}"


def test_a_workflow_whose_judge_lacks_its_key_is_refused_with_what_to_do(
    stub_packs: None, policy: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SLUICEWAY_FILTER_PACKS", "tests.packs_stub,runtime.packs.safety")
    add_provider(FAR, KEY)
    judge = next(name for name in load_filters() if name.startswith("judge.far-small."))
    put: Policy = stub_policy(FilterUse(judge, Action.BLOCK))
    policy(put)  # type: ignore[operator]  # a fixture that puts a policy in force
    graph = read_graph(chain(("a", "echo", {})))
    assert compile_draft(graph).plan is not None
    Secret.objects.all().delete()
    compiled = compile_draft(graph)
    assert compiled.plan is None
    assert [issue.code for issue in compiled.issues] == ["filter_provider_missing"]
    assert compiled.issues[0].hint and "providers key far" in compiled.issues[0].hint.en
    remove_provider("far")
    compiled = compile_draft(graph)
    assert [issue.code for issue in compiled.issues] == ["filter_unknown"]
    assert compiled.issues[0].hint and "providers add" in compiled.issues[0].hint.en
