"""After the deletion of a person their name and address stand in no table, and who did what is told by a pseudonym."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from builder.accounts.models import Membership, User, Workspace
from builder.accounts.roles import Role
from builder.leaving.erase import go_on
from builder.leaving.erase_person import erase_person, pseudonym
from builder.safety.change_policy import change_policy
from builder.safety.decide_proposal import approve_proposal
from builder.safety.models import AuditEntry, PolicyVersion, Proposal, Shadow
from builder.safety.owner import INSTALLATION, Owner
from builder.safety.triggers import drop_triggers, put_triggers
from builder.safety.try_policy import start_shadow
from builder.safety.verify_audit import verify_audit
from runtime.safety.policy import Action, FilterUse, Policy
from tests.fixtures.runs import stub_policy

NAMES = ("zweistein", "adelheid", "zwei@example.org")
CHANGES = {"safety_policyversion": ("UPDATE",)}


def stricter() -> Policy:
    return stub_policy(FilterUse("stub.words", Action.BLOCK, 0.1), FilterUse("stub.secrets", Action.REDACT))


def places(words: tuple[str, ...] = NAMES) -> Iterator[tuple[str, Any]]:
    """Every column of every table in which one of the words stands."""
    for model in apps.get_models():
        with connection.cursor() as cursor:
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
            columns = [item[0] for item in cursor.description]
            for row in cursor.fetchall():
                for column, value in zip(columns, row, strict=True):
                    if any(word in str(value).casefold() for word in words):
                        yield f"{model._meta.db_table}.{column}", value


@pytest.fixture
def person(ada: User, bob: User) -> User:
    """An administrator of long standing, as Bob is."""
    long_ago = timezone.now() - timedelta(days=9)
    User.objects.filter(pk__in=(ada.pk, bob.pk)).update(
        is_superuser=True, is_staff=True, date_joined=long_ago
    )
    User.objects.filter(pk=ada.pk).update(
        username="zweistein", first_name="Adelheid", last_name="Zweistein", email="zwei@example.org"
    )
    ada.refresh_from_db()
    bob.refresh_from_db()
    return ada


def erase(person: User, by: User) -> None:
    erasure = erase_person(person, by)
    while erasure.finished is None:
        go_on(erasure)


def test_no_name_outlasts_a_policy_a_shadow_and_a_proposal(
    person: User, bob: User, office: Workspace
) -> None:
    own = change_policy(Owner(str(office.pk)), stricter(), person, "For children")
    shadow = start_shadow(stricter(), person, "To see")
    lower = change_policy(
        INSTALLATION, stub_policy(FilterUse("stub.secrets", Action.REDACT)), person, "Milder"
    )
    assert isinstance(own, PolicyVersion) and isinstance(lower, Proposal)
    approve_proposal(lower, bob, "Fine")
    assert own.author_name == shadow.author_name == "Adelheid Zweistein"
    assert list(places()), "the search finds what stands there"

    erase(person, bob)

    assert list(places()) == []
    name = pseudonym(person)
    made = (PolicyVersion.objects.get(pk=own.pk), Shadow.objects.get())
    assert [row.author_name for row in made] == [name, name]
    page = Client()
    page.force_login(bob)
    for address in ("admin:safety_policyversion_changelist", "admin:shadow"):
        assert name in page.get(reverse(address)).content.decode()
    changed = next(e.said for e in AuditEntry.objects.all() if "proposer" in e.said["data"])
    assert changed["data"]["proposer"] == str(person.pk)
    assert verify_audit().fault is None


def test_no_name_outlasts_what_the_console_wrote_down(person: User, bob: User) -> None:
    """A workspace that is called by who it was made for, and the console's log of who came to belong to it."""
    shared = Workspace.objects.create(name=person.display_name)
    Membership.objects.create(user=bob, workspace=shared, role=Role.EDITOR)
    page = Client()
    page.force_login(bob)
    rows = shared.memberships.all()
    posted = {
        "name": shared.name,
        "memberships-TOTAL_FORMS": 2, "memberships-INITIAL_FORMS": 1,
        "memberships-0-id": rows[0].pk, "memberships-0-user": bob.pk, "memberships-0-workspace": shared.pk,
        "memberships-0-role": "editor",
        "memberships-1-user": person.pk, "memberships-1-workspace": shared.pk, "memberships-1-role": "editor",
    }  # fmt: skip
    answer = page.post(reverse("admin:accounts_workspace_change", args=[shared.pk]), posted)
    assert answer.status_code == 302, answer.content.decode()
    found = {where for where, _ in places()}
    assert {
        "accounts_workspace.name",
        "django_admin_log.change_message",
        "django_admin_log.object_repr",
    } <= found

    erase(person, bob)

    assert list(places()) == []
    shared.refresh_from_db()
    assert shared.name == pseudonym(person)


@pytest.mark.django_db(transaction=True)
def test_names_of_before_leave_their_rows_where_the_log_says_who_it_was(person: User, bob: User) -> None:
    change_policy(INSTALLATION, stricter(), person, "More care")
    shadow = start_shadow(stricter(), person, "To see")
    unknown = PolicyVersion(version=99, data=stricter().to_json(), digest=stricter().digest)
    unknown.save()
    made = PolicyVersion.objects.exclude(by=None).get()
    try:
        call_command("migrate", "safety", "0004", verbosity=0)
        drop_triggers(connection, CHANGES)
        with connection.cursor() as cursor:
            for table in ("safety_policyversion", "safety_shadow"):
                cursor.execute(f"UPDATE {table} SET author = 'Adelheid Zweistein'")
        put_triggers(connection, CHANGES)
    finally:
        call_command("migrate", "safety", verbosity=0)
    shadow.refresh_from_db()
    made = PolicyVersion.objects.get(pk=made.pk)
    assert (made.by, made.author, shadow.by, shadow.author) == (person.pk, "", person.pk, "")
    assert PolicyVersion.objects.get(pk=99).author_name == "Adelheid Zweistein", "nobody knows whose it is"
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        PolicyVersion.objects.filter(pk=made.pk).update(by=bob.pk)
