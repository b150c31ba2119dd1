"""An open appeal and deletion: its author gives it up with the run, and nobody else takes it from them."""

import pytest

from builder.keeping.holds import lift_hold, place_hold
from builder.keeping.models import Subject
from builder.leaving.erase_person import erase_person
from builder.runs.models import Review, ReviewState, Run
from builder.safety.models import AuditEntry
from builder.workflows.create_workflow import create_workflow
from runtime.dispatch.states import StepState
from tests.api.conftest import Member, NewMember
from tests.api.test_reviews import PLEA, Hold, appeals, code, held, rita
from tests.fixtures.asked import filters_answer
from tests.fixtures.runs import policy, stub_packs, told, valkey, valkey_folder

__all__ = ["filters_answer", "held", "policy", "rita", "stub_packs", "told", "valkey", "valkey_folder"]

pytestmark = pytest.mark.usefixtures("filters_answer")


def test_who_appealed_withdraws_it_with_the_run_and_nobody_else_does(
    held: Hold, ada: Member, rita: Member, member: NewMember
) -> None:
    ed = member("ed", workspace=ada.workspace)
    reviews = [held(state=StepState.WITHHELD) for _ in range(2)]
    for review in reviews:
        assert ada.client.post(appeals(review.run), PLEA).status_code == 201
    first, second = (f"/api/runs/{review.run_id}" for review in reviews)
    refused = ed.client.delete(first)
    assert code(refused) == (409, "still_needed") and "withdraws the appeal" in refused.json()["hint"]
    assert not AuditEntry.objects.filter(body__contains="review.withdrawn").exists()

    assert ada.client.delete(first).status_code == 200
    assert [item["id"] for item in rita.client.get("/api/reviews").json()["results"]] == [str(reviews[1].pk)]
    said = next(e.said for e in AuditEntry.objects.all() if e.said["act"] == "review.withdrawn")
    assert (said["by"]["id"], said["data"]) == (str(ada.user.pk), {"review": str(reviews[0].pk)})

    hold = place_hold(Subject.RUN, reviews[1].run_id, "Evidence.", None)
    assert code(ada.client.delete(second)) == (409, "legal_hold")
    assert Review.objects.get().state == ReviewState.OPEN, "what is not deleted is not withdrawn"
    lift_hold(hold, "Copied.", None)
    erase_person(ada.user, None)
    assert Review.objects.get().state == ReviewState.CLOSED


def test_a_workflow_goes_with_runs_of_its_own_author_s_appeals(
    held: Hold, ada: Member, member: NewMember
) -> None:
    ed = member("ed", workspace=ada.workspace)
    workflow = create_workflow(ada.workspace, ada.user, "Mine")
    review = held(state=StepState.WITHHELD)
    Run.objects.filter(pk=review.run_id).update(workflow=workflow)
    ada.client.post(appeals(review.run), PLEA)
    address = f"/api/workflows/{workflow.pk}/erase"
    assert code(ed.client.post(address, {"with_runs": True})) == (409, "still_needed")
    assert ada.client.post(address, {"with_runs": True}).status_code == 200
    assert not Run.objects.exists()
