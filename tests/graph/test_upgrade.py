"""Graphs as they were stored: each format is read, and written in the oldest that says all of it."""

import json
from pathlib import Path
from typing import Any

import pytest

from runtime.graph.model import OnError
from runtime.graph.parse import parse_graph
from runtime.graph.upgrade import NEWEST, upgraded
from runtime.plan import Retry

HERE = Path(__file__).parent


def stored(number: int) -> dict[str, Any]:
    raw: dict[str, Any] = json.loads((HERE / f"format-{number}.graph.json").read_text(encoding="utf-8"))
    return raw


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_stored_graph_of_each_format_is_read_and_written_as_it_was(number: int) -> None:
    raw = stored(number)
    graph, issues = parse_graph(raw)
    assert graph is not None, issues
    assert graph.to_json() == raw
    assert upgraded(raw)["format"] == NEWEST


def test_the_second_says_what_happens_when_a_node_fails() -> None:
    graph, _ = parse_graph(stored(2))
    assert graph is not None
    ways = {node.id: node.on_error for node in graph.nodes}
    assert ways == {
        "q": None, "m": OnError({}, "It failed ({{code}})."), "n": OnError({"text": "nothing"}), "a": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "on_error",
    [
        None, 7, "fail", {}, {"do": "retry"}, {"do": "branch"}, {"do": "branch", "text": 7}, {"do": "default"},
        {"do": "default", "values": []}, {"do": "default", "values": {}, "text": ""}, {"do": ["fail"]},
        {"do": "branch", "text": "x" * 20_001}, {"do": "branch", "text": "\x00"}, {"do": "fail", "text": ""},
    ],
)  # fmt: skip
def test_whatever_else_is_said_of_failing_is_refused(on_error: Any) -> None:
    raw = stored(2)
    raw["nodes"][0]["on_error"] = on_error
    assert parse_graph(raw)[0] is None


def test_the_third_says_how_often_a_node_is_tried_again() -> None:
    graph, _ = parse_graph(stored(3))
    assert graph is not None
    assert {node.id: node.retry for node in graph.nodes} == {
        "q": None, "m": Retry(3, 2, 30), "n": None, "a": None,
    }  # fmt: skip


@pytest.mark.parametrize(
    "retry",
    [
        None, 3, {}, {"times": 1}, {"times": 6, "wait": 1, "longest": 1}, {"times": -1, "wait": 1, "longest": 1},
        {"times": True, "wait": 1, "longest": 1}, {"times": 1.5, "wait": 1, "longest": 1},
        {"times": 1, "wait": 0, "longest": 1}, {"times": 1, "wait": 2, "longest": 1},
        {"times": 1, "wait": 1, "longest": 3_601}, {"times": 1, "wait": float("nan"), "longest": 1},
        {"times": 1, "wait": "1", "longest": 1}, {"times": 1, "wait": 1, "longest": 1, "more": 1},
    ],
)  # fmt: skip
def test_whatever_else_is_said_of_trying_again_is_refused(retry: Any) -> None:
    raw = stored(3)
    raw["nodes"][0]["retry"] = retry
    assert parse_graph(raw)[0] is None


def test_no_further_try_is_the_same_as_saying_nothing() -> None:
    raw = stored(3)
    raw["nodes"][1]["retry"] = {"times": 0, "wait": 1, "longest": 1}
    graph, _ = parse_graph(raw)
    assert graph is not None and graph.to_json() == stored(2)


def test_the_second_format_says_nothing_of_trying_again() -> None:
    assert parse_graph(stored(3) | {"format": 2})[0] is None


def test_the_first_format_says_nothing_of_failing() -> None:
    raw = stored(2) | {"format": 1}
    assert parse_graph(raw)[0] is None
