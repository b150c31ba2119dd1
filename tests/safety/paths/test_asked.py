"""A person is asked: what a gate keeps is in no question, and what is asked is told to nobody who may not answer."""

from collections.abc import Iterator
from typing import Any

import pytest

from builder.runs.models import Run
from tests.fixtures.runs import STUB_PACKS, drawing, stub_policy
from tests.safety.paths.conftest import Kept
from tests.safety.paths.visit import CANARY, Visit
from tests.safety.paths.walk import walk


@pytest.fixture
def stub_packs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The stubs, and the real nodes that ask."""
    packs = STUB_PACKS["SLUICEWAY_PACKS"] + ",runtime.packs.control"
    for name, value in (STUB_PACKS | {"SLUICEWAY_PACKS": packs}).items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def kept() -> Iterator[Kept]:
    """A child of its own, which knows these packs."""
    kept = Kept()
    yield kept
    if kept.child is not None:
        kept.child.kill()


def asking(kind: str) -> dict[str, Any]:
    way = "yes" if kind == "approve" else "answer"
    graph = drawing(
        ("in", "input", {"name": "text"}), ("u", "upper", {}), ("w", "echo", {}), ("v", "upper", {}),
        ("out", "output", {"name": "answer"}),
        edges=f"in.text>u.text u.text>w.value w.{way}>v.text v.text>out.text",
    )  # fmt: skip
    next(node for node in graph["nodes"] if node["id"] == "w")["type"] = f"control.{kind}"
    return graph


@pytest.mark.parametrize("kind", ["approve", "ask"])
def test_what_a_gate_keeps_is_in_no_question(visit: Visit, kind: str) -> None:
    visit.policy(stub_policy())
    workflow = visit.draw(asking(kind))
    run = visit.run(workflow)
    assert visit.state(run) == "blocked"
    assert not [text for text in visit.seen(workflow, run) if CANARY in text]


@pytest.mark.parametrize("kind", ["approve", "ask"])
def test_what_is_asked_is_told_to_nobody_who_only_looks(visit: Visit, kind: str) -> None:
    visit.policy(stub_policy())
    workflow = visit.draw(asking(kind))
    run = visit.run(workflow, CANARY.lower())
    assert visit.state(run) == "waiting"
    hers = [answer for answer in walk(visit.member, workflow, run) if CANARY.encode() in answer]
    assert len(hers) == 1, "the questions of the run, and nothing else"
    assert not [a for a in walk(visit.onlooker, workflow, run) if CANARY.encode() in a]


def test_what_is_answered_meets_the_gates_of_what_is_typed(visit: Visit) -> None:
    visit.policy(stub_policy())
    workflow = visit.draw(asking("ask"))
    run = visit.run(workflow, "hello")
    # In small letters, so that what a run makes of it can be told from what she typed.
    said = {"step": "w", "attempt": 1, "answer": f"{CANARY.lower()} forbidden"}
    assert visit.post(f"runs/{run}/answers", said)["status"] == 200
    visit.agent.drain()
    assert Run.objects.get(pk=run).state == "blocked"
    for text in visit.seen(workflow, run):
        # In her own export she finds her own words, and nowhere else.
        assert CANARY not in text and (CANARY.lower() not in text or text.startswith('{"opinions"'))
