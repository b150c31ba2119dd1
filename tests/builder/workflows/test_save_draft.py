"""Drafts: every save a revision, none lost, none overwritten in silence."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection

from builder.accounts.administrators import ensure_administrator
from builder.accounts.models import Workspace
from builder.common.errors import Refused
from builder.workflows.create_workflow import create_workflow
from builder.workflows.models import Revision, Workflow
from builder.workflows.read_graph import EMPTY, read_graph
from builder.workflows.save_draft import KEPT_REVISIONS, save_draft
from runtime.values import Json


def graph(text: str) -> Json:
    node = {"id": "a", "type": "prompt.template", "version": 1, "params": {"template": text}}
    return {"format": 1, "nodes": [node], "edges": []}


@pytest.fixture
def workflow(db: None) -> Workflow:
    user = ensure_administrator()
    return create_workflow(Workspace.objects.get(), user, "Mine")


def test_the_last_two_hundred_saves_are_kept(workflow: Workflow) -> None:
    for number in range(1, KEPT_REVISIONS + 6):
        save_draft(workflow, None, number, graph(str(number)))
    kept = Revision.objects.filter(workflow=workflow).values_list("number", flat=True)
    assert (len(kept), min(kept), max(kept)) == (KEPT_REVISIONS, 7, KEPT_REVISIONS + 6)


def test_a_refused_draft_leaves_the_one_before(workflow: Workflow) -> None:
    with pytest.raises(Refused, match="graph_invalid"):
        save_draft(workflow, None, 1, {"format": 1})
    workflow.refresh_from_db()
    assert (workflow.revision, workflow.draft.graph) == (1, EMPTY)


@pytest.mark.django_db(transaction=True)
def test_of_many_who_save_at_once_one_wins_and_the_others_hear_of_it() -> None:
    workflow = create_workflow(Workspace.objects.create(name="w"), None, "Mine")

    def save(number: int) -> str:
        try:
            save_draft(workflow, None, 1, graph(str(number)))
        except Refused as refused:
            return refused.code
        else:
            return "saved"
        finally:
            connection.close()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(save, range(8)))
    assert sorted(answers) == ["revision_conflict"] * 7 + ["saved"]
    assert Revision.objects.filter(workflow=workflow).count() == 2


def test_a_graph_over_two_megabytes_is_refused() -> None:
    with pytest.raises(Refused) as refused:
        read_graph(graph("x" * 2_000_001))
    assert refused.value.issues[0].code == "graph_too_large"


def test_the_largest_number_of_a_revision_is_a_conflict_like_any_other(workflow: Workflow) -> None:
    with pytest.raises(Refused, match="revision_conflict"):
        save_draft(workflow, None, 2**31 - 1, EMPTY)
