"""Who may see what a run asks, and answer it; and what is answered to everybody else."""

from collections.abc import Callable
from typing import Any

import pytest

from builder.accounts.roles import Role
from builder.keeping.models import Read
from builder.runs.cancel_run import cancel_run
from builder.runs.models import Run, Step
from builder.runs.submit_run import Order, submit_run
from runtime.safety.policy import Policy
from runtime.worker.agent import Agent
from tests.api.conftest import Member, NewMember
from tests.fixtures.runs import (
    STUB_PACKS,
    agent,
    drawing,
    kept_child,
    policy,
    stub_policy,
    told,
    valkey,
    valkey_folder,
)

__all__ = ["agent", "kept_child", "policy", "told", "valkey", "valkey_folder"]

SECRET = "what nobody else sees"


@pytest.fixture
def stub_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stubs, and the real nodes that ask."""
    packs = STUB_PACKS["SLUICEWAY_PACKS"] + ",runtime.packs.control"
    for name, value in (STUB_PACKS | {"SLUICEWAY_PACKS": packs}).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def start(agent: Agent, ada: Member, policy: Callable[[Policy], Policy]) -> Callable[[dict[str, Any]], Run]:
    """A run of ada's that waits for an answer."""
    policy(stub_policy())

    def go(graph: dict[str, Any]) -> Run:
        workflow = ada.workflow("Mine", graph)
        run = submit_run(Order(ada.workspace, {"text": SECRET}, ada.user, workflow=workflow)).run
        agent.drain()
        assert Run.objects.get(pk=run.pk).state == "waiting"
        return run

    return go


def approves(kind: str = "approve", picture: bool = False) -> dict[str, Any]:
    way = "yes" if kind == "approve" else "answer"
    made = "p.image" if picture else "in.text"
    shows = "show_image" if picture and kind == "approve" else "output"
    graph = drawing(
        ("in", "input", {"name": "text"}), ("p", "picture", {"colour": "green"}), ("w", "echo", {"question": "May it?"}),
        ("out", shows, {"name": "answer"}),
        edges=f"in.text>p.text {made}>w.value w.{way}>out.{'image' if shows == 'show_image' else 'text'}",
    )  # fmt: skip
    next(node for node in graph["nodes"] if node["id"] == "w")["type"] = f"control.{kind}"
    return graph


def test_who_may_start_a_run_sees_and_answers_and_nobody_else(
    start: Callable[[dict[str, Any]], Run], ada: Member, member: NewMember
) -> None:
    address = f"/api/runs/{start(approves()).pk}"
    body = {"step": "w", "attempt": 1, "answer": "yes"}
    for role in (Role.VIEWER, Role.REVIEWER):
        eve = member(f"eve-{role}", workspace=ada.workspace, role=role).client
        assert eve.get(f"{address}/questions").status_code == 403
        assert eve.get(f"{address}/question-file?step=w").status_code == 403
        assert eve.post(f"{address}/answers", body, format="json").status_code == 403
        # What they do see of the run says that it waits, and nothing of what it is about.
        shown = eve.get(address)
        assert shown.json()["state"] == "waiting" and SECRET not in shown.content.decode()
        assert SECRET not in eve.get(f"{address}/events").content.decode()
    mallory = member("mallory").client
    assert mallory.get(f"{address}/questions").status_code == 404
    assert mallory.get(f"{address}/question-file?step=w").status_code == 404
    assert mallory.post(f"{address}/answers", body, format="json").status_code == 404
    editor = member("bob", workspace=ada.workspace).client
    answer = editor.get(f"{address}/questions")
    assert answer["Cache-Control"] == "no-store"
    (found,) = answer.json()["results"]
    assert {name: found[name] for name in ("step", "node", "attempt", "question", "answers", "type", "value", "files")} == {
        "step": "w", "node": "w", "attempt": 1, "question": "May it?", "answers": ["yes", "no"], "type": "text",
        "value": SECRET, "files": [],
    }  # fmt: skip
    assert editor.post(f"{address}/answers", body, format="json").status_code == 200
    again = ada.client.post(f"{address}/answers", body | {"answer": "no"}, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_answer")
    assert ada.client.get(f"{address}/questions").json() == {"results": []}
    told = editor.get(f"{address}/events").json()["results"]
    assert [event["kind"] for event in told][-3:] == ["step.waiting", "run.waiting", "step.answered"]
    assert "bob" not in str(told)


@pytest.mark.parametrize(("change", "status"), [
    ({"attempt": 2}, 409), ({"step": "nowhere"}, 409), ({"step": "in"}, 409), ({"attempt": 0}, 400), ({"answer": "perhaps"}, 400),
    ({"answer": ""}, 400), ({"answer": None}, 400), ({"answer": True}, 400), ({"step": None}, 400), ({"more": 1}, 400),
])  # fmt: skip
def test_what_fits_no_open_question_changes_nothing(
    start: Callable[[dict[str, Any]], Run], ada: Member, change: dict[str, Any], status: int
) -> None:
    run = start(approves())
    body = {"step": "w", "attempt": 1, "answer": "yes"} | change
    answer = ada.client.post(f"/api/runs/{run.pk}/answers", body, format="json")
    assert answer.status_code == status, answer.content
    assert Step.objects.get(run=run, name="w").answer is None


def test_a_text_is_bounded_and_is_not_empty(start: Callable[[dict[str, Any]], Run], ada: Member) -> None:
    run = start(approves("ask"))
    for said, status in (("x" * 4_001, 400), ("  \n", 400), ("a\x00b", 400), ("x" * 4_000, 200)):
        body = {"step": "w", "attempt": 1, "answer": said}
        answer = ada.client.post(f"/api/runs/{run.pk}/answers", body, format="json")
        assert answer.status_code == status, answer.content
    assert "xxx" not in answer.content.decode()


def test_a_picture_is_shown_while_it_is_asked_about_and_each_look_is_written_down(
    start: Callable[[dict[str, Any]], Run], ada: Member
) -> None:
    run = start(approves(picture=True))
    (found,) = ada.client.get(f"/api/runs/{run.pk}/questions").json()["results"]
    assert (found["type"], found["value"]) == ("image", None)
    (file,) = found["files"]
    before = Read.objects.filter(run=run.pk).count()
    shown = ada.client.get(file["url"])
    assert (shown.status_code, shown["Content-Type"], len(shown.content)) == (200, "image/png", file["size"])
    assert shown["Cache-Control"] == "no-store" and Read.objects.filter(run=run.pk).count() == before + 1
    for wrong in ("step=w&number=2", "step=out", "", "step=w&number=x", "step=w&number=0"):
        answer = ada.client.get(f"/api/runs/{run.pk}/question-file?{wrong}")
        assert answer.status_code in (400, 404), wrong
    cancel_run(run)
    assert ada.client.get(file["url"]).status_code == 404


def test_a_text_that_is_asked_about_is_in_the_log_of_who_read_what(
    start: Callable[[dict[str, Any]], Run], ada: Member, member: NewMember
) -> None:
    run = start(approves())
    bob = member("bob", workspace=ada.workspace)
    bob.client.get(f"/api/runs/{run.pk}/questions")
    assert Read.objects.filter(by=bob.user.pk, run=run.pk).count() == 1
