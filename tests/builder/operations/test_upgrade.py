"""An upgrade that nobody stops for: for a while processes of the last edition work on the tables and messages of this one.

`last_edition.json` has the columns of the last edition, by table. It is written anew when an edition is out, and not when
a column is added: then it would say nothing.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from runtime.dispatch import wire
from runtime.dispatch.states import StepState
from runtime.dispatch.store import Claim, StepRecord
from runtime.events import Event, EventKind
from runtime.labels import Source
from runtime.plan import Plan, is_signed, sign, sign_text
from runtime.ports import IMAGE, TEXT
from runtime.values import AssetRef, Value
from runtime.words import Words
from tests.engine.segments import compiled
from tests.fixtures.runs import chain, stub_packs, stub_policy

__all__ = ["stub_packs"]

KNOWN = json.loads(Path(__file__).with_name("last_edition.json").read_text())


@pytest.mark.django_db
@pytest.mark.parametrize("table", sorted(KNOWN))
def test_what_the_last_edition_writes_and_reads_still_fits_the_tables(table: str) -> None:
    with connection.cursor() as cursor:
        columns = {item.name: item for item in connection.introspection.get_table_description(cursor, table)}
    known = set(KNOWN[table].split())
    assert known <= columns.keys(), "a column that the last edition asks for stays for one edition more"
    for name in columns.keys() - known:
        # It inserts without the column, so the database must know what stands there: db_default, or null=True.
        assert columns[name].null_ok or columns[name].default is not None, name


def with_more(data: Any) -> Any:
    """The same, as a later edition might say it: each object says one thing more."""
    if isinstance(data, dict):
        return {name: with_more(value) for name, value in data.items()} | {"said_later": [1]}
    return [with_more(item) for item in data] if isinstance(data, list) else data


def test_what_one_process_tells_another_may_say_more_than_is_understood() -> None:
    failure = wire.failure_from_json(
        with_more({"code": "c", "message": Words("a", "b").to_json(), "hint": None, "node": None})
    )
    assert failure.code == "c"
    for value in (
        Value(TEXT, "hello", frozenset({Source.USER})),
        Value(IMAGE, AssetRef("a" * 64, "image/png", 3)),
    ):
        assert Value.from_json(with_more(value.to_json())) == value
    record = StepRecord("a", StepState.DONE, 0.5)
    said = wire.record_to_json(record)
    assert wire.record_from_json(said | {"said_later": 1}) == record
    event = Event(EventKind.RUN_RUNNING, {})
    assert wire.event_from_json(wire.event_to_json(event) | {"said_later": 1}) == event


@pytest.fixture
def plan(stub_packs: None) -> Plan:
    return compiled(chain(("a", "echo", {})), stub_policy())


def test_a_claim_may_say_more_than_is_understood(plan: Plan) -> None:
    claim = Claim("r", 0, 1, 1, plan, "mac", stub_policy(), {}, {}, {})
    said = wire.claim_to_json(claim, wire.Known())
    assert wire.claim_from_json(said | {"said_later": 1}, wire.Known()) == claim


def test_a_plan_that_says_more_under_the_same_format_is_not_what_was_signed(plan: Plan) -> None:
    """So whoever lets a plan say more raises its format, and old workers leave it to newer ones."""
    key = b"k" * 32
    later = plan.to_json()
    later["steps"] = with_more(later["steps"])
    text = json.dumps(later, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    assert is_signed(plan, key, sign(plan, key))
    assert not is_signed(Plan.from_json(later), key, sign_text(text, key))
