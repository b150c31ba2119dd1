"""The audit log: appended to, never changed; and a change that got in all the same is found where it is."""

import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import Error, connection, transaction

from builder.accounts.models import User
from builder.safety.append_audit import append_audit
from builder.safety.models import AuditEntry, PolicyVersion
from builder.safety.triggers import drop_triggers, put_triggers
from builder.safety.verify_audit import AuditReport, verify_audit
from runtime.safety.policy import default_policy
from tests.fixtures.runs import beside

TABLE = "safety_auditentry"


@pytest.fixture
def log(db: None) -> list[AuditEntry]:
    ada = User.objects.create(username="ada", first_name="Ada")
    return [
        append_audit(
            "policy.changed", by=ada, subject="installation", reason="More care", data={"version": n}
        )
        for n in range(1, 6)
    ]


@pytest.fixture
def unguarded(db: None) -> None:
    """As somebody who may do anything with the database's file finds it."""
    drop_triggers(connection)


def fault(noted: str | None = None) -> str | None:
    found = verify_audit(noted).fault
    return found.en if found else None


def run_sql(text: str, *values: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(text, values)


def test_an_entry_says_who_did_what_and_why_and_follows_the_one_before(log: list[AuditEntry]) -> None:
    assert [entry.sequence for entry in log] == [1, 2, 3, 4, 5]
    assert log[3].previous == log[2].hash
    said = log[0].said
    assert (said["act"], said["by"]["name"], said["reason"]) == ("policy.changed", "Ada", "More care")
    assert verify_audit() == AuditReport(5, log[4].hash)


def test_an_act_that_nobody_knows_is_not_written(db: None) -> None:
    with pytest.raises(ValueError):
        append_audit("policy.forgotten", by=None)
    assert not AuditEntry.objects.exists()


def test_the_act_and_its_entry_are_kept_together_or_not_at_all(log: list[AuditEntry]) -> None:
    @transaction.atomic
    def act_that_fails() -> None:
        append_audit("policy.changed", by=None)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        act_that_fails()
    assert verify_audit().sound == 5


@pytest.mark.parametrize("column", ["body", "previous", "hash"])
def test_any_flipped_byte_of_any_entry_is_found_where_it_is(
    column: str, log: list[AuditEntry], unguarded: None
) -> None:
    for entry in log:
        text = getattr(entry, column)
        for place in range(0, len(text), 1 if column != "body" else 3):
            flipped = text[:place] + chr(ord(text[place]) ^ 1) + text[place + 1 :]
            run_sql(f"UPDATE {TABLE} SET {column} = %s WHERE sequence = %s", flipped, entry.sequence)
            assert verify_audit().sound == entry.sequence - 1, (column, place)
        run_sql(f"UPDATE {TABLE} SET {column} = %s WHERE sequence = %s", text, entry.sequence)
    assert verify_audit().fault is None


def test_an_entry_that_was_rewritten_with_a_right_hash_breaks_the_next(
    log: list[AuditEntry], unguarded: None
) -> None:
    from builder.safety.append_audit import chain_hash

    body = json.dumps(log[1].said | {"reason": "None of it"}, sort_keys=True)
    run_sql(
        f"UPDATE {TABLE} SET body = %s, hash = %s WHERE sequence = 2",
        body, chain_hash(2, log[1].previous, body),
    )  # fmt: skip
    assert fault() == "entry 3 does not follow the one before it"


@pytest.mark.parametrize("number", [1, 3])
def test_an_entry_that_was_taken_out_is_missed(number: int, log: list[AuditEntry], unguarded: None) -> None:
    run_sql(f"DELETE FROM {TABLE} WHERE sequence = %s", number)
    assert fault() == f"entry {number} is missing; the next is {number + 1}"


def test_an_end_that_was_cut_off_is_missed_by_whoever_noted_the_head(
    log: list[AuditEntry], unguarded: None
) -> None:
    assert verify_audit(log[4].hash).fault is None
    run_sql(f"DELETE FROM {TABLE} WHERE sequence = 5")
    assert verify_audit().fault is None
    assert fault(log[4].hash) == "no entry has the hash that was noted"


def test_the_command_says_where_the_chain_breaks_and_ends_with_1(
    log: list[AuditEntry], unguarded: None
) -> None:
    out = StringIO()
    call_command("audit", "verify", stdout=out)
    assert log[4].hash in out.getvalue()
    run_sql(f"UPDATE {TABLE} SET body = '{{}}' WHERE sequence = 4")
    told = StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command("audit", "verify", stderr=told)
    assert ended.value.code == 1
    assert "entry 4" in told.getvalue()


@pytest.mark.parametrize(
    "text",
    [
        f"UPDATE {TABLE} SET body = '{{}}'",
        f"DELETE FROM {TABLE}",
        "UPDATE safety_policyversion SET digest = ''",
    ],
)
def test_the_database_itself_refuses(text: str, log: list[AuditEntry]) -> None:
    drop_triggers(connection)  # the tests' own database lets rows be deleted
    put_triggers(connection)
    shipped = default_policy()
    PolicyVersion(version=1, data=shipped.to_json(), digest=shipped.digest).save()
    with pytest.raises(Error, match="never changed"), transaction.atomic():
        run_sql(text)
    assert verify_audit().sound == 5


def test_a_fresh_database_refuses_by_itself(log: list[AuditEntry]) -> None:
    with pytest.raises(Error, match="never changed"), transaction.atomic():
        run_sql(f"UPDATE {TABLE} SET body = '{{}}'")


def test_the_classes_refuse_before_the_database_is_asked(log: list[AuditEntry]) -> None:
    for refused in (log[0].save, log[0].delete):
        with pytest.raises(TypeError):
            refused()


@pytest.mark.django_db(transaction=True)
def test_many_who_write_at_once_make_one_whole_chain() -> None:
    def write() -> None:
        for _ in range(10):
            append_audit("policy.changed", by=None)

    with beside(write), beside(write), beside(write):
        write()
    report = verify_audit()
    assert (report.sound, report.fault) == (40, None)
