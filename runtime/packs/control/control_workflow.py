"""control.workflow: stands for a published version of another workflow, whose drawing takes its place."""

from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, NodeSpec, Param, ParamKind, Purpose, Reach, Resource
from runtime.words import Words

SPEC = NodeSpec(
    type="control.workflow",
    version=1,
    title=Words("Workflow", "子工作流"),
    summary=Words("Does what another workflow does.", "执行另一个工作流。"),
    help=Words(
        "Choose a published workflow of this workspace: its inputs and outputs become the ports of this node. "
        "The server puts its steps in this place before it inserts gates, so nothing can hide inside. "
        "It stays at the chosen version until you choose another.",
        "选择此工作区中已发布的工作流：它的输入和输出会成为此节点的端口。服务器先将其步骤放到此处，再插入闸门，"
        "因此内部无法隐藏任何内容。在您另选之前，它始终使用所选的版本。",
    ),
    purpose=Purpose.CONTROL,
    icon="sitemap",
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
    ),
    effects=Effects.PURE,
    resource=Resource.INLINE,
)


@node_type(SPEC)
def control_workflow(context: Context, *, workflow: str) -> Outputs:
    raise RuntimeError("a call is replaced by what it calls before anything runs")
