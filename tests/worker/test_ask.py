"""The nodes that ask a person, end to end with the real pack: who sees what, answers once, and workers that come and go."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db.models.functions import Now

from builder.accounts.models import User, Workspace
from builder.assets.models import Asset
from builder.common.errors import Refused
from builder.runs.answer_question import answer_question
from builder.runs.cancel_run import cancel_run
from builder.runs.models import CachedStep, ContentUse, Output, Run, Segment, Step
from builder.runs.profiles import profile_of
from builder.runs.questions import open_questions
from builder.runs.restart_run import restart_run
from builder.runs.submit_run import Order, submit_run
from builder.runs.uses import contents_of
from builder.runs.view_questions import view_questions
from builder.safety.models import AuditEntry
from builder.workflows.create_workflow import create_workflow
from runtime.dispatch.states import StepState
from runtime.dispatch.store import Progress, StepRecord
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.values import Value
from runtime.worker.agent import Agent
from tests.fixtures.runs import STUB_PACKS, Workers, chain, drawing, ended, failing, stub_policy, wait_for

PACKS = STUB_PACKS["SLUICEWAY_PACKS"] + ",runtime.packs.control"
Submit = Callable[..., Run]


@pytest.fixture
def stub_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stubs, and the real nodes that ask."""
    for name, value in (STUB_PACKS | {"SLUICEWAY_PACKS": PACKS}).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def ada(workspace: Workspace) -> User:
    return User.objects.create(username="ada")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "after"


def as_asking(graph: dict[str, Any], kind: str, *names: str) -> dict[str, Any]:
    for node in graph["nodes"]:
        if node["id"] in (names or ("w",)):
            node["type"] = f"control.{kind}"
    return graph


def approves(log: Path, **params: Any) -> dict[str, Any]:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("a", "echo", {}), ("w", "echo", params),
        ("b", "echo", {"log": str(log)}), ("out", "output", {"name": "answer"}), ("no", "output", {"name": "turned_down"}),
        edges="in.text>a.text a.text>w.value w.yes>b.text b.text>out.text w.no>no.text",
    )  # fmt: skip
    return as_asking(graph, "approve")


def asks(log: Path, **params: Any) -> dict[str, Any]:
    middle = (("w", "echo", params), ("b", "echo", {"log": str(log)}))
    return as_asking(chain(*middle, between={"w": ("value", "answer")}), "ask")


@pytest.fixture
def submit(workspace: Workspace, ada: User, policy: Callable[[Policy], Policy], stub_packs: None) -> Submit:
    policy(stub_policy())

    def go(graph: dict[str, Any], text: str = "hello") -> Run:
        workflow = create_workflow(workspace, ada, "Mine", graph)
        return submit_run(Order(workspace, {"text": text}, ada, workflow=workflow)).run

    return go


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def asked(run: Run) -> dict[str, Any]:
    """The one question, in a run that holds nobody."""
    (found,) = view_questions(fresh(run))
    step = run.steps.get(name=found["step"])
    assert step.state == "waiting" and step.waits["for"] == "answer"
    segment = Segment.objects.get(run=run, index=step.segment)
    assert (segment.state, segment.worker, segment.losses) == ("waiting", "", 0)
    return found


def answer(run: Run, said: str, step: str = "w", attempt: int = 1) -> Run:
    return answer_question(run, User.objects.get(username="ada"), step, attempt, said)


def late(run: Run) -> None:
    Step.objects.filter(run=run, due__isnull=False).update(due=Now() - timedelta(seconds=1))


def outputs(run: Run) -> dict[str, Any]:
    return dict(Output.objects.filter(run=run).values_list("name", "value"))


def lines(path: Path) -> int:
    return len(path.read_text().split()) if path.exists() else 0


def in_order(run: Run) -> list[str]:
    events = list(run.events.order_by("seq"))
    assert [event.seq for event in events] == list(range(1, fresh(run).last_event + 1))
    return [event.kind for event in events if event.data.get("step") == "w"]


def test_a_yes_lets_what_was_seen_go_on_and_holds_nobody_before(
    agent: Agent, submit: Submit, log: Path
) -> None:
    run = submit(approves(log, question="May it?"), "hello key-12345")
    agent.drain()
    found = asked(run)
    assert fresh(run).state == "waiting" and agent.store.sweep() == frozenset()
    assert (found["question"], found["answers"]) == ("May it?", ["yes", "no"])
    assert found["value"].startswith("hello") and "key-" not in found["value"]
    assert lines(log) == 0
    answer(run, "yes")
    agent.drain()
    assert fresh(run).state == "succeeded" and outputs(run) == {"answer": found["value"]}
    assert run.steps.get(name="no").state == "skipped" and lines(log) == 1
    assert in_order(run) == ["step.running", "step.waiting", "step.answered", "step.running", "step.done"]


