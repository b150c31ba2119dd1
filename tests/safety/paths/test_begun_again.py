"""A run that is begun again, and one that waits: neither shows what a gate keeps, whatever had ended before."""

from datetime import timedelta

import pytest
from django.db.models.functions import Now

from builder.runs.models import Run, Step
from runtime.safety.policy import Action, FilterUse
from tests.fixtures.runs import chain, drawing, retried, stub_policy
from tests.safety.paths.visit import CANARY, Visit

LOUD = chain(("u", "upper", {}))
BLOCK = FilterUse("stub.words", Action.BLOCK)


def begin_again(visit: Visit, run: str) -> str:
    again = str(visit.post(f"runs/{run}/restart", {}, 201)["id"])
    visit.agent.drain()
    return again


def test_what_was_withheld_is_withheld_again(visit: Visit) -> None:
    visit.policy(stub_policy(BLOCK))
    workflow = visit.draw(LOUD)
    run = visit.run(workflow)
    assert run is not None and visit.state(run) == "blocked"
    again = begin_again(visit, run)
    assert visit.state(again) == "blocked"
    assert all(CANARY not in answer for answer in visit.seen(workflow, again, everywhere=False))


def test_what_an_older_policy_had_cleared_is_cleared_for_nobody_under_a_stricter_one(visit: Visit) -> None:
    """The gate of one branch passed, the other branch failed; then the policy is made stricter."""
    visit.policy(stub_policy(FilterUse("stub.secrets", Action.REDACT)))
    graph = drawing(
        ("in", "input", {"name": "text"}), ("u", "upper", {}), ("f", "fail", {"how": "user"}),
        ("late", "output", {"name": "late"}), ("j", "join", {}), ("out", "output", {"name": "answer"}),
        edges="in.text>u.text u.text>j.texts u.text>f.text j.text>out.text f.text>late.text",
    )  # fmt: skip
    workflow = visit.draw(graph)
    run = visit.run(workflow)
    assert run is not None and visit.state(run) == "failed"
    visit.policy(stub_policy(BLOCK, version=2))
    again = begin_again(visit, run)
    assert Run.objects.get(pk=again).policy_id != Run.objects.get(pk=run).policy_id
    assert visit.state(again) in ("blocked", "failed")
    assert not Run.objects.get(pk=again).outputs.exists()


@pytest.mark.parametrize("kind", ["later", "flaky"])
def test_what_waited_for_a_moment_meets_its_gate_like_anything_else(
    visit: Visit, kind: str, tmp_path: object
) -> None:
    visit.policy(stub_policy(BLOCK))
    params = {"log": f"{tmp_path}/tries"} if kind == "flaky" else {"duration": 60}
    graph = chain(("u", "upper", {}), ("w", kind, params))
    if kind == "flaky":
        graph = retried(graph, w={"times": 1, "wait": 60, "longest": 60})
    workflow = visit.draw(graph)
    run = visit.run(workflow)
    assert run is not None and visit.state(run) == "waiting"
    told = [visit.member.client.get(f"/api/runs/{run}{part}").content.decode() for part in ("", "/events")]
    assert CANARY not in "".join(told)  # its streams end with the run
    Step.objects.filter(run=run, due__isnull=False).update(due=Now() - timedelta(seconds=1))
    visit.agent.store.sweep()
    visit.agent.drain()
    assert visit.state(run) == "blocked"
    assert all(CANARY not in answer for answer in visit.seen(workflow, run, everywhere=False))
