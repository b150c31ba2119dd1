"""resolve: every edge to the ports it joins, every input fed as it must be, and an order without cycles."""

from collections import defaultdict
from collections.abc import Mapping, Sequence

from runtime.compiler.draft import Placed, Wired
from runtime.compiler.passes.exclusive import are_exclusive, guards_of
from runtime.graph.model import Edge, Graph, Issue
from runtime.words import Words

Feeds = dict[tuple[str, str], tuple[Edge, ...]]


def resolve(graph: Graph, placed: Sequence[Placed]) -> tuple[Wired | None, list[Issue]]:
    """The wired graph, None when it has a cycle; issues for edges, inputs and cycles alike."""
    by_id = {item.id: item for item in placed}
    known = {node.id for node in graph.nodes}
    issues: list[Issue] = []
    collected: dict[tuple[str, str], list[Edge]] = defaultdict(list)
    for edge in graph.edges:
        problem = _edge_problem(edge, by_id, known)
        if problem:
            issues.append(problem)
        elif edge.source.node in by_id and edge.target.node in by_id:
            collected[edge.target.node, edge.target.port].append(edge)
    feeds: Feeds = {key: tuple(edges) for key, edges in collected.items()}
    unplaced = known - by_id.keys()
    broken = {edge.target.node for edge in graph.edges if edge.source.node in unplaced}
    issues.extend(_missing_inputs(placed, feeds, broken))
    ordered, cyclic = _order(placed, feeds)
    if cyclic:
        issues.extend(_cycle_issue(by_id[node]) for node in cyclic)
        return None, issues
    wired = Wired(tuple(ordered), feeds)
    issues.extend(_crowded_inputs(wired))
    return wired, issues


def _edge_problem(edge: Edge, by_id: dict[str, Placed], known: set[str]) -> Issue | None:
    for end in (edge.source, edge.target):
        if end.node not in known:
            return Issue(
                "edge_loose",
                Words("A connection leads to a node that is not there.", "有一条连线指向不存在的节点。"),
                Words("Delete the connection.", "请删除该连线。"),
                edge=edge.id,
            )
    source, target = by_id.get(edge.source.node), by_id.get(edge.target.node)
    if source and source.output(edge.source.port) is None:
        return _no_port(edge, source, edge.source.port)
    if target and target.input(edge.target.port) is None:
        return _no_port(edge, target, edge.target.port)
    return None


def _no_port(edge: Edge, placed: Placed, port: str) -> Issue:
    return Issue(
        "port_unknown",
        Words("{title} has no port “{port}”.", "“{title}”没有端口“{port}”。").fill(
            title=placed.title, port=port
        ),
        Words("Delete the connection and draw it again.", "请删除该连线并重新连接。"),
        node=placed.id,
        port=port,
        edge=edge.id,
    )


def _missing_inputs(placed: Sequence[Placed], feeds: Feeds, broken: set[str]) -> list[Issue]:
    # A node fed by one of unknown type is not told that its input is missing: its real problem is up the wire.
    return [
        Issue(
            "input_missing",
            Words("{title}: “{port}” is not connected.", "“{title}”：端口“{port}”尚未连接。").fill(
                title=item.title, port=port.title
            ),
            Words("Draw a connection to it.", "请为它连接一个来源。"),
            node=item.id,
            port=port.name,
        )
        for item in placed
        for port in item.inputs
        if port.required and (item.id, port.name) not in feeds and item.id not in broken
    ]


def _order(placed: Sequence[Placed], feeds: Feeds) -> tuple[list[Placed], list[str]]:
    """Nodes in topological order (drawn order among equals), and the ids that sit on a cycle."""
    after: dict[str, list[str]] = defaultdict(list)
    before: dict[str, list[str]] = defaultdict(list)
    for (target, _), edges in feeds.items():
        for edge in edges:
            after[edge.source.node].append(target)
            before[target].append(edge.source.node)
    done = _peel([item.id for item in placed], after, before)
    if len(done) == len(placed):
        by_id = {item.id: item for item in placed}
        return [by_id[node] for node in done], []
    ordered = set(done)
    left = [item.id for item in placed if item.id not in ordered]
    # What hangs below a cycle is not part of it: peel again from the other end.
    inside = {node: [n for n in before[node] if n not in ordered] for node in left}
    tails = set(_peel(left, inside, {node: after[node] for node in left}))
    return [], [node for node in left if node not in tails]


def _peel(nodes: Sequence[str], after: Mapping[str, list[str]], before: Mapping[str, list[str]]) -> list[str]:
    """Nodes in the order in which all that is before them is gone; those on a cycle never come."""
    waits = {node: len(before[node]) for node in nodes}
    queue = [node for node in nodes if waits[node] == 0]
    for node in queue:
        for follower in after[node]:
            waits[follower] -= 1
            if waits[follower] == 0:
                queue.append(follower)
    return queue


def _cycle_issue(placed: Placed) -> Issue:
    return Issue(
        "cycle",
        Words("{title} waits for its own result.", "“{title}”在等待自己的结果。").fill(title=placed.title),
        Words("Remove one connection of the circle.", "请删除环路中的一条连线。"),
        node=placed.id,
    )


def _crowded_inputs(wired: Wired) -> list[Issue]:
    by_id = wired.by_id()
    several = [
        (node, port, edges)
        for (node, name), edges in wired.feeds.items()
        if len(edges) > 1 and (port := by_id[node].input(name)) and not port.type.many
    ]
    # What must have been chosen for a node to run is worth finding out only where branches may meet.
    guards = guards_of(wired) if several else {}
    issues: list[Issue] = []
    for node, port, edges in several:
        if are_exclusive(edges, by_id, guards):
            continue
        issues.append(
            Issue(
                "input_crowded",
                Words(
                    "{title}: “{port}” has several connections.", "“{title}”：端口“{port}”有多条连线。"
                ).fill(title=by_id[node].title, port=port.title),
                Words(
                    "Keep one; several fit only when they come from different branches of the same choice.",
                    "请只保留一条；只有来自同一分支节点不同出口的连线才能并存。",
                ),
                node=node,
                port=port.name,
            )
        )
    return issues
