"""A session that somebody else's link began: it is no second reviewer, and no way round who may not decide."""

from typing import Any

import pytest

from builder.accounts.begin_session import LENT_BY
from builder.accounts.roles import Role
from builder.accounts.sign_in_links import issue_link
from builder.reviews.models import Look, Opinion
from builder.runs.models import Purpose, Review, ReviewState, Run
from runtime.dispatch.states import StepState
from tests.api.conftest import Member, NewMember
from tests.api.test_reviews import PLAIN, PLEA, Hold, admin, appeals, code, decide, held, look, rita
from tests.fixtures.asked import filters_answer
from tests.fixtures.runs import policy, stub_packs, told, valkey, valkey_folder

__all__ = [
    "admin",
    "filters_answer",
    "held",
    "policy",
    "rita",
    "stub_packs",
    "told",
    "valkey",
    "valkey_folder",
]

pytestmark = pytest.mark.usefixtures("filters_answer")
REFUSED = (403, "lent_session")


def lent(who: Member, by: Member | None) -> Member:
    """The person in a browser that followed a link, which `by` made; without one, who owns the machine did."""
    client = who.anew().client
    client.logout()
    link = issue_link(who.user, by.user.pk if by else None)
    assert client.post(link).status_code == 302
    assert client.session.get(LENT_BY) == (str(by.user.pk) if by else None)
    return Member(who.user, who.workspace, client)


def hold_before(appeal: Review) -> Review:
    """The hold that was decided before somebody appealed."""
    return Review.objects.create(
        run=appeal.run, step=appeal.step, purpose=Purpose.HOLD, state=ReviewState.DECIDED, rules=appeal.rules,
        digest=appeal.digest, policy=appeal.policy, type=appeal.type, outputs=appeal.outputs, needed=1,
    )  # fmt: skip


@pytest.fixture
def pair(held: Hold, settings: Any) -> Review:
    settings.REVIEWERS = 2
    return held()


@pytest.fixture
def rolf(member: NewMember, ada: Member) -> Member:
    return member("rolf", workspace=ada.workspace, role=Role.REVIEWER)


def test_an_administrator_is_not_both_reviewers(pair: Review, admin: Member, rita: Member) -> None:
    assert decide(admin, pair, "block").status_code == 201
    assert code(decide(lent(rita, admin), pair, "block")) == REFUSED
    assert Review.objects.get(pk=pair.pk).state == ReviewState.OPEN
    assert decide(rita, pair, "block").status_code == 201, "rita herself is another"
    assert Review.objects.get(pk=pair.pk).state == ReviewState.DECIDED


def test_nor_the_other_way_round(pair: Review, admin: Member, rita: Member) -> None:
    assert decide(lent(rita, admin), pair, "block").status_code == 201
    assert Opinion.objects.get().lent_by == admin.user
    assert code(decide(admin, pair, "block")) == REFUSED
    assert Review.objects.get(pk=pair.pk).state == ReviewState.OPEN


def test_nor_by_two_links(pair: Review, admin: Member, rita: Member, rolf: Member) -> None:
    assert decide(lent(rita, admin), pair, "block").status_code == 201
    assert code(decide(lent(rolf, admin), pair, "block")) == REFUSED
    assert decide(lent(rolf, None), pair, "block").status_code == 201, (
        "the machine's owner is nobody's reviewer"
    )


def test_who_started_a_run_neither_sees_nor_judges_it_by_another_s_account(
    held: Hold, ada: Member, rita: Member, admin: Member
) -> None:
    review = held()
    borrowed = lent(rita, ada)
    assert code(look(borrowed, review)) == code(decide(borrowed, review, "block")) == REFUSED
    assert not Look.objects.exists() and not Opinion.objects.exists()
    assert look(lent(rita, admin), review).status_code == 201, "where one is enough, a link will do"


def test_who_judged_a_hold_does_not_judge_its_appeal_by_another_s_account(
    held: Hold, ada: Member, rita: Member, rolf: Member
) -> None:
    review = held(state=StepState.WITHHELD)
    before = hold_before(review)
    opinion = Opinion.objects.create(review=before, by=rita.user, name="rita", decision="block", note="No.")
    assert ada.client.post(appeals(review.run), PLEA).status_code in (200, 201)
    borrowed = lent(rolf, rita)
    assert code(look(borrowed, review)) == code(decide(borrowed, review, "block")) == REFUSED
    # The same where the hold was judged by a link of theirs.
    opinion.delete()
    Opinion.objects.create(review=before, lent_by=rita.user, name="another", decision="block", note="No.")
    assert code(decide(borrowed, review, "block")) == REFUSED
    assert code(decide(rita, review, "block")) == (403, "judged_hold")
    assert decide(rolf, review, "block").status_code == 201


