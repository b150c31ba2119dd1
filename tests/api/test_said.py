"""What people say for an appeal and about it is judged before others read it: by a real worker, as the policy in force has it."""

from collections.abc import Callable
from typing import Any

import pytest
import redis
from django.db import connection

from builder.accounts.roles import Role
from builder.reviews.models import Opinion
from builder.runs.models import Review, ReviewState
from builder.safety import ask_worker
from builder.safety.models import AuditEntry, PolicyVersion, Scope
from runtime.dispatch.states import StepState
from runtime.dispatch.trial import CHANNEL, Trial
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.values import Json
from tests.api.conftest import Member, NewMember
from tests.fixtures.held import TEXT_HELD, fresh, hold
from tests.fixtures.runs import (
    Workers,
    chain,
    policy,
    stub_packs,
    stub_policy,
    told,
    valkey,
    valkey_folder,
    wait_for,
    workers,
)

__all__ = ["policy", "stub_packs", "told", "valkey", "valkey_folder", "workers"]

PLAIN = chain(("a", "echo", {}))
QUOTED = f"It said: {TEXT_HELD}."
KEY = "My key-12345 is no secret."
FINE = "It is a quotation."

Put = Callable[[Policy], Policy]
Held = Callable[[StepState], Review]


@pytest.fixture
def held(ada: Member, policy: Put, told: None, stub_packs: None) -> Held:
    """Makes a review of a run that ada started, before any worker hears."""
    policy(stub_policy())
    return lambda state: hold(ada.workspace, ada.user, PLAIN, {"text": "hello"}, state=state)


@pytest.fixture
def hears(workers: Workers, valkey: str) -> Callable[[], Workers]:
    """Starts a worker that hears."""

    def start() -> Workers:
        workers.start()
        with redis.Redis.from_url(valkey) as client:
            wait_for(lambda: client.pubsub_numsub(CHANNEL)[0][1] > 0)
        return workers

    return start


@pytest.fixture
def rita(member: NewMember, ada: Member) -> Member:
    return member("rita", workspace=ada.workspace, role=Role.REVIEWER)


@pytest.fixture
def viewer(member: NewMember, ada: Member) -> Member:
    return member("vic", workspace=ada.workspace, role=Role.VIEWER)


def plead(who: Member, review: Review, text: str) -> Any:
    return who.client.post(f"/api/runs/{review.run_id}/appeals", {"output": "answer", "text": text})


def decide(who: Member, review: Review, note: str, decision: str = "block") -> Any:
    return who.client.post(f"/api/reviews/{review.pk}/opinions", {"decision": decision, "note": note})


def appeal_of(who: Member, review: Review) -> Json:
    (found,) = who.client.get(f"/api/runs/{review.run_id}/appeals").json()["results"]
    return found


def everything_said(*readers: Member) -> str:
    """All that these people read of reviews and appeals, and what the audit log keeps."""
    pages = [
        reader.client.get(address).content.decode()
        for reader in readers
        for review in Review.objects.all()
        for address in ("/api/reviews", f"/api/reviews/{review.pk}", f"/api/runs/{review.run_id}/appeals")
    ]
    return "".join([*pages, *AuditEntry.objects.values_list("body", flat=True)])


def test_what_a_gate_withholds_is_told_by_no_appeal_and_no_reason(
    held: Held, hears: Callable[[], Workers], ada: Member, rita: Member, viewer: Member
) -> None:
    review = held(StepState.WITHHELD)
    worker = hears()
    for text, category, hint in (
        (QUOTED, "stub things", "Say it in other words"),
        (KEY, "stub things", "Take that out, and send it again."),
    ):
        answer = plead(ada, review, text)
        said = answer.json()
        assert (answer.status_code, said["code"]) == (422, "words_refused"), said
        assert said["message"] == f"In your appeal, the rule “stub” stops this: {category}."
        assert said["hint"].startswith(hint) and text not in str(said)
    assert appeal_of(ada, review)["state"] == "possible", "a refusal costs nobody their appeal"
    assert plead(ada, review, FINE).status_code == 201
    for text in (QUOTED, KEY):
        answer = decide(rita, review, text)
        assert (answer.status_code, answer.json()["code"]) == (422, "words_refused")
        assert answer.json()["message"].startswith("In your reason, the rule “stub”")
    assert not Opinion.objects.exists()
    assert (
        Review.objects.get(pk=review.pk).state == ReviewState.OPEN
        and appeal_of(ada, review)["state"] == "open"
    )
    assert decide(rita, review, "It is not.").status_code == 201
    seen = everything_said(ada, rita, viewer)
    assert FINE in seen and "It is not." in seen and "key-12345" not in seen and TEXT_HELD not in seen
    assert "CANARY" not in worker.logs() and "key-12345" not in worker.logs()


