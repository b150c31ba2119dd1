"""Settings read from the environment."""

from pathlib import Path

import pytest

from builder.bootstrap import environ
from runtime.dispatch.store import LEASE


@pytest.mark.parametrize(
    ("value", "meant"), [("1", True), ("yes", True), ("TRUE", True), ("0", False), ("", False)]
)
def test_a_flag_is_yes_or_no(monkeypatch: pytest.MonkeyPatch, value: str, meant: bool) -> None:
    monkeypatch.setenv("SLUICEWAY_HTTPS", value)
    assert environ.flag("SLUICEWAY_HTTPS", default=not meant) is meant


def test_a_misspelt_flag_is_an_error_and_not_a_no(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEWAY_HTTPS", "yse")
    with pytest.raises(ValueError, match="SLUICEWAY_HTTPS is 'yse'"):
        environ.flag("SLUICEWAY_HTTPS")


def test_a_question_over_a_dead_link_ends_within_the_lease_unless_the_address_says_otherwise() -> None:
    usual = environ.postgres("postgres://u:p@host/name")["OPTIONS"]
    assert int(usual["tcp_user_timeout"]) < LEASE * 1000 * 2 / 3
    own = environ.postgres("postgres://u:p@host/name?tcp_user_timeout=1000&sslmode=require")["OPTIONS"]
    assert (own["tcp_user_timeout"], own["sslmode"]) == ("1000", "require")


def test_a_list_is_split_at_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEWAY_HOSTS", "a.example, b.example,,")
    assert environ.words("SLUICEWAY_HOSTS") == ["a.example", "b.example"]


def test_a_number_must_be_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEWAY_N", "7")
    assert environ.number("SLUICEWAY_N", 1) == 7
    monkeypatch.setenv("SLUICEWAY_N", "seven")
    with pytest.raises(ValueError, match="whole number"):
        environ.number("SLUICEWAY_N", 1)


def test_a_postgres_address_becomes_settings_with_a_pool() -> None:
    settings = environ.postgres("postgres://me:p%40ss@db.example:5433/sluiceway?sslmode=require")
    assert settings["ENGINE"] == "django.db.backends.postgresql"
    assert (settings["USER"], settings["PASSWORD"]) == ("me", "p@ss")
    assert (settings["HOST"], settings["PORT"], settings["NAME"]) == ("db.example", "5433", "sluiceway")
    assert settings["OPTIONS"]["sslmode"] == "require"
    assert settings["OPTIONS"]["pool"]["max_size"] == 10


def test_a_postgres_socket_folder_is_a_host() -> None:
    assert environ.postgres("postgres://postgres@localhost/postgres?host=/run/pg")["HOST"] == "/run/pg"


@pytest.mark.parametrize(
    "url",
    [
        "mysql://x:canary/y",
        "postgres://host",
        "nonsense",
        "postgres://a:canary@b:c/d",
        "postgres://[canary/x",
    ],
)
def test_any_other_database_address_is_refused_and_not_quoted(url: str) -> None:
    with pytest.raises(environ.Misset, match="SLUICEWAY_DATABASE_URL must read postgres://") as refused:
        environ.postgres(url)
    assert "canary" not in str(refused.value)


@pytest.mark.parametrize(("value", "meant"), [("2.5", 2.5), ("0", 0.0), ("", 15.0)])
def test_a_time_is_a_number_of_seconds(monkeypatch: pytest.MonkeyPatch, value: str, meant: float) -> None:
    monkeypatch.setenv("SLUICEWAY_N", value)
    assert environ.seconds("SLUICEWAY_N", 15.0) == meant


@pytest.mark.parametrize("value", ["abc", "nan", "inf", "-1"])
def test_what_is_no_time_is_refused(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("SLUICEWAY_N", value)
    with pytest.raises(environ.Misset, match="write a number of seconds"):
        environ.seconds("SLUICEWAY_N")


def test_one_of_several_is_the_first_unless_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLUICEWAY_N", raising=False)
    assert environ.choice("SLUICEWAY_N", ("line", "json")) == "line"
    monkeypatch.setenv("SLUICEWAY_N", "xml")
    with pytest.raises(environ.Misset, match="write one of line, json"):
        environ.choice("SLUICEWAY_N", ("line", "json"))


def test_without_an_address_the_database_is_a_file_in_the_home(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.delenv("SLUICEWAY_DATABASE_URL", raising=False)
    settings = environ.database(tmp_path)
    assert settings["NAME"] == tmp_path / "sluiceway.sqlite3"
    assert settings["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
