"""What somebody answered in a run of somebody else's: who reads it in an export, when it goes, and what keeps it."""

import io
import json
import zipfile
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from builder.common.errors import Refused
from builder.keeping.holds import lift_hold, place_hold
from builder.keeping.models import Erasure, Kept, Subject
from builder.keeping.retention import set_retention
from builder.leaving.erase import erase_run, go_on
from builder.leaving.erase_person import erase_person, pseudonym
from builder.leaving.own_answers import own_answers
from builder.leaving.sweep import MOST, turn
from builder.runs.cancel_run import cancel_run
from builder.runs.models import Answer, CachedStep, Run, Step
from builder.safety.models import AuditEntry
from runtime.worker.agent import Agent
from tests.api.conftest import Member, NewMember
from tests.api.test_questions import approves, start, stub_packs
from tests.fixtures.runs import agent, drawing, kept_child, policy, told, valkey, valkey_folder

__all__ = ["agent", "kept_child", "policy", "start", "stub_packs", "told", "valkey", "valkey_folder"]

SAID = "bob's own words"
Start = Callable[[dict[str, Any]], Run]


@pytest.fixture
def bob(ada: Member, member: NewMember) -> Member:
    return member("bob", workspace=ada.workspace)


@pytest.fixture
def root(member: NewMember) -> Member:
    root = member("root")
    root.user.is_superuser = root.user.is_staff = True
    root.user.save()
    return root


def asks_twice() -> dict[str, Any]:
    """Two questions beside each other, each with an output of its own."""
    graph = drawing(
        ("in", "input", {"name": "text"}), ("w", "echo", {"question": "Which?"}), ("v", "echo", {"question": "When?"}),
        ("out", "output", {"name": "answer"}), ("late", "output", {"name": "late"}),
        edges="in.text>w.value in.text>v.value w.answer>out.text v.answer>late.text",
    )  # fmt: skip
    for node in graph["nodes"]:
        if node["id"] in "wv":
            node["type"] = "control.ask"
    return graph


def answer(who: Member, run: Run, said: str = SAID, step: str = "w") -> None:
    body = {"step": step, "attempt": 1, "answer": said}
    told = who.client.post(f"/api/runs/{run.pk}/answers", body, format="json")
    assert told.status_code == 200, told.content


def kept(run: Run, step: str = "w") -> tuple[Any, Any]:
    found = Step.objects.get(run=run, name=step)
    return found.answer, found.outputs


def own(who: Member) -> list[str]:
    found: Any = own_answers(who.user, own=True)
    return [item["answer"] for item in found]


def exported(reader: Member, of: Member) -> dict[str, bytes]:
    whom = {} if reader is of else {"person": str(of.user.pk)}
    made = reader.client.post("/api/account/export", whom, format="json")
    assert made.status_code == 201, made.content
    packed = zipfile.ZipFile(io.BytesIO(b"".join(reader.client.get(made.json()["url"]))))
    return {name: packed.read(name) for name in packed.namelist()}


@pytest.mark.parametrize("said", [SAID, "a forbidden word of bob's"])
def test_what_somebody_answered_is_read_in_their_own_export_and_in_no_other(
    start: Start, ada: Member, bob: Member, root: Member, agent: Agent, said: str
) -> None:
    """Whether a gate let it pass or not: what a gate is for is not told by the way."""
    run = start(approves("ask"))
    answer(bob, run, said)
    agent.drain()
    assert Run.objects.get(pk=run.pk).state == ("succeeded" if said == SAID else "blocked")
    (mine,) = json.loads(exported(bob, bob)["decisions.json"])["answers"]
    assert (mine["run"], mine["step"], mine["answer"]) == (str(run.pk), "w", said)
    files = exported(root, bob)
    (told,) = json.loads(files["decisions.json"])["answers"]
    assert told == {"run": str(run.pk), "step": "w", "at": mine["at"]}
    assert not [name for name, content in files.items() if said.encode() in content]
    hers = exported(ada, ada)
    found = [name for name, content in hers.items() if said.encode() in content]
    # What her run delivered is hers, behind its gates.
    assert found == ([f"runs/{run.pk}.json"] if said == SAID else [])


