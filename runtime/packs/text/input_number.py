"""input.number: a number that whoever runs the workflow gives."""

from runtime.errors import UserError
from runtime.labels import Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, NodeSpec, Output, Param, ParamKind, Purpose, Reach, Resource
from runtime.ports import NUMBER
from runtime.words import Words

# Beyond this a JSON number loses whole units in a browser.
LARGEST = 2.0**53

SPEC = NodeSpec(
    type="input.number",
    version=1,
    title=Words("Number input", "数字输入"),
    summary=Words("A number that is asked for at each run.", "每次运行时填写的数字。"),
    help=Words(
        "Becomes a field of the run form. With bounds, anything outside them is refused before the run starts.",
        "会成为运行表单中的一个字段；设置范围后，超出范围的值在运行前即被拒绝。",
    ),
    purpose=Purpose.INPUTS,
    icon="number",
    inputs=(),
    outputs=(Output("number", NUMBER, Words("Number", "数字"), source=Source.USER),),
    params=(
        Param(
            "name",
            ParamKind.TEXT,
            Words("Name", "名称"),
            Reach.DRAWING,
            help=Words("Unique among the inputs, e.g. count.", "在所有输入中唯一，例如 count。"),
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
            ParamKind.NUMBER,
            Words("Default", "默认值"),
            Reach.GIVEN,
            help=Words(
                "Used when nothing is given; without it the field is needed.",
                "未填写时使用；留空则该字段必填。",
            ),
            minimum=-LARGEST,
            maximum=LARGEST,
        ),
        Param(
            "minimum",
            ParamKind.NUMBER,
            Words("Smallest", "最小值"),
            Reach.NOWHERE,
            help=Words("The smallest number that is accepted.", "可接受的最小数值。"),
            minimum=-LARGEST,
            maximum=LARGEST,
        ),
        Param(
            "maximum",
            ParamKind.NUMBER,
            Words("Largest", "最大值"),
            Reach.NOWHERE,
            help=Words("The largest number that is accepted.", "可接受的最大数值。"),
            minimum=-LARGEST,
            maximum=LARGEST,
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.INLINE,
)


@node_type(SPEC)
def input_number(
    context: Context,
    *,
    name: str | None,
    label: str | None,
    default: float | None,
    minimum: float | None,
    maximum: float | None,
) -> Outputs:
    given = context.arguments.get(name or context.step_id)
    number = default if given is None else given
    shown = Words(label, label) if label else Words(name or context.step_id, name or context.step_id)
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        raise UserError(
            "input_missing", Words("{name}: a number is needed.", "{name}：需要一个数字。").fill(name=shown)
        )
    if (minimum is not None and number < minimum) or (maximum is not None and number > maximum):
        raise UserError(
            "input_out_of_range",
            Words("{name}: {number} is out of range.", "{name}：{number} 超出范围。").fill(
                name=shown, number=number
            ),
            Words("Give a number within the bounds.", "请填写范围内的数字。"),
        )
    return {"number": number}
