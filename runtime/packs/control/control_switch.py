"""control.switch: sends a value the way that a text names."""

from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import (
    Choice,
    Dynamic,
    Effects,
    Input,
    NodeSpec,
    Output,
    Param,
    ParamKind,
    Purpose,
    Reach,
    Resource,
)
from runtime.ports import ANY, TEXT
from runtime.values import Data
from runtime.words import Words

SPEC = NodeSpec(
    type="control.switch",
    version=1,
    title=Words("Switch", "多路分支"),
    summary=Words("Sends a value the way that a text names.", "根据文本将值送往对应的分支。"),
    help=Words(
        "Each case is an output. The value leaves by the first case that fits the text, or by “other” when none does; "
        "the other ways do not run. Case and blanks around it do not count.",
        "每个分支对应一个输出。值从第一个与文本相符的分支送出；都不相符时从“其他”送出；其余分支不会运行。忽略大小写和首尾空白。",
    ),
    purpose=Purpose.CONTROL,
    icon="arrows-split",
    inputs=(
        Input("value", ANY, Words("Value", "值"), sink=None),
        Input("on", TEXT, Words("Text", "依据文本"), sink=None),
    ),
    outputs=(Output("other", ANY, Words("Other", "其他"), source=None),),
    params=(
        Param(
            "cases",
            ParamKind.LINES,
            Words("Cases", "分支"),
            Reach.DRAWING,
            default=["yes", "no"],
            required=True,
            help=Words("One output for each line.", "每行对应一个输出。"),
        ),
        Param(
            "match",
            ParamKind.CHOICE,
            Words("A case fits when the text", "相符条件：文本"),
            Reach.NOWHERE,
            default="equals",
            required=True,
            choices=(
                Choice("equals", Words("equals it", "等于它")),
                Choice("contains", Words("contains it", "包含它")),
            ),
            advanced=True,
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.INLINE,
    dynamic=Dynamic("outputs", "cases", "lines", ANY),
    routes=True,
)


@node_type(SPEC)
def control_switch(context: Context, *, value: Data, on: str, cases: list[str], match: str) -> Outputs:
    text = on.strip().casefold()
    for number, entry in enumerate(cases, start=1):
        case = entry.strip().casefold()
        if text == case or (match == "contains" and case in text):
            return {f"case_{number}": value}
    return {"other": value}
