"""Time limits in company: what a step waits for others counts for nothing, and what hangs is ended all the same."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from builder.accounts.models import Workspace
from builder.runs.models import Run, Segment
from builder.runs.submit_run import Order, submit_run
from runtime.safety.policy import Policy
from runtime.worker import session
from runtime.worker.agent import Agent
from tests.fixtures.runs import beside, chain, stub_policy, wait_for

Submit = Callable[..., list[Run]]


@pytest.fixture
def submit(workspace: Workspace, policy: Callable[[Policy], Policy], agent: Agent, tmp_path: Path) -> Submit:
    policy(stub_policy())
    agent.at_once = 4

    def put(*texts: str, then: tuple[Any, ...] = ()) -> list[Run]:
        graph = chain(("m", "meet_briefly", {"log": str(tmp_path / "log")}), *then)
        return [submit_run(Order(workspace, {"text": text}, graph=graph)).run for text in texts]

    return put


def ends(runs: list[Run]) -> list[tuple[str, str | None]]:
    found = [Run.objects.get(pk=run.pk) for run in runs]
    return [(run.state, (run.error or {}).get("code")) for run in found]


def test_a_neighbour_s_slow_step_is_nobody_else_s_time_limit(agent: Agent, submit: Submit) -> None:
    runs = submit("one", "two", then=(("after", "sleep", {"seconds": 1.6}),))
    agent.drain()
    assert ends(runs) == [("succeeded", None)] * 2
    assert [run.steps.get(name="m").cost for run in runs] == [{"together": 2}] * 2


def test_what_the_others_print_is_not_one_s_own(
    agent: Agent, submit: Submit, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "MOST_SAID", 2_500_000)
    runs = submit(
        "one",
        "two",
        "three",
        then=(("wait", "sleep", {"seconds": 0.4}), ("shout", "shout", {"megabytes": 1})),
    )
    agent.drain()
    assert ends(runs) == [("succeeded", None)] * 3
    assert set(Segment.objects.filter(run__in=runs).values_list("attempt", "losses")) == {(1, 0)}


def test_who_prints_without_end_in_company_fails_by_itself(agent: Agent, submit: Submit) -> None:
    loud = submit("loud", then=(("shout", "shout", {"megabytes": 200}),))
    quiet = submit("quiet", then=(("after", "echo", {}),))
    agent.drain()
    assert ends(loud + quiet) == [("failed", "printed_too_much"), ("succeeded", None)]
    assert Segment.objects.filter(run=quiet[0], losses__gt=0).count() == 0


def test_what_hangs_in_a_batch_ends_by_its_time_limit_and_the_next_is_not_held_up(
    agent: Agent, submit: Submit
) -> None:
    (hung,) = submit("hung")
    agent.drain()
    assert ends([hung]) == [("failed", "step_timeout")]
    (after,) = submit("text")
    agent.drain()
    assert ends([after]) == [("succeeded", None)]


def test_who_waits_for_a_batch_that_hangs_goes_back_unharmed(agent: Agent, submit: Submit) -> None:
    (hung,) = submit("hung")
    with beside(agent.drain):
        wait_for(lambda: hung.steps.filter(name="m", state="running").exists())
        (waits,) = submit("text")
        agent.drain()  # as a wake-up would
    assert ends([hung, waits]) == [("failed", "step_timeout"), ("succeeded", None)]
    assert Segment.objects.get(run=waits).losses == 0
