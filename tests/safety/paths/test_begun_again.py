"""A run that is begun again, and one that waits: neither shows what a gate keeps, whatever had ended before."""

from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from builder.runs.models import Output, Run, Step
from runtime.safety.policy import Action, FilterUse
from tests.fixtures.runs import chain, drawing, retried, stub_policy
from tests.safety.paths.conftest import EACH_BREAK, broken_policy, let_it_be_submitted
from tests.safety.paths.visit import CANARY, Visit

LOUD = chain(("u", "upper", {}))
BLOCK = FilterUse("stub.words", Action.BLOCK)


def let_time_pass(visit: Visit, run: str) -> None:
    """The moment for which it waits has come."""
    Step.objects.filter(run=run, due__isnull=False).update(due=Now() - timedelta(seconds=1))
    visit.agent.store.sweep()
    visit.agent.drain()


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


def waiting(kind: str, folder: object) -> dict[str, Any]:
    """A drawing that waits in the middle, by itself or to be tried again."""
    params = {"log": f"{folder}/tries"} if kind == "flaky" else {"duration": 60}
    graph = chain(("u", "upper", {}), ("w", kind, params))
    return retried(graph, w={"times": 1, "wait": 60, "longest": 60}) if kind == "flaky" else graph


@pytest.mark.parametrize("kind", ["later", "flaky"])
def test_what_waited_for_a_moment_meets_its_gate_like_anything_else(
    visit: Visit, kind: str, tmp_path: object
) -> None:
    visit.policy(stub_policy(BLOCK))
    workflow = visit.draw(waiting(kind, tmp_path))
    run = visit.run(workflow)
    assert run is not None and visit.state(run) == "waiting"
    told = [visit.member.client.get(f"/api/runs/{run}{part}").content.decode() for part in ("", "/events")]
    assert CANARY not in "".join(told)  # its streams end with the run
    let_time_pass(visit, run)
    assert visit.state(run) == "blocked"
    assert all(CANARY not in answer for answer in visit.seen(workflow, run, everywhere=False))


@pytest.mark.parametrize("how", EACH_BREAK)
@pytest.mark.parametrize("kind", ["later", "flaky"])
def test_behind_a_broken_filter_nothing_is_seen_of_a_run_that_waited_for_a_moment(
    visit: Visit, kind: str, how: str, tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    let_it_be_submitted(how, monkeypatch)
    visit.policy(broken_policy(how))
    workflow = visit.draw(waiting(kind, tmp_path))
    run = visit.run(workflow, "canary-7261")  # what a sound filter would let pass
    if run is not None:
        assert visit.state(run) == "waiting"
        let_time_pass(visit, run)
    assert visit.state(run) == ("refused" if how == "missing" else "failed")
    assert all(CANARY not in text for text in visit.seen(workflow, run, everywhere=how == "crashing"))
    assert not Output.objects.exists()


@pytest.mark.parametrize("how", EACH_BREAK)
@pytest.mark.parametrize("worked", [False, True])
def test_behind_a_broken_filter_nothing_is_seen_of_a_run_that_is_begun_again(
    visit: Visit, worked: bool, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where the filter of the first run `worked`: what that had delivered before it failed is delivered by no other."""
    let_it_be_submitted(how, monkeypatch)
    visit.policy(stub_policy() if worked else broken_policy(how))
    graph = drawing(
        ("in", "input", {"name": "text"}), ("u", "upper", {}), ("l", "later", {"duration": 60}), ("f", "fail", {"how": "user"}),
        ("late", "output", {"name": "late"}), ("out", "output", {"name": "answer"}),
        edges="in.text>u.text u.text>out.text u.text>l.text l.text>f.text f.text>late.text",
    )  # fmt: skip
    workflow = visit.draw(graph)
    run = visit.run(workflow, "canary-7261")  # what a sound filter would let pass
    if run is not None:
        let_time_pass(visit, run)
    assert visit.state(run) == ("refused" if how == "missing" and not worked else "failed")
    assert Output.objects.count() == worked
    if run is None:
        return  # there is nothing to begin again
    visit.policy(broken_policy(how, version=2))
    answer = visit.post(f"runs/{run}/restart", {})
    assert answer["status"] == (400 if how == "missing" else 201), answer
    again = None if how == "missing" else str(answer["id"])
    visit.agent.drain()
    assert visit.state(again) == ("refused" if how == "missing" else "failed")
    assert Output.objects.count() == worked
    everywhere = how == "crashing" and not worked  # what had been delivered stays where it is
    assert not [text for text in visit.seen(workflow, again, everywhere) if CANARY in text]
