"""parse_graph: from any JSON at all to a Graph, or to every reason why it is none."""

import math
from collections.abc import Iterator

from runtime.graph.model import ID, MAX_EDGES, MAX_NODES, Edge, Endpoint, Graph, Issue, Node, OnError
from runtime.graph.upgrade import NEWEST, OLDEST, upgraded
from runtime.plan import Retry
from runtime.values import Json
from runtime.words import Words

MAX_ISSUES = 200
MAX_DEPTH = 16
# The largest whole number that JSON, JavaScript and both databases agree on.
MAX_NUMBER = 2**53
GRAPH_KEYS = frozenset({"format", "nodes", "edges"})
NODE_NEEDS = frozenset({"id", "type", "version", "params"})
NODE_KEYS = NODE_NEEDS | {"title", "position", "on_error", "retry"}
# What no node could say in a format.
NOT_YET: dict[int, frozenset[str]] = {
    1: frozenset({"on_error", "retry"}),
    2: frozenset({"retry"}),
    3: frozenset(),
}
MOST_TRIES = 5
# Seconds between two tries, at most.
LONGEST_WAIT = 3_600
LONGEST_TEXT = 20_000
EDGE_KEYS = frozenset({"id", "source", "target"})

_SHAPE = Words("{what} is not as a graph needs it: {need}.", "{what}不符合图的格式：{need}。")


def parse_graph(raw: Json) -> tuple[Graph | None, tuple[Issue, ...]]:
    """The graph when there are no issues, else None and all issues (at most 200)."""
    issues = list(_outline(raw))
    if issues:
        return None, tuple(issues)
    known = NODE_KEYS - NOT_YET[raw["format"]]
    raw = upgraded(raw)
    nodes, edges = [], []
    seen: set[str] = set()
    for index, item in enumerate(raw["nodes"]):
        problem = _node_problem(item, known)
        if problem:
            issues.append(_issue(f"nodes[{index}]", problem, node=_id_of(item)))
        elif item["id"] in seen:
            issues.append(
                _issue(f"nodes[{index}]", Words("its id is taken", "其 id 已被占用"), node=item["id"])
            )
        else:
            seen.add(item["id"])
            nodes.append(_node(item))
    taken: set[str] = set()
    for index, item in enumerate(raw["edges"]):
        problem = _edge_problem(item)
        if problem:
            issues.append(_issue(f"edges[{index}]", problem, edge=_id_of(item)))
        elif item["id"] in taken:
            issues.append(
                _issue(f"edges[{index}]", Words("its id is taken", "其 id 已被占用"), edge=item["id"])
            )
        else:
            taken.add(item["id"])
            edges.append(Edge(item["id"], Endpoint(**item["source"]), Endpoint(**item["target"])))
    if issues:
        return None, tuple(issues[:MAX_ISSUES])
    return Graph(tuple(nodes), tuple(edges)), ()


def _issue(where: str, need: Words, node: str | None = None, edge: str | None = None) -> Issue:
    return Issue("graph_malformed", _SHAPE.fill(what=where, need=need), node=node, edge=edge)


def _id_of(item: Json) -> str | None:
    found = item.get("id") if isinstance(item, dict) else None
    return found if isinstance(found, str) and ID.fullmatch(found) else None


def _outline(raw: Json) -> Iterator[Issue]:
    graph = Words("The graph", "该图")
    if problem := _keys_problem(raw, GRAPH_KEYS, GRAPH_KEYS):
        yield Issue("graph_malformed", _SHAPE.fill(what=graph, need=problem))
    elif not _is_int(raw["format"]) or not OLDEST <= raw["format"] <= NEWEST:
        need = Words(f"a format from {OLDEST} to {NEWEST}", f"format 应为 {OLDEST} 到 {NEWEST}")
        yield Issue("graph_format", _SHAPE.fill(what=graph, need=need))
    elif not isinstance(raw["nodes"], list) or not isinstance(raw["edges"], list):
        need = Words("nodes and edges are lists", "nodes 和 edges 应为列表")
        yield Issue("graph_malformed", _SHAPE.fill(what=graph, need=need))
    elif len(raw["nodes"]) > MAX_NODES or len(raw["edges"]) > MAX_EDGES:
        yield Issue(
            "graph_too_large",
            Words(
                f"The graph has {len(raw['nodes'])} nodes and {len(raw['edges'])} edges.",
                f"该图有 {len(raw['nodes'])} 个节点和 {len(raw['edges'])} 条连线。",
            ),
            Words(
                f"Split it: a workflow holds up to {MAX_NODES} nodes and {MAX_EDGES} edges.",
                f"请拆分：一个工作流最多包含 {MAX_NODES} 个节点和 {MAX_EDGES} 条连线。",
            ),
        )


def _keys_problem(item: Json, needs: frozenset[str], known: frozenset[str]) -> Words | None:
    """Which key is missing, or which is unknown."""
    if not isinstance(item, dict):
        return Words("it is not an object", "它不是对象")
    missing = sorted(needs - set(item))
    if missing:
        return Words(f"“{missing[0]}” is missing", f"缺少“{missing[0]}”")
    unknown = sorted(set(item) - known)
    if unknown:
        name = unknown[0] if len(unknown[0]) <= 64 and unknown[0].isprintable() else "…"
        return Words(f"“{name}” is unknown", f"“{name}”未知")
    return None


