"""Reads a graph that somebody sent, and refuses what is none, with all issues at once."""

import json

from builder.common.errors import Refused
from runtime.graph.model import MAX_BYTES, Graph, Issue
from runtime.graph.parse import parse_graph
from runtime.values import Json
from runtime.words import Words

EMPTY: dict[str, Json] = {"format": 1, "nodes": [], "edges": []}


def read_graph(raw: Json) -> Graph:
    """The graph that `raw` spells; it may be incomplete. Raises Refused `graph_invalid`."""
    if len(json.dumps(raw, ensure_ascii=False).encode("utf-8", "surrogatepass")) > MAX_BYTES:
        raise graph_invalid((_too_large(),))
    graph, issues = parse_graph(raw)
    if graph is None:
        raise graph_invalid(issues)
    return graph


def graph_invalid(issues: tuple[Issue, ...]) -> Refused:
    return Refused(
        "graph_invalid",
        Words("The graph has mistakes.", "该图中存在错误。"),
        Words("Each issue names the node and what to do.", "每个问题都指明了节点和处理方法。"),
        issues=issues,
    )


def _too_large() -> Issue:
    return Issue(
        "graph_too_large",
        Words("The graph is larger than 2 MB.", "该图超过 2 MB。"),
        Words(
            "Shorten its texts, or split it into several workflows.", "请缩短其中的文本，或拆分为多个工作流。"
        ),
    )
