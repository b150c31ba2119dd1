"""Why a call cannot be put in place, in words for whoever drew it."""

from runtime.graph.model import Edge, Endpoint, Issue, Node
from runtime.words import Words

PARAM = "workflow"
_CHOOSE = Words("Choose another one in the node's settings.", "请在节点设置中另选一个。")


def not_chosen(node: Node) -> Issue:
    return _issue(
        "call_empty",
        Words("No workflow is chosen here.", "尚未选择工作流。"),
        Words(
            "Choose a published workflow in the node's settings.", "请在节点设置中选择一个已发布的工作流。"
        ),
        node,
    )


def fails_over(node: Node) -> Issue:
    return _issue(
        "on_error_unfit",
        Words(
            "A call says nothing of what happens if it fails: the steps inside do.",
            "调用节点不能设置失败时的处理方式：由内部的步骤各自决定。",
        ),
        Words("Set it in the workflow that is called.", "请在被调用的工作流中设置。"),
        node,
    )


def tried_again(node: Node) -> Issue:
    return _issue(
        "retry_unfit",
        Words(
            "A call is not tried again as a whole: the steps inside are.",
            "调用节点不能整体重试：由内部的步骤各自重试。",
        ),
        Words("Set it in the workflow that is called.", "请在被调用的工作流中设置。"),
        node,
    )


def unknown(node: Node, gone: str | None = None) -> Issue:
    """`gone` is what it was called, where it was deleted."""
    if gone is not None:
        return _issue(
            "call_unknown",
            Words(
                "The workflow “{name}”, which is called here, was deleted.",
                "此处调用的工作流“{name}”已被删除。",
            ).fill(name=gone),
            Words(
                "Choose another one in the node's settings, or have it brought back: for thirty days it can be.",
                "请在节点设置中另选一个，或将其恢复：三十天内可以恢复。",
            ),
            node,
        )
    return _issue(
        "call_unknown",
        Words(
            "The workflow that is called here is not there: it was deleted, or is not of this workspace.",
            "此处调用的工作流不存在：它已被删除，或不属于此工作区。",
        ),
        _CHOOSE,
        node,
    )


def circular(node: Node) -> Issue:
    return _issue(
        "call_circular",
        Words("The workflow would call itself.", "该工作流会调用它自己。"),
        _CHOOSE,
        node,
    )


def too_deep(node: Node, most: int) -> Issue:
    return _issue(
        "call_too_deep",
        Words("Calls inside calls go deeper than {most}.", "调用的嵌套超过 {most} 层。").fill(most=most),
        Words("Call fewer workflows inside of one another.", "请减少嵌套的层数。"),
        node,
    )


def too_large(node: Node, most: int) -> Issue:
    return _issue(
        "call_too_large",
        Words(
            "With all that it calls, the workflow has more than {most} nodes.",
            "加上所有被调用的内容，该工作流超过 {most} 个节点。",
        ).fill(most=most),
        Words("Call fewer or smaller workflows.", "请减少调用，或改为调用更小的工作流。"),
        node,
    )


def too_heavy(node: Node, edges: int, size: int) -> Issue:
    return _issue(
        "call_too_heavy",
        Words(
            "What the workflow calls has more than {edges} connections or {size} MB, counted at each call.",
            "被调用的内容（每次调用均计入）超过 {edges} 条连线或 {size} MB。",
        ).fill(edges=edges, size=size // 1_000_000),
        Words(
            "Call fewer or smaller workflows, or hand long texts in as inputs.",
            "请减少调用、改为调用更小的工作流，或将长文本作为输入传入。",
        ),
        node,
    )


def unfit(node: Node) -> Issue:
    return _issue(
        "call_unfit",
        Words(
            "This workflow has an input or output that cannot be a port of a call.",
            "该工作流有无法作为调用端口的输入或输出。",
        ),
        _CHOOSE,
        node,
    )


def no_port(edge: Edge, end: Endpoint, node: str) -> Issue:
    return Issue(
        "port_unknown",
        Words(
            "The workflow that is called here has no input or output “{port}”.",
            "此处调用的工作流没有输入或输出“{port}”。",
        ).fill(port=end.port),
        Words("Delete the connection and draw it again.", "请删除该连线并重新连接。"),
        node=node,
        port=end.port,
        edge=edge.id,
    )


def _issue(code: str, message: Words, hint: Words, node: Node) -> Issue:
    return Issue(code, message, hint, node=node.id, param=PARAM)