def test_a_held_run_waits_on_when_the_reason_is_stopped(
    held: Held, hears: Callable[[], Workers], rita: Member
) -> None:
    review = held(StepState.WAITING)
    hears()
    assert rita.client.post(f"/api/reviews/{review.pk}/looks").status_code == 201
    for decision in ("allow", "block"):
        assert decide(rita, review, QUOTED, decision).json()["code"] == "words_refused"
    assert fresh(review.run).state == "waiting" and not Opinion.objects.exists()
    assert decide(rita, review, "So be it.").status_code == 201


def test_a_stricter_policy_of_the_workspace_holds_for_what_is_said_there(
    held: Held, hears: Callable[[], Workers], ada: Member, rita: Member
) -> None:
    review = held(StepState.WITHHELD)
    strict = stub_policy(*stub_policy().rules[0].chain, FilterUse("stub.weak", Action.BLOCK, 0.1), version=7)
    PolicyVersion(
        version=7, data=strict.to_json(), digest=strict.digest, scope=Scope.WORKSPACE.value, owner=str(ada.workspace.pk)
    ).save()  # fmt: skip
    mild = stub_policy(FilterUse("stub.secrets", Action.REDACT), version=8)
    PolicyVersion(version=8, data=mild.to_json(), digest=mild.digest).save()
    hears()
    assert plead(ada, review, QUOTED).json()["code"] == "words_refused", (
        "the installation's alone lets it pass"
    )
    assert plead(ada, review, FINE).status_code == 201
    assert decide(rita, review, QUOTED).json()["code"] == "words_refused"


def test_without_a_worker_nothing_is_kept_and_a_sentence_says_so(
    held: Held, ada: Member, rita: Member
) -> None:
    withheld, waiting = held(StepState.WITHHELD), held(StepState.WAITING)
    for answer in (plead(ada, withheld, FINE), decide(rita, waiting, FINE)):
        assert (answer.status_code, answer.json()["code"]) == (409, "no_worker")
        assert "nothing was checked" in answer.json()["message"]
    assert appeal_of(ada, withheld)["state"] == "possible" and not Opinion.objects.exists()
    assert FINE not in everything_said(ada, rita)


def test_nobody_asks_a_worker_in_vain_or_under_a_lock(
    held: Held, hears: Callable[[], Workers], ada: Member, rita: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    withheld, waiting = held(StepState.WITHHELD), held(StepState.WAITING)
    honest, locked = ask_worker.ask, []

    def noting(url: str, trial: Trial) -> dict[str, Json]:
        locked.append(connection.in_atomic_block)
        return honest(url, trial)

    monkeypatch.setattr(ask_worker, "ask", noting)
    assert plead(rita, withheld, FINE).status_code == 403
    assert plead(ada, waiting, FINE).status_code == 409
    assert decide(rita, waiting, FINE, "allow").json()["code"] == "not_looked"
    assert locked == []
    hears()
    assert plead(ada, withheld, FINE).status_code == decide(rita, waiting, FINE).status_code == 201
    assert locked == [False, False]
    assert decide(rita, waiting, FINE).json()["code"] == "already_judged"
    assert plead(ada, withheld, FINE).json()["code"] == "already_appealed"
    assert locked == [False, False]


def test_a_viewer_sees_what_came_of_an_appeal_and_none_of_its_words(
    held: Held, hears: Callable[[], Workers], ada: Member, rita: Member, viewer: Member, member: NewMember
) -> None:
    review = held(StepState.WITHHELD)
    hears()
    owner = member("olga", workspace=ada.workspace, role=Role.OWNER)
    admin = member("root", workspace=ada.workspace, role=Role.VIEWER, admin=True)
    assert plead(ada, review, FINE).status_code == 201
    assert [appeal_of(who, review)["text"] for who in (ada, rita, admin)] == [FINE] * 3
    for who in (viewer, owner):
        assert (appeal_of(who, review)["state"], appeal_of(who, review)["text"]) == ("open", "")
    assert decide(rita, review, "It is not.").status_code == 201
    assert [appeal_of(who, review)["notes"] for who in (ada, rita, admin)] == [["It is not."]] * 3
    for who in (viewer, owner):
        answer = appeal_of(who, review)
        assert (answer["state"], answer["text"], answer["notes"]) == ("refused", "", [])
