"""A person is asked: what a gate keeps is in no question, and what is asked is told to nobody who may not answer."""

from collections.abc import Iterator
from typing import Any

import pytest

from builder.assets.models import Asset
from builder.runs.models import Output, Run, Step
from tests.fixtures.runs import STUB_PACKS, drawing, stub_policy
from tests.safety.paths.conftest import (
    EACH_BREAK,
    Kept,
    broken_for_pictures,
    broken_policy,
    let_it_be_submitted,
)
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


@pytest.mark.parametrize("how", EACH_BREAK)
@pytest.mark.parametrize("kind", ["approve", "ask"])
def test_behind_a_broken_filter_nothing_is_asked(
    visit: Visit, kind: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_it_be_submitted(how, monkeypatch)
    visit.policy(broken_policy(how))
    workflow = visit.draw(asking(kind))
    run = visit.run(workflow, "canary-7261")  # what a sound filter would let pass
    assert visit.state(run) in ("failed", "refused")
    assert not Step.objects.filter(question__isnull=False).exists()
    if run is not None:
        assert visit.member.client.get(f"/api/runs/{run}/questions").json()["results"] == []
    assert not [text for text in visit.seen(workflow, run, everywhere=how == "crashing") if CANARY in text]


@pytest.mark.parametrize("how", EACH_BREAK)
@pytest.mark.parametrize("kind", ["approve", "ask"])
def test_behind_a_broken_filter_nothing_is_seen_of_a_run_that_waited_for_a_person(
    visit: Visit, kind: str, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """She is asked about a text, behind a filter that works, and what comes of her answer is a picture."""
    let_it_be_submitted(how, monkeypatch)
    visit.policy(broken_for_pictures(how))
    way, said = ("yes", "yes") if kind == "approve" else ("answer", "canary-7261")
    graph = drawing(
        ("in", "input", {"name": "text"}), ("w", "echo", {}), ("u", "upper", {}), ("p", "picture", {"colour": "green"}),
        ("o", "show_image", {"name": "o"}),
        edges=f"in.text>w.value w.{way}>u.text u.text>p.text p.image>o.image",
    )  # fmt: skip
    next(node for node in graph["nodes"] if node["id"] == "w")["type"] = f"control.{kind}"
    workflow = visit.draw(graph)
    run = visit.run(workflow, "canary-7261")
    if how == "missing":
        assert visit.state(run) == "refused"
    else:
        assert visit.state(run) == "waiting"
        visit.post(f"runs/{run}/answers", {"step": "w", "attempt": 1, "answer": said}, 200)
        visit.agent.drain()
        assert visit.state(run) == "failed"
    assert not Asset.objects.exists() and not Output.objects.exists()
    assert not [text for text in visit.seen(workflow, run, everywhere=how == "crashing") if CANARY in text]
