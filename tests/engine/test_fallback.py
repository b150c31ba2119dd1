"""What a step gives when it fails: its author's words, labelled as theirs, cleared by nobody yet."""

from pathlib import Path
from typing import Any

import pytest

from runtime.dispatch.states import StepState
from runtime.labels import Source
from tests.engine.segments import Bench
from tests.fixtures.runs import chain, drawing, failing

BRANCH = {"do": "branch", "text": "It failed: {{ code }}, {{other}}."}


def branched(how: str, way: dict[str, Any]) -> dict[str, Any]:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("f", "fail", {"how": how}), ("e", "echo", {}),
        ("out", "output", {"name": "answer"}),
        edges="in.text>f.text f.text>e.text e.text>out.text f.error>out.text",
    )  # fmt: skip
    return failing(graph, f=way)


@pytest.mark.parametrize(
    ("how", "code"),
    [("bug", "node_error"), ("user", "stub_refused"), ("operator", "stub_broken"), ("output", "node_error")],
)
def test_the_way_of_a_failure_carries_the_authors_words_with_the_code_and_the_other_way_does_not_run(
    tmp_path: Path, how: str, code: str
) -> None:
    told = Bench(tmp_path).run(branched(how, BRANCH), text="secret words")
    assert told.states["f"] is StepState.DONE and told.states["e"] is StepState.SKIPPED
    assert told.results["answer"].data == f"It failed: {code}, {{{{other}}}}."
    record = told.record("f")
    assert record.error is not None and record.error.code == code
    assert record.outputs["error"].sources == {Source.AUTHOR}
    assert "secret" not in str(told.events) + str(told.results) + str(record.error)


def test_when_nothing_fails_the_way_of_a_failure_is_not_gone(tmp_path: Path) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("f", "echo", {}), ("e", "echo", {}), ("out", "output", {"name": "answer"}),
        edges="in.text>f.text f.error>e.text e.text>out.text f.text>out.text",
    )  # fmt: skip
    told = Bench(tmp_path).run(failing(graph, f=BRANCH), text="hello")
    assert told.states["e"] is StepState.SKIPPED
    assert told.results["answer"].data == "hello"


def test_a_default_stands_in_and_is_the_authors(tmp_path: Path) -> None:
    graph = failing(chain(("f", "fail", {"how": "bug"})), f={"do": "default", "values": {"text": "nothing"}})
    told = Bench(tmp_path).run(graph, text="hello")
    assert told.record("f").outputs["text"].sources == {Source.AUTHOR}
    assert told.record("f").outputs["text"].clearances == frozenset()
    assert told.results["answer"].data == "nothing"


def test_what_a_gate_keeps_back_is_no_failure_and_goes_no_other_way(tmp_path: Path) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("a", "ask", {}), ("out", "output", {"name": "answer"}),
        edges="in.text>a.prompt a.text>out.text a.error>out.text",
    )  # fmt: skip
    told = Bench(tmp_path).run(failing(graph, a=BRANCH), text="forbidden")
    assert told.states["a"] is StepState.WITHHELD
    assert told.results == {}


def test_what_may_yet_fail_is_not_shown_while_it_grows(tmp_path: Path) -> None:
    graph = chain(("s", "stream", {"piece": 5, "seconds": 0.0}))
    assert Bench(tmp_path).run(graph, text="some words that stream " * 20).partials
    told = Bench(tmp_path).run(
        failing(graph, s={"do": "default", "values": {"text": "x"}}), text="some words " * 20
    )
    assert told.partials == [] and "answer" in told.results
