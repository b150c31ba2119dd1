"""text.join: several texts as one."""

from runtime.labels import Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, Input, NodeSpec, Output, Param, ParamKind, Purpose, Reach, Resource
from runtime.ports import TEXT, Kind, PortType
from runtime.words import Words

SPEC = NodeSpec(
    type="text.join",
    version=1,
    title=Words("Join texts", "合并文本"),
    summary=Words("Puts several texts together.", "将多段文本合并为一段。"),
    help=Words(
        "Connect as many texts as you like: they are joined in the order in which they were connected.",
        "可连接任意多段文本，按连接的先后顺序合并。",
    ),
    purpose=Purpose.LANGUAGE,
    icon="arrows-join",
    inputs=(Input("texts", PortType(Kind.TEXT, many=True), Words("Texts", "文本"), sink=None),),
    # What stands between the texts is its author's.
    outputs=(Output("text", TEXT, Words("Text", "文本"), source=Source.AUTHOR),),
    params=(
        Param(
            "separator",
            ParamKind.MULTILINE,
            Words("Separator", "分隔符"),
            Reach.GIVEN,
            default="\n\n",
            help=Words(
                "Stands between two texts; an empty line by default.", "置于两段文本之间，默认为一个空行。"
            ),
            max_length=200,
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.INLINE,
)


@node_type(SPEC)
def text_join(context: Context, *, texts: list[str], separator: str) -> Outputs:
    return {"text": separator.join(texts)}