def _node_problem(item: Json, known: frozenset[str]) -> Words | None:
    if problem := _keys_problem(item, NODE_NEEDS, known):
        return problem
    if not isinstance(item["id"], str) or not ID.fullmatch(item["id"]):
        return Words("its id is 1 to 64 letters, digits, - or _", "id 应为 1 到 64 个字母、数字、- 或 _")
    if (
        not isinstance(item["type"], str)
        or not 0 < len(item["type"]) <= 80
        or not is_clean_text(item["type"])
    ):
        return Words("its type is a name like text.join", "type 应为类似 text.join 的名称")
    if not _is_int(item["version"]) or not 1 <= item["version"] <= 1_000_000:
        return Words("its version is a whole number from 1", "version 应为从 1 开始的整数")
    title = item.get("title", "")
    if not isinstance(title, str) or len(title) > 200 or not is_clean_text(title):
        return Words("its title is text of up to 200 characters", "title 应为不超过 200 个字符的文本")
    if not isinstance(item["params"], dict) or not is_clean_json(item["params"]):
        return Words(
            "its params are plain JSON without control characters", "params 应为不含控制字符的普通 JSON"
        )
    return (
        _on_error_problem(item.get("on_error", {"do": "fail"}))
        or _retry_problem(item.get("retry", {"times": 0, "wait": 1, "longest": 1}))
        or _position_problem(item.get("position", {"x": 0, "y": 0}))
    )


def _on_error_problem(raw: Json) -> Words | None:
    shape = {"fail": {"do"}, "default": {"do", "values"}, "branch": {"do", "text"}}
    do = raw.get("do") if isinstance(raw, dict) else None
    if not isinstance(do, str) or set(raw) != shape.get(do):
        return Words(
            "its on_error says fail, default with values, or branch with a text",
            "on_error 应为 fail、带 values 的 default，或带 text 的 branch",
        )
    text, values = raw.get("text", ""), raw.get("values", {})
    if not isinstance(text, str) or len(text) > LONGEST_TEXT or not is_clean_text(text):
        return Words("its on_error text is too long, or no text", "on_error 的 text 过长或不是文本")
    if not isinstance(values, dict) or not is_clean_json(values):
        return Words("its on_error values are plain JSON by port", "on_error 的 values 应为各端口的普通 JSON")
    return None


def _retry_problem(raw: Json) -> Words | None:
    if isinstance(raw, dict) and set(raw) == {"times", "wait", "longest"}:
        times, wait, longest = raw["times"], raw["wait"], raw["longest"]
        if (
            _is_int(times)
            and 0 <= times <= MOST_TRIES
            and _is_number(wait)
            and _is_number(longest)
            and 1 <= wait <= longest <= LONGEST_WAIT
        ):
            return None
    return Words(
        f"its retry has times from 0 to {MOST_TRIES}, and wait and longest in seconds from 1 to {LONGEST_WAIT}",
        f"retry 应包含 0 到 {MOST_TRIES} 的 times，以及 1 到 {LONGEST_WAIT} 秒的 wait 和 longest",
    )


def _position_problem(position: Json) -> Words | None:
    is_point = isinstance(position, dict) and set(position) == {"x", "y"}
    if is_point and all(_is_number(axis) and abs(axis) <= 1e7 for axis in position.values()):
        return None
    return Words("its position has numbers x and y", "position 应包含数字 x 和 y")


def _edge_problem(item: Json) -> Words | None:
    if problem := _keys_problem(item, EDGE_KEYS, EDGE_KEYS):
        return problem
    if not isinstance(item["id"], str) or not ID.fullmatch(item["id"]):
        return Words("its id is 1 to 64 letters, digits, - or _", "id 应为 1 到 64 个字母、数字、- 或 _")
    for end in (item["source"], item["target"]):
        if not isinstance(end, dict) or set(end) != {"node", "port"}:
            return Words("each end names a node and a port", "每一端应指明 node 和 port")
        if not all(isinstance(name, str) and ID.fullmatch(name) for name in end.values()):
            return Words("each end names a node and a port", "每一端应指明 node 和 port")
    return None


def _node(item: dict[str, Json]) -> Node:
    position = item.get("position", {"x": 0, "y": 0})
    return Node(
        id=item["id"],
        type=item["type"],
        version=item["version"],
        params=item["params"],
        title=item.get("title", ""),
        position=(float(position["x"]), float(position["y"])),
        on_error=_on_error(item.get("on_error", {"do": "fail"})),
        retry=Retry(**raw) if (raw := item.get("retry")) and raw["times"] else None,
    )


def _on_error(raw: dict[str, Json]) -> OnError | None:
    return None if raw["do"] == "fail" else OnError(raw.get("values", {}), raw.get("text"))


def _is_int(value: Json) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Json) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


def is_clean_text(text: str) -> bool:
    """No NUL (Postgres refuses it) and no lone surrogate (UTF-8 refuses it)."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def is_clean_json(value: Json, depth: int = 0) -> bool:
    """JSON that every part of the house can store: clean text, numbers within 2**53, at most 16 levels."""
    if depth > MAX_DEPTH:
        return False
    if isinstance(value, str):
        return is_clean_text(value)
    if isinstance(value, dict):
        return all(
            isinstance(k, str) and is_clean_text(k) and is_clean_json(v, depth + 1) for k, v in value.items()
        )
    if isinstance(value, list):
        return all(is_clean_json(item, depth + 1) for item in value)
    if isinstance(value, bool) or value is None:
        return True
    return _is_number(value) and abs(value) <= MAX_NUMBER
