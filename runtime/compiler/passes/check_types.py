"""check_types: every edge carries what its target takes, and each node's `any` stands for one type."""

from runtime.compiler.draft import Placed, Typed, Wired, concrete
from runtime.graph.model import Edge, Issue
from runtime.nodes.spec import Input
from runtime.ports import KIND_WORDS, Kind, PortType, refusal
from runtime.words import Words


def check_types(wired: Wired) -> tuple[Typed, list[Issue]]:
    """Walks in topological order, so that a source's `any` is settled before its targets ask."""
    by_id = wired.by_id()
    any_types: dict[str, PortType] = {}
    issues: list[Issue] = []
    for placed in wired.nodes:
        for port in placed.inputs:
            for edge in wired.feeds.get((placed.id, port.name), ()):
                carried = _carried(edge, by_id, any_types)
                if carried is None:
                    continue
                problem = _settle(placed, port, edge, carried, any_types)
                if problem:
                    issues.append(problem)
    return Typed(wired, any_types), issues


def _carried(edge: Edge, by_id: dict[str, Placed], any_types: dict[str, PortType]) -> PortType | None:
    source = by_id[edge.source.node]
    port = source.output(edge.source.port)
    return None if port is None else concrete(any_types, source.id, port)


def _settle(
    placed: Placed, port: Input, edge: Edge, carried: PortType, any_types: dict[str, PortType]
) -> Issue | None:
    if port.type.kind is Kind.ANY and carried.kind is not Kind.ANY:
        first = any_types.setdefault(placed.id, carried)
        if first != carried:
            return _mixed(placed, port, edge, first, carried)
        return None
    reason = refusal(carried, port.type)
    if reason is None:
        return None
    return Issue(
        "type_mismatch",
        Words(
            "{title}: “{port}” cannot take this. {reason}", "“{title}”：端口“{port}”无法接收。{reason}"
        ).fill(title=placed.title, port=port.title, reason=reason),
        Words("Connect something that fits, or convert it first.", "请连接类型相符的来源，或先进行转换。"),
        node=placed.id,
        port=port.name,
        edge=edge.id,
    )


def _mixed(placed: Placed, port: Input, edge: Edge, first: PortType, second: PortType) -> Issue:
    return Issue(
        "type_mixed",
        Words(
            "{title} already carries {first}, and “{port}” would bring {second}.",
            "“{title}”已承载{first}，而端口“{port}”带来的是{second}。",
        ).fill(
            title=placed.title, first=KIND_WORDS[first.kind], port=port.title, second=KIND_WORDS[second.kind]
        ),
        Words("Give it one type throughout.", "请让它只承载一种类型。"),
        node=placed.id,
        port=port.name,
        edge=edge.id,
    )