def test_an_opinion_in_a_session_of_one_s_own_names_nobody_else(held: Hold, rita: Member) -> None:
    assert decide(rita, held(), "block").status_code == 201
    assert Opinion.objects.get().lent_by is None


def started(who: Member, restarts: Run | None = None) -> Run:
    """A run that the person starts over the API, or begins again."""
    workflow = who.workflow("Mine", PLAIN)
    path = f"/api/runs/{restarts.pk}/restart" if restarts else f"/api/workflows/{workflow.pk}/runs"
    answer = who.client.post(path, {} if restarts else {"inputs": {"text": "hello"}})
    assert answer.status_code == 201, answer.json()
    return Run.objects.get(pk=answer.json()["id"])


def kept_back(run: Run, held: Hold) -> Review:
    """A review of this run, like one of a gate's."""
    like = held()
    Review.objects.filter(pk=like.pk).update(run=run)
    return Review.objects.get(pk=like.pk)


def test_who_lent_the_session_of_a_run_neither_sees_nor_judges_it(
    held: Hold, ada: Member, rita: Member, rolf: Member, admin: Member
) -> None:
    run = started(lent(ada, admin))
    assert (run.by, run.lent_by) == (ada.user, admin.user)
    review = kept_back(run, held)
    assert code(look(admin, review)) == code(decide(admin, review, "allow")) == (403, "own_run")
    assert code(look(lent(rita, admin), review)) == REFUSED, "nor by yet another account"
    row = admin.client.get(f"/api/reviews/{review.pk}").json()
    assert row["own"] is True
    assert not Look.objects.exists() and not Opinion.objects.exists()
    assert decide(rolf, review, "block").status_code == 201


def test_nor_where_it_was_begun_again_in_that_session(held: Hold, ada: Member, admin: Member) -> None:
    first = started(ada)
    assert first.lent_by is None
    assert ada.client.post(f"/api/runs/{first.pk}/cancel").status_code == 200
    again = started(lent(ada, admin), restarts=first)
    assert again.restarts == first
    assert code(decide(admin, kept_back(again, held), "allow")) == (403, "own_run")
    assert look(admin, kept_back(first, held)).status_code == 201, "what ada started is another matter"


def test_what_was_begun_in_a_lent_session_stays_theirs_who_lent_it_when_it_is_begun_again(
    held: Hold, ada: Member, admin: Member
) -> None:
    first = started(lent(ada, admin))
    assert ada.client.post(f"/api/runs/{first.pk}/cancel").status_code == 200
    again = started(ada, restarts=first)
    assert again.lent_by == admin.user
    assert code(look(admin, kept_back(again, held))) == (403, "own_run")


def test_who_lent_the_session_of_an_appeal_does_not_judge_it(
    held: Hold, ada: Member, rita: Member, admin: Member
) -> None:
    review = held(state=StepState.WITHHELD)
    assert lent(ada, admin).client.post(appeals(review.run), PLEA).status_code == 201
    assert Review.objects.get(pk=review.pk).lent_by == admin.user
    assert code(look(admin, review)) == code(decide(admin, review, "allow")) == (403, "own_run")
    assert decide(rita, review, "block").status_code == 201


def test_a_run_and_an_appeal_in_a_session_of_one_s_own_name_nobody_else(held: Hold, ada: Member) -> None:
    review = held(state=StepState.WITHHELD)
    assert ada.client.post(appeals(review.run), PLEA).status_code == 201
    assert Review.objects.get(pk=review.pk).lent_by is None
    assert started(ada).lent_by is None


def test_an_appeal_is_not_left_to_who_has_lent_its_session(
    held: Hold, ada: Member, rita: Member, rolf: Member
) -> None:
    """Who judged the hold judges the appeal only where nobody else may; who lent the author's session may not."""
    review = held(state=StepState.WITHHELD)
    before = hold_before(review)
    Opinion.objects.create(review=before, by=rita.user, name="rita", decision="block", note="No.")
    assert lent(ada, rolf).client.post(appeals(review.run), PLEA).status_code == 201
    assert code(decide(rolf, review, "block")) == (403, "own_run")
    assert decide(rita, review, "block").status_code == 201, "there is nobody else"