def test_a_no_goes_the_other_way(agent: Agent, submit: Submit, log: Path) -> None:
    run = submit(approves(log))
    agent.drain()
    answer(run, "no")
    agent.drain()
    assert fresh(run).state == "succeeded" and outputs(run) == {"turned_down": "hello"} and lines(log) == 0


def test_a_text_goes_on_as_what_a_user_wrote_and_meets_the_gates(
    agent: Agent, submit: Submit, log: Path
) -> None:
    run = submit(asks(log))
    agent.drain()
    assert asked(run)["answers"] == []
    answer(run, "well, key-98765")
    agent.drain()
    assert fresh(run).state == "succeeded" and "key-" not in outputs(run)["answer"]
    bad = submit(asks(log))
    agent.drain()
    answer(bad, "this is forbidden")
    agent.drain()
    assert fresh(bad).state == "blocked" and outputs(bad) == {}


def test_an_answer_is_taken_once_is_told_and_stays_in_the_log(
    agent: Agent, submit: Submit, log: Path, ada: User
) -> None:
    run = submit(asks(log))
    agent.drain()
    answer(run, "a word of mine")
    for said in ("another", "a word of mine"):
        with pytest.raises(Refused) as refused:
            answer(run, said)
        assert (refused.value.code, refused.value.status) == ("nothing_to_answer", 409)
    assert run.events.get(kind="step.answered").data == {"step": "w", "attempt": 1, "answer": None}
    said = [entry.said for entry in AuditEntry.objects.all() if entry.said["act"] == "question.answered"]
    assert [(line["by"]["id"], line["data"]) for line in said] == [
        (str(ada.pk), {"attempt": 1, "answer": "text"})
    ]
    assert "a word of mine" not in str(list(run.events.values_list("data", flat=True))) + str(said)


@pytest.mark.parametrize(("said", "attempt", "code"), [
    ("perhaps", 1, "answer_unfit"), ("", 1, "answer_unfit"), ("Yes", 1, "answer_unfit"), ("yes", 2, "nothing_to_answer"),
])  # fmt: skip
def test_what_fits_no_open_question_changes_nothing(
    agent: Agent, submit: Submit, log: Path, said: str, attempt: int, code: str
) -> None:
    run = submit(approves(log))
    agent.drain()
    with pytest.raises(Refused, match=code):
        answer(run, said, attempt=attempt)
    assert asked(run)


def test_workers_that_are_killed_before_and_after_the_answer_change_nothing(
    workers: Workers, submit: Submit, log: Path
) -> None:
    run = submit(approves(log))
    first = workers.start(SLUICEWAY_PACKS=PACKS)
    wait_for(lambda: fresh(run).state == "waiting")
    first.kill()
    first.wait()
    answer(run, "yes")
    workers.start(SLUICEWAY_PACKS=PACKS)
    with ended(run) as done:
        assert done.state == "succeeded", (done.error, workers.logs())
    assert lines(log) == 1


def test_lost_with_the_answer_in_hand_it_is_not_asked_again(agent: Agent, submit: Submit, log: Path) -> None:
    run = submit(approves(log))
    agent.drain()
    answer(run, "yes")
    claim = agent.store.claim("another", agent.resources)
    assert claim is not None and claim.answers == {"w": "yes"}
    assert agent.store.record(claim, Progress(steps=(StepRecord("w", StepState.RUNNING),)))
    Segment.objects.filter(run=run, state="leased").update(leased_until=Now() - timedelta(seconds=1))
    agent.store.sweep()
    assert run.steps.get(name="w").state == "pending"
    agent.drain()
    assert fresh(run).state == "succeeded" and outputs(run) == {"answer": "hello"}
    assert in_order(run).count("step.waiting") == 1


def test_when_its_time_is_over_nobody_can_answer_and_the_sweep_goes_on(
    agent: Agent, submit: Submit, log: Path
) -> None:
    for graph, state, given in (
        (approves(log, limit=60), "failed", {}),
        (approves(log, limit=60, late="no"), "succeeded", {"turned_down": "hello"}),
        (failing(asks(log, limit=60), w={"do": "default", "values": {"answer": "instead"}}), "succeeded", {"answer": "instead"}),
    ):  # fmt: skip
        run = submit(graph)
        agent.drain()
        assert asked(run)["until"] is not None and agent.store.sweep() == frozenset()
        late(run)
        assert not list(open_questions(fresh(run)))
        with pytest.raises(Refused, match="nothing_to_answer"):
            answer(run, "yes")
        agent.store.sweep()
        agent.drain()
        assert (fresh(run).state, outputs(run)) == (state, given)
        assert run.steps.get(name="w").question is None
        if state == "failed":
            assert fresh(run).error["code"] == "not_answered"


