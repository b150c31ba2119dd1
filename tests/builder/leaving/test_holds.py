"""A legal hold wins over everything: nobody deletes what is under it, and no sweep does."""

from contextlib import ExitStack
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from django.utils import timezone

from builder.accounts.models import User, Workspace
from builder.assets.models import Asset
from builder.common.errors import Refused
from builder.keeping.holds import lift_hold, place_hold
from builder.keeping.models import Erasure, Hold, Kept, Subject
from builder.keeping.retention import set_retention
from builder.leaving.erase import erase_asset, erase_run, erase_workflow, go_on
from builder.leaving.erase_person import erase_person
from builder.leaving.sweep import turn
from builder.reviews.models import Look, Opinion
from builder.runs.cancel_run import cancel_run
from builder.runs.keep_back import decide, forget_material
from builder.runs.ledger import open_ledger
from builder.runs.models import Answer, Purpose, Review, ReviewState, Run
from builder.runs.store import DatabaseRunStore
from builder.safety.models import AuditEntry
from builder.workflows.create_workflow import create_workflow
from builder.workflows.models import Workflow
from runtime.ports import TEXT
from runtime.safety.ruling import Decision, Held
from runtime.values import Value
from tests.fixtures.kept import PASS_ON, begin_run, canary, finish_run, lies_in_store, upload
from tests.fixtures.runs import beside

LATER = timedelta(days=4_000)


def refusal(work: Any) -> str:
    with pytest.raises(Refused) as refused:
        work()
    return refused.value.code


@pytest.mark.parametrize("kind", list(Subject))
def test_nothing_under_a_hold_is_deleted_by_anybody_or_by_the_sweep(
    kind: Subject, ada: User, home: Workspace, bob: User
) -> None:
    content = canary(1)
    asset = upload(home, ada, content)
    workflow = create_workflow(home, ada, "Mine", PASS_ON)
    run = finish_run(begin_run(home, ada, asset, workflow=workflow), asset)
    Workflow.objects.filter(pk=workflow.pk).update(deleted=timezone.now())
    set_retention(home, dict.fromkeys(Kept, 1), ada)
    subject = {Subject.WORKSPACE: home.pk, Subject.RUN: run.pk, Subject.PERSON: ada.pk}[kind]
    User.objects.filter(pk=bob.pk).update(is_superuser=True)
    hold = place_hold(kind, subject, "A court asked.", bob)

    assert refusal(lambda: erase_asset(asset, ada)) == "legal_hold"
    assert refusal(lambda: erase_run(run, ada)) == "legal_hold"
    assert refusal(lambda: erase_workflow(workflow, ada)) == "legal_hold"
    assert refusal(lambda: erase_person(ada, bob)) == "legal_hold"
    assert turn(timezone.now() + LATER) == 0
    assert Run.objects.get().inputs == {"photo": str(asset.pk)}
    assert Asset.objects.count() == 2 and Workflow.objects.count() == 1 and lies_in_store(content)
    assert not Erasure.objects.exists()

    assert refusal(lambda: lift_hold(hold, " ", bob)) == "reason_needed"
    lift_hold(hold, "It is over.", bob)
    while turn(timezone.now() + LATER):
        pass
    assert not Asset.objects.exists() and not Run.objects.exists() and not Workflow.objects.exists()
    assert not lies_in_store(content)
    said = [entry.said for entry in AuditEntry.objects.order_by("sequence")]
    holds = [(item["act"], item["reason"]) for item in said if item["act"].startswith("hold.")]
    assert holds == [("hold.placed", "A court asked."), ("hold.lifted", "It is over.")]


@pytest.mark.parametrize("what", [Opinion, Look])
def test_a_hold_on_a_reviewer_keeps_what_they_decided_and_looked_at(
    what: type[Opinion] | type[Look], ada: User, home: Workspace, bob: User
) -> None:
    asset = upload(home, ada, canary(4))
    run, other = (finish_run(begin_run(home, ada, asset), asset) for _ in range(2))
    review = Review.objects.create(
        run=run, step="g", purpose=Purpose.HOLD, state=ReviewState.DECIDED, rules=[], digest="", policy="", type="text",
    )  # fmt: skip
    said = {"decision": "block", "note": "A threat."} if what is Opinion else {}
    what.objects.create(review=review, by=bob, name="bob", **said)
    set_retention(home, {Kept.RUNS: 1}, ada)
    hold = place_hold(Subject.PERSON, bob.pk, "A court asked.", None)

    assert refusal(lambda: erase_run(run, ada)) == "legal_hold"
    assert refusal(lambda: erase_asset(asset, ada)) == "legal_hold"
    assert refusal(lambda: erase_person(ada, None)) == "legal_hold"
    go_on(erase_run(other, ada))
    turn(timezone.now() + LATER)
    assert list(Run.objects.all()) == [run] and what.objects.get().by == bob

    lift_hold(hold, "It is over.", None)
    turn(timezone.now() + LATER)
    assert not Run.objects.exists() and not what.objects.exists()