def test_a_question_that_was_answered_again_is_of_who_answered_last(
    start: Start, ada: Member, bob: Member
) -> None:
    run = start(approves("ask"))
    Answer.objects.create(run=run, step="w", by=bob.user.pk)  # to an attempt of before
    answer(ada, run, "ada's words")
    assert own(bob) == [] and own(ada) == ["ada's words"]


def test_what_somebody_answered_goes_with_them_and_what_the_run_made_of_it_stays(
    start: Start, bob: Member, agent: Agent
) -> None:
    run = start(approves("ask"))
    answer(bob, run)
    agent.drain()
    erasure = go_on(erase_person(bob.user, None))
    assert erasure.finished and erasure.counts == {"answers": 1, "people": 1}
    assert kept(run) == (None, None) and not Answer.objects.exists()
    assert not CachedStep.objects.filter(step__run=run).exists()
    assert SAID in str(list(run.outputs.values_list("value", flat=True)))


def waits(erasure: Erasure) -> bool:
    """Whether the deletion says that it is not over, also after the sweep came to it."""
    with pytest.raises(Refused) as refused:
        go_on(erasure)
    turn(timezone.now())
    erasure.refresh_from_db()
    return refused.value.code == "still_needed" and erasure.finished is None and erasure.target is not None


@pytest.mark.parametrize("ends", ["by itself", "cancelled"])
def test_a_deletion_is_not_over_before_the_run_that_was_answered_is(
    start: Start, ada: Member, bob: Member, agent: Agent, ends: str
) -> None:
    run = start(asks_twice())
    answer(bob, run)
    erasure = erase_person(bob.user, None)  # no worker has come to the answer yet
    assert waits(erasure) and kept(run)[0] == SAID
    bob.user.refresh_from_db()
    assert bob.user.username == pseudonym(bob.user), "how they are called waits for nothing"
    agent.drain()  # the step that had asked has ended; the run asks for more, for thirty days if need be
    assert Run.objects.get(pk=run.pk).state == "waiting" and kept(run)[1] is not None
    assert waits(erasure)
    if ends == "cancelled":
        cancel_run(run)
    else:
        answer(ada, run, "ada's words", step="v")
        agent.drain()
    turn(timezone.now())
    erasure.refresh_from_db()
    assert erasure.finished and erasure.counts == {"answers": 1, "people": 1}
    assert kept(run) == (None, None)
    if ends == "by itself":
        assert kept(run, "v")[0] == "ada's words", "nobody else's goes"


def test_deletions_that_wait_keep_none_from_its_turn(start: Start, ada: Member, member: NewMember) -> None:
    """However many there are, and however long it takes."""
    run = start(asks_twice())
    people = [member(f"one-{number}", workspace=ada.workspace) for number in range(MOST)]
    for number, one in enumerate(people):
        Answer.objects.create(run=run, step=f"s{number}", by=one.user.pk)
    waiting = [erase_person(one.user, None) for one in people]
    last = erase_person(member("last").user, None)
    turn(timezone.now())
    last.refresh_from_db()
    assert last.finished
    assert not Erasure.objects.filter(pk__in=[item.pk for item in waiting], finished__isnull=False).exists()


def test_the_command_says_that_a_deletion_waits_and_prints_what_it_has_done(
    start: Start, bob: Member
) -> None:
    run = start(approves("ask"))
    answer(bob, run)
    out, err = StringIO(), StringIO()
    call_command("erase", "--user", "bob", "--yes", stdout=out, stderr=err)
    receipt = json.loads(out.getvalue())
    assert receipt["finished"] is None and receipt["deleted"]["people"] == 1
    assert "still needs what this person answered" in err.getvalue()


