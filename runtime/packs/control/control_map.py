"""control.map: does what another workflow does, for each item of a list."""

from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, NodeSpec, Param, ParamKind, Purpose, Reach, Repeat, Resource
from runtime.words import Words

MOST = 50

SPEC = NodeSpec(
    type="control.map",
    version=1,
    title=Words("For each", "逐项处理"),
    summary=Words(
        "Does what another workflow does, for each item of a list.", "对列表中的每一项执行另一个工作流。"
    ),
    help=Words(
        "Choose a published workflow of this workspace: its inputs and outputs become the ports of this node. "
        "One input takes a list, and the workflow is done for each of its items; the other inputs are the same for all. "
        "Each output gives a list, in the order of the items. "
        "A list that is longer than you allow fails the run: nothing is cut off.",
        "选择此工作区中已发布的工作流：它的输入和输出会成为此节点的端口。其中一个输入接收列表，工作流会对每一项各执行一次；"
        "其余输入对所有项相同。每个输出按各项的顺序给出一个列表。若列表超过您允许的项数，运行会失败：不会截断任何内容。",
    ),
    purpose=Purpose.CONTROL,
    icon="list-details",
    inputs=(),
    outputs=(),
    params=(
        Param(
            "workflow",
            ParamKind.WORKFLOW,
            Words("Workflow", "工作流"),
            Reach.NOWHERE,
            default="",
            help=Words("Published workflows of this workspace.", "此工作区中已发布的工作流。"),
        ),
        Param(
            "items",
            ParamKind.INTEGER,
            Words("Most items", "最多项数"),
            Reach.NOWHERE,
            help=Words("A longer list fails the run.", "列表更长时运行会失败。"),
            minimum=1,
            maximum=MOST,
        ),
        Param(
            "over",
            ParamKind.PORT,
            Words("Input for the items", "接收列表项的输入"),
            Reach.NOWHERE,
            default="",
            help=Words("Not needed when the workflow has one input.", "若该工作流只有一个输入，则无需选择。"),
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.INLINE,
    repeat=Repeat("map", bound="items", port="over"),
)


@node_type(SPEC)
def control_map(context: Context, *, workflow: str, items: int | None, over: str) -> Outputs:
    raise RuntimeError("a map is replaced by one place for each item before anything runs")
