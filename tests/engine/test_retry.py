"""Steps that are tried again: which failures are worth it, what goes on meanwhile, and what comes after the last try."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from runtime.compiler.compile import compile_graph
from runtime.dispatch.states import StepState
from runtime.dispatch.store import Pause, WaitsFor
from runtime.errors import Cancelled
from runtime.graph.parse import parse_graph
from runtime.plan import Plan, Retry, canonical
from runtime.safety.verify import verify
from tests.engine.segments import REGISTRY, Bench, compiled
from tests.fixtures.runs import chain, drawing, failing, retried, stub_policy

THREE = {"times": 3, "wait": 4, "longest": 10}


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return tmp_path / "log"


def flaky(log: Path, how: str = "retryable", times: int = 1) -> dict[str, Any]:
    return retried(chain(("f", "flaky", {"log": str(log), "how": how, "times": times})), f=THREE)


def test_waits_double_up_to_the_longest() -> None:
    retry = Retry(5, 4, 20)
    assert [retry.after(failed) for failed in range(1, 6)] == [4, 8, 16, 20, 20]


def test_a_fault_that_may_pass_waits_for_its_next_try_and_what_hangs_on_it_has_not_begun(
    tmp_path: Path, log: Path
) -> None:
    told = Bench(tmp_path).run(flaky(log), text="hello")
    record = told.record("f")
    assert record.state is StepState.WAITING
    assert record.pause == Pause(WaitsFor.RETRY, 4, 1, 3)
    assert record.error is not None and record.error.code == "stub_busy"
    assert "out" not in told.states and told.results == {}


def test_once_its_moment_has_come_it_is_tried_again(tmp_path: Path, log: Path) -> None:
    bench, waits = Bench(tmp_path), {"in": StepState.DONE, "f": StepState.WAITING}
    bench.run(flaky(log), text="hello")
    assert bench.run(flaky(log), states=dict(waits), text="hello").records == [], "not before"
    told = Bench(tmp_path, due=frozenset({"f"}), failed={"f": 1}).run(
        flaky(log), states={"f": StepState.WAITING}, text="hello"
    )
    assert told.states["f"] is StepState.DONE and told.results["answer"].data == "hello"


def test_each_try_waits_longer_and_after_the_last_it_has_failed(tmp_path: Path, log: Path) -> None:
    pauses = []
    for failed in range(4):
        told = Bench(tmp_path, failed={"f": failed}).run(flaky(log, times=9), text="hello")
        pauses.append(told.record("f").pause)
    assert [pause and (pause.seconds, pause.number) for pause in pauses] == [(4, 1), (8, 2), (10, 3), None]
    assert told.states["f"] is StepState.FAILED


def test_after_the_last_try_it_goes_on_in_its_authors_words(tmp_path: Path, log: Path) -> None:
    graph = failing(flaky(log, times=9), f={"do": "default", "values": {"text": "instead"}}) | {"format": 3}
    assert Bench(tmp_path).run(graph, text="hello").states["f"] is StepState.WAITING
    told = Bench(tmp_path, failed={"f": 3}).run(graph, text="hello")
    assert told.results["answer"].data == "instead"


@pytest.mark.parametrize("how", ["user", "broken"])
def test_what_another_try_would_not_mend_is_not_tried_again(tmp_path: Path, log: Path, how: str) -> None:
    told = Bench(tmp_path).run(flaky(log, how), text="hello")
    assert told.states["f"] is StepState.FAILED and log.read_text() == "try\n"


def test_a_run_that_should_stop_is_not_tried_again(tmp_path: Path, log: Path) -> None:
    def check() -> None:
        if log.exists():
            raise Cancelled

    told = Bench(tmp_path, check=check).run(flaky(log), text="hello")
    assert told.states["f"] is StepState.CANCELLED


def test_steps_beside_it_go_on_meanwhile(tmp_path: Path, log: Path) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("f", "flaky", {"log": str(log)}), ("a", "echo", {}),
        ("late", "output", {"name": "late"}), ("out", "output", {"name": "answer"}),
        edges="in.text>f.text f.text>late.text in.text>a.text a.text>out.text",
    )  # fmt: skip
    told = Bench(tmp_path).run(retried(graph, f=THREE), text="hello")
    assert told.states["f"] is StepState.WAITING
    plan = compiled(retried(graph, f=THREE), stub_policy())
    beside = plan.step("a").segment == plan.step("f").segment
    assert not beside or told.states["a"] is StepState.DONE


def test_what_may_be_tried_again_is_not_shown_while_it_grows(tmp_path: Path, log: Path) -> None:
    graph = chain(("f", "flaky", {"log": str(log), "times": 0}))
    assert Bench(tmp_path).run(graph, text="some words that stream " * 20).partials
    told = Bench(tmp_path).run(retried(graph, f=THREE), text="some words that stream " * 20)
    assert told.partials == [] and "answer" in told.results


def unsafe(log: Path) -> dict[str, Any]:
    return chain(("f", "flaky_unsafe", {"log": str(log)}))


def test_what_must_not_happen_twice_is_refused_a_second_try_by_the_compiler_by_verify_and_by_the_worker(
    tmp_path: Path, log: Path
) -> None:
    graph, _ = parse_graph(retried(unsafe(log), f=THREE))
    assert graph is not None
    found = compile_graph(graph, stub_policy(), REGISTRY)
    assert [(issue.code, issue.node, issue.param) for issue in found.issues] == [
        ("retry_unfit", "f", "retry")
    ]
    forged = with_retry(compiled(unsafe(log), stub_policy()), "f")
    assert any("must not" in item for item in verify(forged, stub_policy(), REGISTRY))
    assert Bench(tmp_path).run_plan(forged, text="hello").states["f"] is StepState.FAILED


def test_a_gate_is_not_tried_again(tmp_path: Path) -> None:
    plan = compiled(chain(("a", "echo", {})), stub_policy())
    gate = next(step.id for step in plan.steps if step.gate)
    assert verify(with_retry(plan, gate), stub_policy(), REGISTRY)


def with_retry(plan: Plan, step: str) -> Plan:
    return replace(
        plan, steps=tuple(s._replace(retry=Retry(3, 1, 1)) if s.id == step else s for s in plan.steps)
    )


def test_a_plan_without_it_says_nothing_of_it_and_one_with_it_comes_back_as_it_was(log: Path) -> None:
    plan = compiled(flaky(log), stub_policy())
    assert "retry" not in canonical(compiled(chain(("a", "echo", {})), stub_policy()))
    assert Plan.from_json(plan.to_json()) == plan