def test_the_console_says_so_too(start: Start, bob: Member, root: Member) -> None:
    answer(bob, start(approves("ask")))
    console = Client()
    console.force_login(root.user)
    page = console.post(f"/console/accounts/user/{bob.user.pk}/delete/", {"post": "yes"}, follow=True)
    told = page.content.decode()
    assert "is being deleted" in told and "still needs what this person answered" in told
    assert Erasure.objects.get().finished is None


def refusal(work: Callable[[], object]) -> str:
    with pytest.raises(Refused) as refused:
        work()
    return refused.value.code


def test_a_hold_on_a_person_keeps_what_they_answered_in_runs_of_others(
    start: Start, ada: Member, bob: Member, agent: Agent
) -> None:
    run = start(approves("ask"))
    other = start(approves("ask"))
    answer(bob, run)
    answer(ada, other, "ada's words")
    agent.drain()
    set_retention(ada.workspace, dict.fromkeys(Kept, 1), ada.user)
    hold = place_hold(Subject.PERSON, bob.user.pk, "A court asked.", None)
    assert refusal(lambda: erase_run(run, ada.user)) == "legal_hold"
    refused = ada.client.delete(f"/api/runs/{run.pk}")
    assert (refused.status_code, refused.json()["code"]) == (409, "legal_hold")
    gone = ada.client.post(f"/api/workflows/{run.workflow_id}/erase", {"with_runs": True}, format="json")
    assert (gone.status_code, gone.json()["code"]) == (409, "legal_hold")
    assert refusal(lambda: erase_person(ada.user, None)) == "legal_hold", "her runs have his words"
    turn(timezone.now() + timedelta(days=4_000))
    assert list(Run.objects.all()) == [run], "what he has no part in goes"
    assert kept(run)[0] == SAID
    lift_hold(hold, "It is over.", None)
    assert go_on(erase_run(run, ada.user)).finished and not Run.objects.exists()


@pytest.mark.parametrize("kind", list(Subject))
def test_what_somebody_answered_stays_in_a_run_that_is_on_hold_for_another_reason(
    start: Start, ada: Member, bob: Member, agent: Agent, kind: Subject
) -> None:
    run = start(approves("ask"))
    answer(bob, run)
    agent.drain()
    subject = {
        Subject.WORKSPACE: ada.workspace.pk,
        Subject.RUN: run.pk,
        Subject.PERSON: ada.user.pk,
    }[kind]
    hold = place_hold(kind, subject, "A court asked.", None)
    assert refusal(lambda: erase_person(bob.user, None)) == "legal_hold"
    bob.user.refresh_from_db()
    assert kept(run)[0] == SAID and bob.user.is_active
    lift_hold(hold, "It is over.", None)
    assert go_on(erase_person(bob.user, None)).finished and kept(run)[0] is None


def test_a_hold_that_is_placed_while_a_deletion_waits_stops_it(
    start: Start, bob: Member, agent: Agent
) -> None:
    run = start(approves("ask"))
    answer(bob, run)
    erasure = erase_person(bob.user, None)
    assert waits(erasure)
    hold = place_hold(Subject.RUN, run.pk, "Evidence.", None)
    agent.drain()
    turn(timezone.now())
    erasure.refresh_from_db()
    assert erasure.finished is None and kept(run)[0] == SAID
    lift_hold(hold, "Copied.", None)
    turn(timezone.now())
    erasure.refresh_from_db()
    assert erasure.finished and kept(run) == (None, None)


@pytest.mark.django_db(transaction=True)
def test_answers_of_before_are_known_after_an_upgrade(start: Start, ada: Member, bob: Member) -> None:
    """The audit log has said whose they are."""
    run = start(asks_twice())
    answer(bob, run)
    answer(ada, run, "ada's words", step="v")
    assert AuditEntry.objects.filter(body__contains="question.answered").count() == 2
    try:
        call_command("migrate", "runs", "0017", verbosity=0)
    finally:
        call_command("migrate", "runs", verbosity=0)
    assert dict(Answer.objects.values_list("step", "by")) == {"w": bob.user.pk, "v": ada.user.pk}
    assert own(bob) == [SAID]
