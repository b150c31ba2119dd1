"""The step cache with a real child and a real database: what is made once, what is made anew, and what is forgotten."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from builder.accounts.models import User, Workspace
from builder.leaving.erase import erase_run
from builder.runs.models import CachedStep, Finding, Output, Run, Step
from builder.runs.step_cache import shrink
from builder.runs.submit_run import Order, submit_run
from runtime.arithmetic import Arithmetic
from runtime.safety.policy import Action, FilterUse, Policy
from runtime.worker.agent import Agent
from tests.fixtures.runs import KeptChild, chain, failing, stub_policy
from tests.models.stubs import put_model

Submit = Callable[..., Run]


@pytest.fixture
def run(agent: Agent, workspace: Workspace, policy: Callable[[Policy], Policy]) -> Submit:
    """Submits a run, and has the agent work it off."""
    policy(stub_policy())

    def done(graph: dict[str, Any], text: str = "hello", home: Workspace | None = None) -> Run:
        made = submit_run(Order(home or workspace, {"text": text}, graph=graph)).run
        agent.drain()
        return Run.objects.get(pk=made.pk)

    return done


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def lines(log: Path) -> list[str]:
    return log.read_text().split() if log.exists() else []


def two(log: Path, last: str = "echo") -> dict[str, Any]:
    return chain(("a", "echo", {"log": str(log)}), ("b", last, {}))


def states(run: Run) -> dict[str, str]:
    return {name.split(":")[0]: state for name, state in run.steps.values_list("name", "state")}


def answer(run: Run) -> Any:
    return Output.objects.get(run=run).value


def test_an_unchanged_run_makes_nothing_anew_and_gives_the_same(run: Submit, log: Path) -> None:
    first, second = run(two(log)), run(two(log))
    assert lines(log) == ["a"]
    assert states(first)["a"] == states(first)["b"] == states(first)["gate"] == "done"
    assert states(second) == {"in": "done", "a": "cached", "b": "cached", "gate": "cached", "out": "done"}
    assert answer(first) == answer(second) == "hello"
    assert list(second.events.values_list("seq", flat=True)) == list(range(1, second.last_event + 1))


def test_a_changed_drawing_makes_anew_what_changed_and_what_hangs_on_it(run: Submit, log: Path) -> None:
    run(two(log))
    changed = run(two(log, last="nap"))
    assert states(changed) == {"in": "done", "a": "cached", "b": "done", "gate": "done", "out": "done"}
    assert lines(log) == ["a"] and answer(changed) == "hello"


def test_what_is_asked_otherwise_is_made_anew(run: Submit, log: Path) -> None:
    run(two(log))
    other = run(two(log), "another")
    assert "cached" not in states(other).values() and answer(other) == "another"


@pytest.fixture
def model(kept_child: KeptChild, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A model that a child of its own has on disk."""
    put_model(tmp_path / "models", "one")
    monkeypatch.setenv("SLUICEWAY_MODELS", str(tmp_path / "models"))
    kept_child.end()
    yield "one"
    kept_child.end()


def test_what_another_device_made_is_made_anew(run: Submit, model: str, agent: Agent) -> None:
    graph = chain(("a", "quote", {"model": model}), ("b", "echo", {}))
    first, second = run(graph), run(graph)
    assert (states(first)["a"], states(second)["a"]) == ("done", "cached"), first.error
    agent.arithmetic = Arithmetic("cuda", "fp16")
    third, fourth = run(graph), run(graph)
    assert (states(third)["a"], states(third)["gate"]) == ("done", "done")
    assert states(fourth)["a"] == "cached"


INSTEAD = {"do": "default", "values": {"text": "instead"}}


def test_behind_a_step_that_gave_its_default_nothing_is_kept(run: Submit, tmp_path: Path) -> None:
    once = {"log": str(tmp_path / "flaky"), "times": 1, "how": "user"}
    graph = failing(chain(("a", "flaky", once), ("b", "echo", {})), a=INSTEAD)
    first, second, third = (run(graph) for _ in range(3))
    assert (answer(first), answer(second)) == ("instead", "hello")
    assert (states(second)["b"], states(third)["b"], answer(third)) == ("done", "cached", "hello")
    keys = dict(first.steps.values_list("name", "key"))
    assert keys["in"] and not {keys["a"], keys["b"], keys["out"]} - {""}


