"""input.text: text that whoever runs the workflow gives."""

from runtime.labels import Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, NodeSpec, Output, Param, ParamKind, Purpose, Reach, Resource
from runtime.ports import TEXT
from runtime.words import Words

SPEC = NodeSpec(
    type="input.text",
    version=1,
    title=Words("Text input", "文本输入"),
    summary=Words("Text that is asked for at each run.", "每次运行时填写的文本。"),
    help=Words(
        "Becomes a field of the run form. Its name is also the key under which programs give the value. "
        "What people type here passes a gate before it steers a model.",
        "会成为运行表单中的一个字段；其名称也是程序传值时使用的键。用户填写的内容在引导模型之前会先经过安全闸门。",
    ),
    purpose=Purpose.INPUTS,
    icon="forms",
    inputs=(),
    outputs=(Output("text", TEXT, Words("Text", "文本"), source=Source.USER),),
    params=(
        Param(
            "name",
            ParamKind.TEXT,
            Words("Name", "名称"),
            Reach.DRAWING,
            help=Words("Unique among the inputs, e.g. question.", "在所有输入中唯一，例如 question。"),
            max_length=64,
        ),
        Param(
            "label",
            ParamKind.TEXT,
            Words("Label", "标签"),
            Reach.DRAWING,
            help=Words("What people see above the field.", "显示在字段上方的文字。"),
            max_length=200,
        ),
        Param(
            "default",
            ParamKind.MULTILINE,
            Words("Default", "默认值"),
            Reach.GIVEN,
            default="",
            help=Words(
                "Used when nothing is given; without it the field is needed.",
                "未填写时使用；留空则该字段必填。",
            ),
        ),
        Param(
            "multiline",
            ParamKind.BOOLEAN,
            Words("Several lines", "多行"),
            Reach.NOWHERE,
            default=False,
            help=Words("Draw a larger field.", "显示更大的输入框。"),
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.INLINE,
)


@node_type(SPEC)
def input_text(
    context: Context, *, name: str | None, label: str | None, default: str, multiline: bool
) -> Outputs:
    given = context.arguments.get(name or context.step_id)
    return {"text": default if given is None else str(given)}
