"""The reviewers' desk over the API: who sees what, who looked, what is refused, and what an appeal gives back."""

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now
from django.utils import timezone

from builder.accounts.models import User
from builder.accounts.roles import Role
from builder.assets.store import open_store
from builder.reviews.desk import opinions_for
from builder.reviews.models import Look, Opinion
from builder.runs.cancel_run import cancel_run
from builder.runs.keep_back import expire_reviews, forget_material
from builder.runs.models import Purpose, Review, ReviewState, Run
from builder.safety.models import AuditEntry
from runtime.dispatch.states import StepState
from runtime.ports import IMAGE, TEXT, PortType
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.safety.redaction import MARK
from tests.api.conftest import Member, NewMember, nobody
from tests.api.pictures import png
from tests.fixtures.asked import filters_answer
from tests.fixtures.held import CANARY, TEXT_HELD, fresh, hold
from tests.fixtures.runs import chain, drawing, policy, stub_packs, stub_policy, told, valkey, valkey_folder

__all__ = ["filters_answer", "policy", "stub_packs", "told", "valkey", "valkey_folder"]

pytestmark = pytest.mark.usefixtures("filters_answer")
PLAIN = chain(("a", "echo", {}))
MANY = PortType(TEXT.kind, many=True)

Hold = Callable[..., Review]


@pytest.fixture
def held(ada: Member, policy: Callable[[Policy], Policy]) -> Hold:
    """Makes a review of a run that ada started."""
    policy(stub_policy())

    def make(**options: Any) -> Review:
        return hold(ada.workspace, ada.user, options.pop("graph", PLAIN), {"text": "hello"}, **options)

    return make


@pytest.fixture
def rita(member: NewMember, ada: Member) -> Member:
    return member("rita", workspace=ada.workspace, role=Role.REVIEWER)


@pytest.fixture
def admin(member: NewMember) -> Member:
    return member("root", admin=True)


def at(review: Review, part: str = "") -> str:
    return f"/api/reviews/{review.pk}{part}"


def look(who: Member, review: Review) -> Any:
    return who.client.post(at(review, "/looks"))


def decide(
    who: Member, review: Review, decision: str = "allow", *cuts: dict[str, Any], note: str = "So be it."
) -> Any:
    body: dict[str, Any] = {"decision": decision, "note": note}
    return who.client.post(at(review, "/opinions"), body | ({"cuts": list(cuts)} if cuts else {}))


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_review_lies_on_the_desks_of_its_workspace_and_of_administrators(
    held: Hold, rita: Member, admin: Member, ada: Member, stranger: Member, member: NewMember
) -> None:
    review = held()
    foreign = member("foreign", workspace=stranger.workspace, role=Role.REVIEWER)
    editor = member("ed", workspace=ada.workspace)
    for who in (rita, admin):
        assert [item["id"] for item in who.client.get("/api/reviews").json()["results"]] == [str(review.pk)]
        assert who.client.get(at(review)).json()["outputs"] == ["answer"]
    for who in (foreign, stranger, editor, ada):
        assert who.client.get("/api/reviews").json()["results"] == []
        assert code(who.client.get(at(review))) == (404, "not_found")
        assert code(look(who, review)) == code(decide(who, review)) == (404, "not_found")
    assert not Look.objects.exists() and not Opinion.objects.exists()


def test_the_desk_shows_no_material_before_a_look_and_every_look_is_written_down(
    held: Hold, rita: Member, admin: Member
) -> None:
    review = held()
    for address in ("/api/reviews", "/api/reviews?state=open", at(review), f"/api/runs/{review.run_id}"):
        answer = rita.client.get(address)
        assert answer.status_code == 200 and CANARY not in answer.content.decode()
    assert rita.client.get("/api/reviews?state=decided").json()["results"] == []
    assert rita.client.get("/api/reviews?state=nonsense").json()["results"] == []
    answer = look(rita, review)
    assert answer.status_code == 201 and answer["Cache-Control"] == "no-store"
    assert answer.json()["value"] == TEXT_HELD and answer.json()["files"] == []
    (spot,) = answer.json()["spots"]
    assert TEXT_HELD[spot["start"] : spot["end"]] == "forbidden"
    look(admin, review)
    names = [item["name"] for item in rita.client.get(at(review)).json()["looks"]]
    assert names == ["rita", "root"]


