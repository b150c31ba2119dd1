"""Why what a loop or a map calls cannot be repeated, in words for whoever drew it."""

from runtime.graph.model import Issue, Node
from runtime.nodes.spec import NodeSpec
from runtime.words import Words


def boundless(node: Node, spec: NodeSpec) -> Issue:
    """A bound is for the author to say: a default would be somebody else's guess at what may be spent."""
    assert spec.repeat is not None
    param = spec.param(spec.repeat.bound)
    assert param is not None
    return Issue(
        "bound_missing",
        Words("{title}: {param} is needed.", "{title}：须填写{param}。").fill(
            title=spec.title, param=param.title
        ),
        Words("Say how often at most, up to {most}.", "请填写次数上限，最大为 {most}。").fill(
            most=int(param.maximum or 0)
        ),
        node=node.id,
        param=param.name,
    )


def nothing_comes_back(node: Node) -> Issue:
    return Issue(
        "loop_idle",
        Words(
            "Every round would do the same: no output of the workflow has the name of one of its inputs.",
            "每一轮都会做同样的事：该工作流没有任何输出与其输入同名。",
        ),
        Words(
            "Give an output of that workflow the name of the input that it is to replace, and publish it.",
            "请将该工作流的某个输出命名为它要替换的输入的名称，然后发布。",
        ),
        node=node.id,
    )


def comes_back_unfit(node: Node, name: str, reason: Words) -> Issue:
    return Issue(
        "loop_unfit",
        Words(
            "The output “{name}” cannot be the next round's input “{name}”. {reason}",
            "输出“{name}”不能作为下一轮的输入“{name}”。{reason}",
        ).fill(name=name, reason=reason),
        Words("Change one of the two in the workflow that is called.", "请在被调用的工作流中修改其中之一。"),
        node=node.id,
    )


def no_such_port(node: Node, param: str) -> Issue:
    return Issue(
        "repeat_port_unknown",
        Words("The workflow that is called here has no such port.", "此处调用的工作流没有这个端口。"),
        Words("Choose one of its ports in the node's settings.", "请在节点设置中选择它的一个端口。"),
        node=node.id,
        param=param,
    )


def no_condition(node: Node, param: str) -> Issue:
    return Issue(
        "loop_condition_unfit",
        Words("Only a text, a number, or yes or no can end a loop.", "只有文本、数字或是否值才能结束循环。"),
        Words("Choose another output in the node's settings.", "请在节点设置中另选一个输出。"),
        node=node.id,
        param=param,
    )


def no_items(node: Node, param: str) -> Issue:
    return Issue(
        "map_input_missing",
        Words(
            "It is not said which input of the workflow takes the items.",
            "未说明该工作流的哪个输入接收列表项。",
        ),
        Words("Choose it in the node's settings.", "请在节点设置中选择。"),
        node=node.id,
        param=param,
    )


def list_of_lists(node: Node, param: str) -> Issue:
    return Issue(
        "map_input_unfit",
        Words("That input takes a list itself, not one item.", "该输入本身接收列表，而不是单个列表项。"),
        Words("Choose another input in the node's settings.", "请在节点设置中另选一个输入。"),
        node=node.id,
        param=param,
    )
