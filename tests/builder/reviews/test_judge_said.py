"""Whose words an appeal and a reason count as: the person's, and those of the material that they may quote."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from builder.accounts.models import User, Workspace
from builder.common.errors import Refused
from builder.reviews.judge_said import NOTE, judge_said
from builder.runs.models import Review
from builder.safety import ask_worker
from runtime.dispatch.states import StepState
from runtime.dispatch.trial import Trial
from runtime.labels import Source
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.safety.ruling import Held
from runtime.values import Json
from tests.fixtures.asked import filters_answer
from tests.fixtures.held import TEXT_HELD, hold
from tests.fixtures.runs import chain, policy, stub_packs, stub_policy, told, valkey, valkey_folder, workspace

__all__ = ["filters_answer", "policy", "stub_packs", "told", "valkey", "valkey_folder", "workspace"]

pytestmark = pytest.mark.usefixtures("filters_answer")


@pytest.fixture
def review(workspace: Workspace, policy: Callable[[Policy], Policy]) -> Review:
    """Of a text that a model wrote, under a policy that asks about a model's words alone."""
    made = stub_policy(FilterUse("stub.words", Action.BLOCK))
    person, *others = made.rules
    people = tuple(source for source in Source if source is not Source.MODEL)
    asks = replace(person, sources=(Source.MODEL,))
    policy(replace(made, rules=(asks, replace(person, id="person-own", sources=people, chain=()), *others)))
    user = User.objects.create(username="ada")
    return hold(workspace, user, chain(("a", "echo", {})), {"text": "hello"}, state=StepState.WITHHELD)


def test_who_quotes_a_model_is_judged_as_the_model_was(review: Review) -> None:
    with pytest.raises(Refused) as refused:
        judge_said(review, NOTE, TEXT_HELD, review.run.by)
    assert refused.value.code == "words_refused"
    judge_said(review, NOTE, "It is a quotation.", review.run.by)


def test_words_about_what_nobody_is_known_to_have_made_count_as_anybodys(review: Review) -> None:
    held = review.material
    assert held is not None
    review.held = Held(replace(held.value, sources=frozenset())).to_json()
    with pytest.raises(Refused):
        judge_said(review, NOTE, TEXT_HELD, review.run.by)


def test_no_words_ask_no_worker(review: Review, monkeypatch: pytest.MonkeyPatch) -> None:
    def nobody(url: str, trial: Trial) -> dict[str, Json]:
        raise AssertionError("a worker was asked")

    monkeypatch.setattr(ask_worker, "ask", nobody)
    judge_said(review, NOTE, " \n ", review.run.by)
