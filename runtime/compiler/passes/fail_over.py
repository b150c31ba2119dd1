"""fail_over: what a node gives when it fails, as its author drew it: other values, or a way of its own."""

from collections.abc import Iterator

from runtime.graph.calls import call_param
from runtime.graph.model import Issue, Node
from runtime.labels import Source
from runtime.nodes.spec import NodeSpec, Output
from runtime.plan import ERROR_PORT
from runtime.ports import TEXT, Kind
from runtime.values import Json, is_plain
from runtime.words import Words

ERROR = Output(ERROR_PORT, TEXT, Words("If it fails", "失败时"), source=Source.AUTHOR)


def with_error_port(node: Node, outputs: tuple[Output, ...]) -> tuple[Output, ...]:
    """The node's outputs, and the way that is gone when it fails, where one is drawn."""
    if (
        node.on_error is None
        or node.on_error.text is None
        or any(port.name == ERROR_PORT for port in outputs)
    ):
        return outputs
    return (*outputs, ERROR)


def check_fail_over(node: Node, spec: NodeSpec, outputs: tuple[Output, ...]) -> Iterator[Issue]:
    """Issues with what is to happen when this node fails; `outputs` are its own."""
    if node.on_error is None:
        return
    if call_param(spec) or spec.delivers or not outputs or any(port.name == ERROR_PORT for port in outputs):
        yield _issue(node, _UNFIT)
        return
    if node.on_error.text is None:
        own = {port.name: port for port in outputs}
        if not node.on_error.values:
            yield _issue(node, _EMPTY)
        if spec.routes and len(node.on_error.values) > 1:
            yield _issue(node, _ONE_WAY)
        for name, value in node.on_error.values.items():
            if name not in own or not _fits(own[name], value):
                yield _issue(node, _MISFIT.fill(port=name[:64]))


def _fits(port: Output, value: Json) -> bool:
    return not port.type.many and port.type.kind is not Kind.ANY and is_plain(port.type.kind, value)


def _issue(node: Node, message: Words) -> Issue:
    return Issue("on_error_unfit", message, _HINT, node=node.id, param="on_error")


_UNFIT = Words(
    "This node cannot go on after a failure: it shows something, gives nothing, or calls another workflow.",
    "此节点失败后无法继续：它用于展示内容、没有输出，或调用了另一个工作流。",
)
_EMPTY = Words("Nothing is said of what to give when it fails.", "未说明失败时给出什么。")
_ONE_WAY = Words(
    "This node sends a value one way alone, when it fails as well.",
    "此节点只会将值送往一个出口，失败时也是如此。",
)
_MISFIT = Words("“{port}” cannot give this value when it fails.", "失败时，“{port}”无法给出该值。")
_HINT = Words(
    "Change what happens if it fails in the node's settings.", "请在节点设置中修改失败时的处理方式。"
)
