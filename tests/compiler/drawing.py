"""Graphs in few words: `draw("a:in.text b:out.text", "a.text>b.text")`."""

from typing import Any

from runtime.graph.model import Graph
from runtime.graph.parse import parse_graph


def draw_json(nodes: str, edges: str = "", params: dict[str, dict[str, Any]] | None = None) -> dict[str, Any]:
    drawn = []
    for word in nodes.split():
        node, type_name = word.split(":")
        drawn.append({"id": node, "type": type_name, "version": 1, "params": (params or {}).get(node, {})})
    joined = []
    for number, word in enumerate(edges.split()):
        source, target = (dict(zip(("node", "port"), end.split("."), strict=True)) for end in word.split(">"))
        joined.append({"id": f"e{number}", "source": source, "target": target})
    return {"format": 1, "nodes": drawn, "edges": joined}


def draw(nodes: str, edges: str = "", params: dict[str, dict[str, Any]] | None = None) -> Graph:
    graph, issues = parse_graph(draw_json(nodes, edges, params))
    assert graph is not None, issues
    return graph
