"""output.audio: a sound that the workflow hands to a person."""

from runtime.labels import Sink
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, Input, NodeSpec, Param, ParamKind, Purpose, Reach, Resource
from runtime.ports import AUDIO
from runtime.values import AssetRef
from runtime.words import Words

SPEC = NodeSpec(
    type="output.audio",
    version=1,
    title=Words("Sound output", "音频输出"),
    summary=Words("A sound that the run plays.", "运行结果中播放的音频。"),
    help=Words(
        "Every sound that reaches this node passes a gate first; the server inserts it, and it cannot be removed. "
        "The gate listens for words, which takes some seconds.",
        "到达此节点的每段音频都会先经过安全闸门；闸门由服务器插入，无法移除。闸门会听取其中的话语，需要数秒。",
    ),
    purpose=Purpose.OUTPUTS,
    icon="volume",
    inputs=(Input("audio", AUDIO, Words("Sound", "音频"), sink=Sink.PERSON),),
    outputs=(),
    params=(
        Param(
            "name",
            ParamKind.TEXT,
            Words("Name", "名称"),
            Reach.DRAWING,
            help=Words("Unique among the outputs, e.g. recording.", "在所有输出中唯一，例如 recording。"),
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
def output_audio(context: Context, *, audio: AssetRef, name: str | None, label: str | None) -> Outputs:
    # The value is delivered as it stands, by whoever runs the step: only its clearance decides.
    return {}