def test_another_default_is_another_result(run: Submit) -> None:
    for text in ("one", "two"):
        fails = failing(
            chain(("a", "fail", {"how": "user"}), ("b", "echo", {})),
            a={"do": "default", "values": {"text": text}},
        )
        assert answer(run(fails)) == text


def test_what_is_kept_does_not_stand_in_for_what_hangs_on_a_default(run: Submit, tmp_path: Path) -> None:
    log = tmp_path / "flaky"
    log.write_text("try\ntry\n")
    fails_twice = {"log": str(log), "times": 2, "how": "user"}
    graph = failing(chain(("a", "flaky", fails_twice), ("b", "nap", {"seconds": 0.0})), a=INSTEAD)
    first = run(graph)
    assert answer(first) == "hello"
    CachedStep.objects.filter(step__name="a").delete()  # as when the cache is too large
    log.write_text("")
    second = run(graph)
    assert (answer(second), states(second)["b"]) == ("instead", "done")


def test_workspaces_share_no_results(run: Submit, log: Path) -> None:
    run(two(log))
    elsewhere = run(two(log), home=Workspace.objects.create(name="Elsewhere"))
    assert "cached" not in states(elsewhere).values() and lines(log) == ["a", "a"]


def test_a_gate_of_another_policy_looks_again(
    run: Submit, log: Path, policy: Callable[[Policy], Policy]
) -> None:
    run(two(log))
    policy(stub_policy(FilterUse("stub.words", Action.BLOCK), version=2))
    again = run(two(log))
    assert (states(again)["b"], states(again)["gate"]) == ("cached", "done")


def test_a_gate_that_found_something_looks_and_tells_each_time(run: Submit, log: Path) -> None:
    runs = [run(two(log), "my key-1234 is here") for _ in range(2)]
    assert [states(item)["gate"] for item in runs] == ["done", "done"]
    assert [Finding.objects.filter(run=item).count() for item in runs] == [1, 1]
    assert answer(runs[0]) == answer(runs[1])


def test_what_was_withheld_is_withheld_again(run: Submit, log: Path) -> None:
    runs = [run(two(log), "this is forbidden") for _ in range(2)]
    assert [item.state for item in runs] == ["blocked", "blocked"]
    assert not Output.objects.exists()


def test_with_its_run_a_result_is_gone(run: Submit, log: Path) -> None:
    first = run(two(log))
    erase_run(first, User.objects.create(username="ada"))
    assert not CachedStep.objects.exists()
    assert "cached" not in states(run(two(log))).values() and lines(log) == ["a", "a"]


def test_a_result_that_was_taken_out_of_its_step_is_made_anew_and_kept(run: Submit, log: Path) -> None:
    first = run(two(log))
    Step.objects.filter(run=first).update(outputs=None)
    assert "cached" not in states(run(two(log))).values()
    assert states(run(two(log)))["a"] == "cached" and lines(log) == ["a", "a"]


def test_a_step_that_fell_back_is_tried_again(run: Submit) -> None:
    graph = failing(chain(("a", "fail", {"how": "user"})), a={"do": "default", "values": {"text": "instead"}})
    runs = [run(graph) for _ in range(2)]
    assert [states(item)["a"] for item in runs] == ["done", "done"]


def test_without_room_nothing_is_kept(run: Submit, log: Path, settings: Any) -> None:
    settings.CACHE_MB = 0
    run(two(log))
    run(two(log))
    assert lines(log) == ["a", "a"] and not CachedStep.objects.exists()


def test_too_many_results_are_forgotten_the_large_and_quick_ones_first(
    run: Submit, log: Path, settings: Any
) -> None:
    run(two(log))
    settings.CACHE_MB = 1
    large, slow = CachedStep.objects.order_by("id")[:2]
    CachedStep.objects.filter(pk=large.pk).update(size=900_000, seconds=0.01, used=timezone.now())
    CachedStep.objects.filter(pk=slow.pk).update(size=800_000, seconds=60.0, used=timezone.now())
    assert shrink() == 1
    assert (
        CachedStep.objects.filter(pk=slow.pk).exists() and not CachedStep.objects.filter(pk=large.pk).exists()
    )
    assert shrink() == 0
