"""narrow: the part of a drawing that a partial run needs: one node, and all that leads to it."""

from runtime.graph.model import Graph, Issue
from runtime.words import Words


def narrow(graph: Graph, to: str) -> tuple[Graph, list[Issue]]:
    """The smaller drawing, with an issue when the node is not there."""
    if all(node.id != to for node in graph.nodes):
        missing = Issue(
            "node_unknown",
            Words("There is no node “{node}” in this drawing.", "图中没有节点“{node}”。").fill(node=to[:64]),
            Words("Save the draft, and choose one of its nodes.", "请先保存草稿，再选择其中的节点。"),
        )
        return Graph((), ()), [missing]
    before: dict[str, list[str]] = {}
    for edge in graph.edges:
        before.setdefault(edge.target.node, []).append(edge.source.node)
    wanted, found = [to], {to}
    while wanted:
        for source in before.get(wanted.pop(), ()):
            if source not in found:
                found.add(source)
                wanted.append(source)
    nodes = tuple(node for node in graph.nodes if node.id in found)
    edges = tuple(edge for edge in graph.edges if edge.target.node in found)
    return Graph(nodes, edges), []