def test_a_hold_that_is_placed_in_the_middle_of_a_deletion_stops_it(ada: User, home: Workspace) -> None:
    asset = upload(home, ada, canary(2))
    workflow = create_workflow(home, ada, "Mine", PASS_ON)
    for _ in range(3):
        finish_run(begin_run(home, ada, asset, workflow=workflow), asset)
    erasure = erase_some(workflow, ada)
    assert Run.objects.count() == 2
    hold = place_hold(Subject.RUN, Run.objects.latest("id").pk, "Evidence.", None)
    assert refusal(lambda: go_on(erasure)) == "legal_hold"
    turn(timezone.now())
    assert Run.objects.count() == 2 and Workflow.objects.exists()
    lift_hold(hold, "Copied.", None)
    turn(timezone.now())
    assert not Run.objects.exists() and not Workflow.objects.exists()
    assert Erasure.objects.get(pk=erasure.pk).counts["runs"] == 3


def erase_some(workflow: Workflow, by: User) -> Erasure:
    """A deletion that ended after its first piece, as a killed process would leave it."""
    from builder.keeping.models import Erased
    from builder.leaving.erasure import begin

    return go_on(begin(Erased.HISTORY, workflow.pk, workflow.workspace_id, by), most=1)


def test_a_hold_needs_a_reason_and_there_is_one_at_a_time(ada: User, home: Workspace) -> None:
    assert refusal(lambda: place_hold(Subject.PERSON, ada.pk, "", None)) == "reason_needed"
    place_hold(Subject.PERSON, ada.pk, "Why", None)
    assert refusal(lambda: place_hold(Subject.PERSON, ada.pk, "Again", None)) == "held_already"
    assert Hold.objects.count() == 1


@pytest.mark.parametrize("how", ["closed", "decided"])
@pytest.mark.parametrize("part", ["the run", "answered", "looked", "decided"])
def test_held_material_outlives_its_review_under_a_hold_and_goes_when_it_is_lifted(
    ada: User, home: Workspace, part: str, how: str
) -> None:
    asset = upload(home, ada, canary(3))
    run = begin_run(home, ada, asset)
    review = Review.objects.create(
        run=run, step="g", purpose=Purpose.HOLD, state=ReviewState.OPEN, rules=[], digest="", policy="",
        held=Held(Value(TEXT, "material")).to_json(), type="text", deadline=timezone.now() + LATER,
    )  # fmt: skip
    bob = User.objects.create(username="bob")
    take_part(part, review, bob)
    subject = (Subject.RUN, run.pk) if part == "the run" else (Subject.PERSON, bob.pk)
    hold = place_hold(*subject, "Evidence.", None)
    with open_ledger(run.pk) as ledger:
        step = ledger.run.steps.first()
        assert step is not None
        Review.objects.filter(pk=review.pk).update(step=step.name)
        review.refresh_from_db()
        if how == "closed":
            ledger.close_review(step)
        else:
            decide(ledger, review, Decision.BLOCK)
    cancel_run(run)
    DatabaseRunStore(60.0).sweep()
    review.refresh_from_db()
    assert review.state != ReviewState.OPEN and review.held is not None
    lift_hold(hold, "Done.", None)
    DatabaseRunStore(60.0).sweep()
    review.refresh_from_db()
    assert review.held is None


def test_what_is_decided_goes_only_when_no_hold_is_just_being_placed(ada: User, home: Workspace) -> None:
    """Whoever places one may have seen the material, and does not lose it to a sweep that began before."""
    run = begin_run(home, ada, upload(home, ada, canary(5)))
    review = Review.objects.create(
        run=run, step="g", purpose=Purpose.HOLD, state=ReviewState.DECIDED, rules=[], digest="", policy="",
        held=Held(Value(TEXT, "material")).to_json(), type="text",
    )  # fmt: skip
    with ExitStack() as swept, transaction.atomic():
        # Locked, and seen by nobody else before the end of the transaction.
        place_hold(Subject.RUN, run.pk, "Evidence.", None)
        sweep = swept.enter_context(beside(forget_material))
        sweep.join(0.5)
        assert sweep.is_alive(), "it did not wait"
    review.refresh_from_db()
    assert review.held is not None


def take_part(part: str, review: Review, person: User) -> None:
    """Do with the review, or its run, what a hold on the person keeps."""
    if part == "answered":
        Answer.objects.create(run=review.run, step="w", by=person.pk)
    elif part == "looked":
        Look.objects.create(review=review, by=person, name="bob")
    elif part == "decided":
        Opinion.objects.create(review=review, by=person, name="bob", decision="block", note="A threat.")
