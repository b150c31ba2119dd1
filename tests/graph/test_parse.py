"""Any JSON at all becomes a graph or a list of issues, and never an exception."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.graph.model import MAX_EDGES, MAX_NODES
from runtime.graph.parse import parse_graph
from tests.compiler.drawing import draw_json

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(codec=None), max_size=12),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
NODE = draw_json("a:text.join")["nodes"][0]
EDGE = draw_json("", "a.x>b.y")["edges"][0]


def graph_with(**keys: Any) -> dict[str, Any]:
    return {"format": 1, "nodes": [], "edges": [], **keys}


@given(ANY_JSON)
@settings(max_examples=300, deadline=None)
def test_any_json_gets_an_answer(raw: Any) -> None:
    graph, issues = parse_graph(raw)
    assert (graph is None) == bool(issues)


@given(st.sampled_from(["id", "type", "version", "title", "params", "position"]), ANY_JSON)
@settings(max_examples=300, deadline=None)
def test_any_json_in_any_place_of_a_node_gets_an_answer(key: str, value: Any) -> None:
    graph, issues = parse_graph(graph_with(nodes=[{**NODE, key: value}]))
    assert (graph is None) == bool(issues)


@pytest.mark.parametrize(
    "node",
    [
        {**NODE, "id": "gate:a.text:1a2b3c4d"},
        {**NODE, "server": True},
        {**NODE, "params": {"a": "\x00"}},
        {**NODE, "params": {"a": "\ud800"}},
        {**NODE, "params": {"a": 2**80}},
        {**NODE, "params": {"a": float("nan")}},
        {**NODE, "position": {"x": 0, "y": float("inf")}},
        {**NODE, "version": True},
        {k: v for k, v in NODE.items() if k != "params"},
    ],
)
def test_a_node_that_is_not_one_is_refused(node: dict[str, Any]) -> None:
    graph, issues = parse_graph(graph_with(nodes=[node]))
    assert graph is None
    assert issues[0].code == "graph_malformed"


def test_deep_nesting_is_refused_and_not_followed() -> None:
    deep: Any = []
    for _ in range(500):
        deep = [deep]
    assert parse_graph(graph_with(nodes=[{**NODE, "params": {"a": deep}}]))[0] is None


def test_ids_must_differ() -> None:
    assert parse_graph(graph_with(nodes=[NODE, NODE]))[0] is None
    assert parse_graph(graph_with(edges=[EDGE, EDGE]))[0] is None


@pytest.mark.parametrize(
    "raw", [graph_with(nodes=[NODE] * (MAX_NODES + 1)), graph_with(edges=[EDGE] * (MAX_EDGES + 1))]
)
def test_too_large_is_one_issue_with_a_way_out(raw: dict[str, Any]) -> None:
    (issue,) = parse_graph(raw)[1]
    assert issue.code == "graph_too_large" and issue.hint is not None


def test_a_graph_survives_json() -> None:
    graph, _ = parse_graph(draw_json("a:text.join b:out.text", "a.text>b.text", {"a": {"count": 2}}))
    assert graph is not None
    assert parse_graph(graph.to_json()) == (graph, ())


@pytest.mark.parametrize(
    ("raw", "english", "chinese"),
    [
        ({"nodes": [], "edges": []}, "“format” is missing", "缺少“format”"),
        (graph_with(x=1), "“x” is unknown", "“x”未知"),
        ([], "it is not an object", "它不是对象"),
        (graph_with(nodes=[{**NODE, "server": True}]), "“server” is unknown", "“server”未知"),
        (
            graph_with(nodes=[{k: v for k, v in NODE.items() if k != "type"}]),
            "“type” is missing",
            "缺少“type”",
        ),
        (graph_with(edges=[{"id": "e", "source": {}}]), "“target” is missing", "缺少“target”"),
        (graph_with(**{"\ud800": 1}), "“…” is unknown", "“…”未知"),
    ],
)
def test_the_issue_says_which_key_is_missing_or_unknown(raw: Any, english: str, chinese: str) -> None:
    (issue,) = parse_graph(raw)[1]
    assert english in issue.message.en
    assert chinese in issue.message.zh
