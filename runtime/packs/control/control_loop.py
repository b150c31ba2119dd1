"""control.loop: does what another workflow does, again and again, each round with what the one before gave."""

from runtime.nodes.base import Outputs, node_type
from runtime.nodes.conditions import CONDITION
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, NodeSpec, Param, ParamKind, Purpose, Reach, Repeat, Resource
from runtime.words import Words

# More than any choice that the compiler compares has ways, and more than anybody should wait for.
MOST = 50

SPEC = NodeSpec(
    type="control.loop",
    version=1,
    title=Words("Loop", "循环"),
    summary=Words("Does what another workflow does, round after round.", "一轮一轮地执行另一个工作流。"),
    help=Words(
        "Choose a published workflow of this workspace: its inputs and outputs become the ports of this node. "
        "Each output takes the place of the input of the same name in the next round; other inputs stay as they are. "
        "It ends after so many rounds as you say, or earlier, when the chosen output passes the test. "
        "Of every output you get what the last round gave.",
        "选择此工作区中已发布的工作流：它的输入和输出会成为此节点的端口。每个输出在下一轮中取代同名的输入，其余输入保持不变。"
        "达到您设定的轮数后结束；若所选输出满足条件，则提前结束。每个输出给出的是最后一轮的结果。",
    ),
    purpose=Purpose.CONTROL,
    icon="repeat",
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
            "rounds",
            ParamKind.INTEGER,
            Words("Most rounds", "最多轮数"),
            Reach.NOWHERE,
            help=Words("A loop has to have a bound.", "循环必须有上限。"),
            minimum=1,
            maximum=MOST,
        ),
        Param(
            "until",
            ParamKind.PORT,
            Words("End early by", "提前结束的依据"),
            Reach.NOWHERE,
            default="",
            help=Words(
                "The output that is tested after each round; without one, every round is done.",
                "每轮之后对其进行判断的输出；留空则执行所有轮次。",
            ),
        ),
        *CONDITION,
    ),
    effects=Effects.PURE,
    resource=Resource.INLINE,
    repeat=Repeat("loop", bound="rounds", port="until"),
)


@node_type(SPEC)
def control_loop(
    context: Context,
    *,
    workflow: str,
    rounds: int | None,
    until: str,
    test: str,
    operand: str,
    ignore_case: bool,
) -> Outputs:
    raise RuntimeError("a loop is replaced by its rounds before anything runs")
