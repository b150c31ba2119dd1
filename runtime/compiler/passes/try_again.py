"""try_again: which nodes may be tried again when they fail."""

from collections.abc import Iterator

from runtime.graph.model import Issue, Node
from runtime.nodes.spec import Effects, NodeSpec
from runtime.words import Words


def check_retry(node: Node, spec: NodeSpec) -> Iterator[Issue]:
    """An issue with a node that is to be tried again although what it does outside must not happen twice."""
    if node.retry is not None and spec.effects is Effects.UNSAFE:
        yield Issue(
            "retry_unfit",
            Words(
                "What this node does must not happen twice, so it is not tried again.",
                "此节点的操作不可重复，因此不能重试。",
            ),
            Words("Set its tries to none in the node's settings.", "请在节点设置中关闭重试。"),
            node=node.id,
            param="retry",
        )
