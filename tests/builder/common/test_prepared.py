"""prepared: what is asked by a question that was written once is what the ORM answers, on either database."""

from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext

from builder.accounts.models import User
from builder.accounts.roles import Role
from builder.accounts.scope import with_role
from builder.common.prepared import Prepared
from builder.workflows.models import Workflow
from tests.api.conftest import join

pytestmark = pytest.mark.django_db


def test_rows_are_what_the_queryset_gives() -> None:
    ada = join("ada")
    made = [ada.workflow(name) for name in ("One", "Two", "Three")]
    by_owner = Prepared(
        lambda workspace, least: Workflow.objects.filter(workspace=workspace, revision__gte=least).order_by(
            "name"
        ),
        slots=2,
    )
    found = by_owner.rows(ada.workspace.pk, 0)
    expected = list(Workflow.objects.filter(workspace=ada.workspace).order_by("name"))
    assert [row.name for row in found] == ["One", "Three", "Two"]
    fields = [field.attname for field in Workflow._meta.concrete_fields]
    assert [[getattr(row, name) for name in fields] for row in found] == [
        [getattr(row, name) for name in fields] for row in expected
    ]
    found[0].name = "Uno"
    found[0].save(update_fields=["name"])
    assert Workflow.objects.get(pk=made[0].pk).name == "Uno"


def test_what_is_put_off_is_read_when_it_is_asked_for() -> None:
    ada = join("ada")
    workflow = ada.workflow()
    lean = Prepared(lambda key: Workflow.objects.filter(pk=key).only("revision"), slots=1)
    found = lean.first(workflow.pk)
    assert found is not None and found.get_deferred_fields() >= {"name", "description"}
    assert found.name == workflow.name


def test_values_and_lists_of_slots() -> None:
    people = [join(name).user for name in ("ada", "bob", "eve")]
    named = Prepared(
        lambda one, other: (
            User.objects.filter(username__in=[one, other])
            .order_by("username")
            .values_list("pk", "date_joined")
        ),
        slots=2,
    )
    assert named.rows("eve", "ada") == [(user.pk, user.date_joined) for user in (people[0], people[2])]
    assert named.rows("bob", "bob") == [(people[1].pk, people[1].date_joined)]


def test_it_is_written_once_and_asked_anew() -> None:
    ada = join("ada")
    asked = []

    def ask(key: Any) -> QuerySet[Workflow, Workflow]:
        asked.append(key)
        return Workflow.objects.filter(pk=key)

    question = Prepared(ask, slots=1)
    with CaptureQueriesContext(connection) as said:
        assert question.first(uuid4()) is None
        first, second = ada.workflow("One"), ada.workflow("Two")
        before = len(said)
        assert [row.name for each in (first, second) for row in question.rows(each.pk)] == ["One", "Two"]
    assert len(said) - before == 2
    assert len(asked) == 1


def test_what_a_row_belongs_to_comes_with_it() -> None:
    ada = join("ada")
    workflow = ada.workflow()
    whole = Prepared(
        lambda user, key: with_role(Workflow.objects.select_related("workspace"), user, key), slots=2
    )
    with CaptureQueriesContext(connection) as said:
        found = whole.first(ada.user.pk, workflow.pk)
        assert found is not None and (found.workspace.name, found.role_here) == ("ada's", Role.OWNER)
    assert len(said) == 1


def test_a_slot_that_is_left_out_is_refused() -> None:
    with pytest.raises(ValueError, match="leaves a slot out"):
        Prepared(lambda one, other: Workflow.objects.filter(pk=one), slots=2).rows(uuid4(), 1)


def test_a_question_without_an_answer_by_itself_is_refused() -> None:
    """The ORM asks nothing where nothing could be found; a question that is kept has to ask."""
    from django.core.exceptions import EmptyResultSet

    with pytest.raises(EmptyResultSet):
        Prepared(lambda key: Workflow.objects.filter(pk=key, name__in=[]), slots=1).rows(uuid4())
