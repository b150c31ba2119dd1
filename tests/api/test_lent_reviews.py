"""A session that somebody else's link began: it is no second reviewer, and no way round who may not decide."""

from typing import Any

import pytest

from builder.accounts.begin_session import LENT_BY
from builder.accounts.roles import Role
from builder.accounts.sign_in_links import issue_link
from builder.reviews.models import Look, Opinion
from builder.runs.models import Purpose, Review, ReviewState
from runtime.dispatch.states import StepState
from tests.api.conftest import Member, NewMember
from tests.api.test_reviews import PLEA, Hold, admin, appeals, code, decide, held, look, rita
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
    before = Review.objects.create(
        run=review.run, step=review.step, purpose=Purpose.HOLD, state=ReviewState.DECIDED, rules=review.rules,
        digest=review.digest, policy=review.policy, type=review.type, outputs=review.outputs, needed=1,
    )  # fmt: skip
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
