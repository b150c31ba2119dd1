"""output.text: text that the workflow hands to a person."""

from runtime.labels import Sink
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, Input, NodeSpec, Param, ParamKind, Purpose, Reach, Resource
from runtime.ports import TEXT
from runtime.words import Words

SPEC = NodeSpec(
    type="output.text",
    version=1,
    title=Words("Text output", "文本输出"),
    summary=Words("Text that the run shows.", "运行结果中展示的文本。"),
    help=Words(
        "Everything that reaches this node passes a gate first; the server inserts it, and it cannot be removed.",
        "到达此节点的所有内容都会先经过安全闸门；闸门由服务器插入，无法移除。",
    ),
    purpose=Purpose.OUTPUTS,
    icon="message",
    inputs=(Input("text", TEXT, Words("Text", "文本"), sink=Sink.PERSON),),
    outputs=(),
    params=(
        Param(
            "name",
            ParamKind.TEXT,
            Words("Name", "名称"),
            Reach.DRAWING,
            help=Words("Unique among the outputs, e.g. answer.", "在所有输出中唯一，例如 answer。"),
            max_length=64,
        ),
        Param(
            "label",
            ParamKind.TEXT,
            Words("Label", "标签"),
            Reach.DRAWING,
            help=Words("What people see above the result.", "显示在结果上方的文字。"),
            max_length=200,
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.INLINE,
)


@node_type(SPEC)
def output_text(context: Context, *, text: str, name: str | None, label: str | None) -> Outputs:
    # The value is delivered as it stands, by whoever runs the step: only its clearance decides.
    return {}