def test_a_cancelled_run_asks_nobody_and_shows_nothing(agent: Agent, submit: Submit, log: Path) -> None:
    run = submit(approves(log))
    agent.drain()
    cancel_run(run)
    step = run.steps.get(name="w")
    assert (fresh(run).state, step.state, step.question) == ("cancelled", "cancelled", None)
    with pytest.raises(Refused, match="nothing_to_answer"):
        answer(run, "yes")


def test_a_policy_that_is_made_stricter_meanwhile_withholds_what_is_asked(
    agent: Agent, submit: Submit, log: Path, policy: Callable[[Policy], Policy]
) -> None:
    run = submit(approves(log))
    agent.drain()
    policy(
        stub_policy(FilterUse("stub.words", Action.BLOCK), FilterUse("stub.weak", Action.BLOCK), version=2)
    )
    assert view_questions(fresh(run)) == []
    with pytest.raises(Refused, match="nothing_to_answer"):
        answer(run, "yes")
    step = run.steps.get(name="w")
    assert (fresh(run).state, step.question, outputs(run)) == ("blocked", None, {})


def test_each_run_asks_anew_and_what_hangs_on_an_answer_is_reused_for_the_same_one_alone(
    agent: Agent, submit: Submit, log: Path
) -> None:
    for said, state in (("one", "done"), ("one", "cached"), ("two", "done")):
        run = submit(asks(log))
        agent.drain()
        assert asked(run)
        answer(run, said)
        agent.drain()
        assert outputs(run) == {"answer": said}
        assert (run.steps.get(name="w").state, run.steps.get(name="b").state) == ("done", state)
    assert not CachedStep.objects.filter(step__name="w").exists()


def test_a_run_that_is_begun_again_asks_again(agent: Agent, submit: Submit, log: Path, ada: User) -> None:
    run = submit(approves(log))
    agent.drain()
    answer(run, "yes")
    cancel_run(run)
    again = restart_run(fresh(run), ada).run
    agent.drain()
    assert asked(again)["attempt"] == 1 and again.steps.get(name="a").state == "cached"


def test_beside_a_branch_that_goes_on_it_is_asked_at_once_and_two_are_answered_one_by_one(
    agent: Agent, submit: Submit, log: Path
) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("w", "echo", {}), ("v", "echo", {}), ("c", "echo", {}),
        ("out", "output", {"name": "answer"}), ("two", "output", {"name": "second"}), ("three", "output", {"name": "third"}),
        edges="in.text>w.value w.answer>out.text in.text>v.value v.answer>two.text in.text>c.text c.text>three.text",
    )  # fmt: skip
    run = submit(as_asking(graph, "ask", "w", "v"))
    agent.drain()
    assert outputs(run) == {"third": "hello"}
    assert [item["step"] for item in view_questions(fresh(run))] == ["w", "v"]
    answer(run, "second word", "v")
    agent.drain()
    assert outputs(run) == {"third": "hello", "second": "second word"} and fresh(run).state == "waiting"
    assert [item["step"] for item in view_questions(fresh(run))] == ["w"]
    answer(run, "first word", "w")
    agent.drain()
    assert fresh(run).state == "succeeded" and outputs(run)["answer"] == "first word"


def test_the_public_is_told_that_it_waits_and_nothing_of_the_question(
    agent: Agent, submit: Submit, log: Path
) -> None:
    from builder.runs.live import told

    run = submit(asks(log, question="What of hello?"))
    agent.drain()
    answer(run, "a word")
    public = profile_of("public")
    events = [told(run.pk, e.seq, e.kind, e.data, e.at) for e in run.events.order_by("seq")]
    seen = [event for item in events if (event := public(item)) is not None]
    assert [event.kind for event in seen] == ["run.queued", "run.running", "run.waiting"]
    # Neither is who draws, by events: a viewer reads them, too.
    assert "hello" not in str(events) and "a word" not in str(events)


def test_a_picture_is_shown_by_its_bytes_and_the_run_names_them(
    agent: Agent, submit: Submit, log: Path
) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("p", "picture", {"colour": "green"}), ("w", "echo", {}),
        ("out", "show_image", {"name": "answer"}), edges="in.text>p.text p.image>w.value w.yes>out.image",
    )  # fmt: skip
    run = submit(as_asking(graph, "approve"))
    agent.drain()
    (file,) = asked(run)["files"]
    assert file["media_type"].startswith("image/") and str(run.pk) in file["url"]
    (sha256,) = contents_of(Value.from_json(run.steps.get(name="w").question["value"]))
    assert ContentUse.objects.filter(run=run, sha256=sha256).exists()
    assert not Asset.objects.filter(
        sha256=sha256
    ).exists()  # as a file of the workspace, every member could read it