def test_a_picture_is_shown_to_who_has_just_looked_and_to_nobody_else(
    held: Hold, rita: Member, admin: Member, ada: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    ref = open_store().write(png().read(), "image/png", 8, 8)
    graph = drawing(
        ("in", "input", {"name": "text"}), ("p", "picture", {}), ("out", "show_image", {"name": "picture"}),
        edges="in.text>p.text p.image>out.image",
    )  # fmt: skip
    review = held(graph=graph, data=ref, port_type=IMAGE)
    material = look(rita, review).json()
    assert material["value"] is None and CANARY not in json.dumps(material)
    (file,) = material["files"]
    answer = rita.client.get(file["url"])
    assert answer.status_code == 200 and answer.content == open_store().read(ref)
    assert answer["Cache-Control"] == "no-store"
    for who in (admin, ada):
        assert who.client.get(file["url"]).status_code == 404
    assert rita.client.get(file["url"].replace("/files/1", "/files/2")).status_code == 404
    assert rita.client.get(f"/api/review-looks/{nobody()}/files/1").status_code == 404
    assert code(decide(rita, review, "redact", {"item": None})) == (400, "cuts_invalid")
    with monkeypatch.context() as patch:
        patch.setattr("builder.reviews.look_at.LASTS", timedelta(0))
        assert rita.client.get(file["url"]).status_code == 404
    assert rita.client.get(file["url"]).status_code == 200
    rita.user.memberships.all().delete()
    assert rita.client.get(file["url"]).status_code == 404


def test_who_started_the_run_neither_looks_nor_decides(
    held: Hold, ada: Member, admin: Member, settings: Any
) -> None:
    review = held()
    ada.user.memberships.update(role=Role.REVIEWER)
    assert ada.client.get(at(review)).json()["own"] is True
    assert code(look(ada, review)) == code(decide(ada, review)) == (403, "own_run")
    # An administrator is no exception, unless there is no other and the installation says so.
    ada.user.is_superuser = True
    ada.user.save()
    settings.AUTHOR_REVIEWS = True
    assert code(look(ada, review)) == (403, "own_run")
    User.objects.filter(pk=admin.user.pk).update(is_active=False)
    assert look(ada, review).status_code == 201
    settings.AUTHOR_REVIEWS = False
    assert code(look(ada, review)) == (403, "own_run")


def test_a_decision_needs_a_look_a_reason_and_sense(held: Hold, rita: Member) -> None:
    review = held()
    assert code(decide(rita, review)) == (409, "not_looked")
    look(rita, review)
    assert decide(rita, review, note="  ").status_code == 400
    assert decide(rita, review, "maybe").status_code == 400
    for cut in ({"start": 0, "end": 10_000}, {"start": 3}, {"item": 0}, {"start": 5, "end": 5}):
        assert code(decide(rita, review, "redact", cut)) == (400, "cuts_invalid")
    assert code(decide(rita, review, "redact")) == code(decide(rita, review, "allow", {"start": 0, "end": 1})) == (
        400, "cuts_invalid",
    )  # fmt: skip
    assert not Opinion.objects.exists() and fresh(review.run).state == "waiting"
    answer = decide(rita, review, "redact", {"start": 2, "end": 11})
    assert answer.status_code == 201
    assert (answer.json()["state"], answer.json()["decision"]) == ("decided", "redact")
    assert answer.json()["opinions"][0]["name"] == "rita"
    entry = AuditEntry.objects.order_by("-sequence").first()
    assert json.loads(entry.body)["act"] == "review.decided" and CANARY not in entry.body
    assert "So be it." not in entry.body, "a reason may quote what was held, and the log is kept for ever"


def test_block_needs_no_look(held: Hold, rita: Member) -> None:
    assert decide(rita, held(), "block").status_code == 201


def test_deciding_twice_too_late_or_on_a_cancelled_run_is_refused_in_words(
    held: Hold, rita: Member, admin: Member
) -> None:
    decided = held()
    assert decide(rita, decided, "block").status_code == 201
    assert code(decide(rita, decided, "block")) == (409, "already_judged")
    assert code(decide(admin, decided, "block")) == (409, "already_decided")
    assert code(look(admin, decided)) == (410, "material_gone")
    late = held()
    Review.objects.filter(pk=late.pk).update(deadline=Now() - timedelta(seconds=1))
    assert code(decide(rita, late, "block")) == (409, "review_expired")
    cancelled = held()
    cancel_run(cancelled.run)
    assert code(decide(rita, cancelled, "block")) == (409, "review_closed")
    for answer in (decide(rita, late, "block"), decide(rita, cancelled, "block")):
        assert answer.json()["message"] and answer.json()["hint"]


def test_two_reviewers_do_not_see_each_other_s_opinion_before_both_have_one(
    held: Hold, rita: Member, member: NewMember, ada: Member, settings: Any
) -> None:
    settings.REVIEWERS = 2
    review = held()
    rolf = member("rolf", workspace=ada.workspace, role=Role.REVIEWER)
    look(rita, review)
    first = decide(rita, review, "allow").json()
    assert (first["state"], first["given"], first["needed"], first["judged"]) == ("open", 1, 2, True)
    seen = rolf.client.get(at(review)).json()
    assert seen["opinions"] == [] and seen["judged"] is False
    assert [opinion.by for opinion in opinions_for(rita.user)] == [rita.user]
    assert not opinions_for(rolf.user).exists()
    assert code(decide(rita, review, "block")) == (409, "already_judged")
    last = decide(rolf, review, "block").json()
    assert (last["state"], last["decision"], len(last["opinions"])) == ("decided", "block", 2)
    assert opinions_for(rita.user).count() == opinions_for(rolf.user).count() == 2


def test_items_of_a_list_are_taken_out_one_by_one(held: Hold, rita: Member) -> None:
    review = held(data=["one", "two"], port_type=MANY)
    look(rita, review)
    assert code(decide(rita, review, "redact", {"item": 0}, {"item": 1})) == (400, "cuts_invalid")
    assert decide(rita, review, "redact", {"item": 1}).status_code == 201


def appeals(run: Run) -> str:
    return f"/api/runs/{run.pk}/appeals"


PLEA = {"output": "answer", "text": "It is a quotation."}


def test_an_author_appeals_once_and_what_is_allowed_stands_beside_the_finished_run(
    held: Hold, ada: Member, rita: Member, member: NewMember, stranger: Member
) -> None:
    review = held(state=StepState.WITHHELD)
    run = review.run
    assert fresh(run).state == "blocked"
    assert rita.client.get("/api/reviews").json()["results"] == [], "what nobody appealed for is on no desk"
    assert ada.client.get(appeals(run)).json()["results"][0]["state"] == "possible"
    ed = member("ed", workspace=ada.workspace)
    assert code(ed.client.post(appeals(run), PLEA)) == (403, "not_your_run")
    assert code(stranger.client.post(appeals(run), PLEA)) == (404, "not_found")
    assert code(ada.client.post(appeals(run), PLEA | {"output": "other"})) == (409, "nothing_to_appeal")
    made = ada.client.post(appeals(run), PLEA)
    assert made.status_code == 201 and made.json()["state"] == "open" and CANARY not in made.content.decode()
    assert code(ada.client.post(appeals(run), PLEA)) == (409, "already_appealed")
    assert rita.client.get(at(review)).json()["text"] == PLEA["text"]
    look(rita, review)
    told = fresh(run).last_event
    assert decide(rita, review, "allow", note="It is.").status_code == 201
    (result,) = ada.client.get(appeals(run)).json()["results"]
    assert (result["state"], result["released"], result["notes"]) == ("allowed", TEXT_HELD, ["It is."])
    assert (fresh(run).state, fresh(run).last_event) == ("blocked", told) and not run.outputs.exists()
    assert stranger.client.get(appeals(run)).status_code == 404


def test_an_appeal_gives_nothing_back_once_the_policy_asks_for_more(
    held: Hold, ada: Member, rita: Member, policy: Callable[[Policy], Policy]
) -> None:
    review = held(state=StepState.WITHHELD)
    ada.client.post(appeals(review.run), PLEA)
    look(rita, review)
    policy(stub_policy(version=2))
    assert rita.client.get(at(review)).json()["tightened"] is False, "another version that asks for the same"
    more = FilterUse("stub.words", Action.BLOCK)
    policy(stub_policy(FilterUse("stub.secrets", Action.BLOCK), more, version=3))
    assert rita.client.get(at(review)).json()["tightened"] is True
    for wanted in (("allow",), ("redact", {"start": 2, "end": 11})):
        assert code(decide(rita, review, *wanted)) == (409, "policy_tightened")
    assert not Opinion.objects.exists()
    assert decide(rita, review, "block", note="Run it again.").status_code == 201
    answer = ada.client.get(appeals(review.run))
    assert answer.json()["results"][0]["state"] == "refused" and CANARY not in answer.content.decode()


def test_of_an_appeal_a_part_can_be_taken_out_and_the_author_gets_the_rest(
    held: Hold, ada: Member, rita: Member
) -> None:
    review = held(state=StepState.WITHHELD)
    run = review.run
    ada.client.post(appeals(run), PLEA)
    look(rita, review)
    assert code(decide(rita, review, "redact", {"start": 0, "end": 10_000})) == (400, "cuts_invalid")
    start = TEXT_HELD.index(CANARY)
    assert decide(rita, review, "redact", {"start": start, "end": start + len(CANARY)}).status_code == 201
    answer = ada.client.get(appeals(run))
    (result,) = answer.json()["results"]
    assert (result["state"], result["released"]) == ("redacted", TEXT_HELD.replace(CANARY, MARK))
    assert CANARY not in answer.content.decode() and fresh(run).state == "blocked"
    forget_material()
    assert Review.objects.get(pk=review.pk).held is None


def test_an_item_of_a_list_is_taken_out_of_an_appeal(held: Hold, ada: Member, rita: Member) -> None:
    review = held(state=StepState.WITHHELD, data=["one", "two"], port_type=MANY)
    ada.client.post(appeals(review.run), PLEA)
    look(rita, review)
    assert decide(rita, review, "redact", {"item": 0}).status_code == 201
    assert ada.client.get(appeals(review.run)).json()["results"][0]["released"] == ["two"]


def test_who_decided_about_a_hold_leaves_its_appeal_to_another_reviewer_if_there_is_one(
    held: Hold, ada: Member, rita: Member, admin: Member, member: NewMember, settings: Any
) -> None:
    review = held(state=StepState.WITHHELD)
    before = Review.objects.create(
        run=review.run, step=review.step, purpose=Purpose.HOLD, state=ReviewState.DECIDED, rules=review.rules,
        digest=review.digest, policy=review.policy, type=review.type, outputs=review.outputs, needed=1,
        decided=timezone.now(), ruling={"decision": "block", "digest": "", "rules": [], "policy": "", "cuts": []},
    )  # fmt: skip
    Opinion.objects.create(review=before, by=rita.user, name="rita", decision="block", note="No.")
    ada.client.post(appeals(review.run), PLEA)
    # Nobody else is a reviewer here: an appeal to the same person is better than none.
    assert rita.client.get(at(review)).json()["judged_hold"] is False
    assert look(rita, review).status_code == 201
    rolf = member("rolf", workspace=ada.workspace, role=Role.REVIEWER)
    assert rita.client.get(at(review)).json()["judged_hold"] is True
    assert code(look(rita, review)) == code(decide(rita, review, "block")) == (403, "judged_hold")
    assert rolf.client.get(at(review)).json()["judged_hold"] is False
    # Two are asked for, and one alone could not answer.
    Review.objects.filter(pk=review.pk).update(needed=2)
    assert look(rita, review).status_code == 201
    Review.objects.filter(pk=review.pk).update(needed=1)
    User.objects.filter(pk=rolf.user.pk).update(is_active=False)
    assert look(rita, review).status_code == 201
    User.objects.filter(pk=rolf.user.pk).update(is_active=True)
    assert decide(rolf, review, "block").status_code == 201


def test_an_appeal_that_is_turned_down_or_forgotten_gives_nothing_back(
    held: Hold, ada: Member, rita: Member, admin: Member
) -> None:
    refused, forgotten = held(state=StepState.WITHHELD), held(state=StepState.WITHHELD)
    for review in (refused, forgotten):
        assert ada.client.post(appeals(review.run), PLEA).status_code == 201
    decide(rita, refused, "block", note="It is not.")
    Review.objects.filter(pk=forgotten.pk).update(deadline=Now() - timedelta(seconds=1))
    expire_reviews()
    forget_material()
    states = []
    for review in (refused, forgotten):
        answer = ada.client.get(appeals(review.run))
        assert CANARY not in answer.content.decode()
        states.append(answer.json()["results"][0]["state"])
        assert Review.objects.get(pk=review.pk).held is None and fresh(review.run).state == "blocked"
    assert states == ["refused", "expired"]


def test_an_appeal_says_when_the_material_is_gone_or_there_is_nothing_to_appeal(
    held: Hold, ada: Member
) -> None:
    waiting = held()
    assert code(ada.client.post(appeals(waiting.run), PLEA)) == (409, "nothing_to_appeal")
    review = held(state=StepState.WITHHELD)
    Review.objects.filter(pk=review.pk).update(held=None)
    assert ada.client.get(appeals(review.run)).json()["results"][0]["state"] == "gone"
    assert code(ada.client.post(appeals(review.run), PLEA)) == (410, "material_gone")
    assert ada.client.get(appeals(waiting.run)).json()["results"] == []
