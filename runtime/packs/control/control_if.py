"""control.if: sends a value one of two ways."""

from runtime.errors import UserError
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.conditions import CONDITION, holds
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, Input, NodeSpec, Output, Purpose, Resource
from runtime.ports import ANY, TEXT
from runtime.values import Data
from runtime.words import Words

SPEC = NodeSpec(
    type="control.if",
    version=1,
    title=Words("If", "条件分支"),
    summary=Words("Sends a value one of two ways.", "将值送往两条路之一。"),
    help=Words(
        "The value leaves by “then” when the test holds, otherwise by “otherwise”; the other way does not run. "
        "The test looks at the condition (a text, a number, or yes or no), or at the value itself "
        "when nothing is connected there.",
        "条件成立时，值从“成立”一侧送出，否则从“否则”一侧送出；另一侧不会运行。"
        "判断的对象是连接到“条件”的文本、数字或是否值；若未连接，则判断值本身。",
    ),
    purpose=Purpose.CONTROL,
    icon="git-branch",
    inputs=(
        Input("value", ANY, Words("Value", "值"), sink=None),
        Input("condition", TEXT, Words("Condition", "条件"), sink=None, required=False),
    ),
    outputs=(
        Output("then", ANY, Words("Then", "成立"), source=None),
        Output("otherwise", ANY, Words("Otherwise", "否则"), source=None),
    ),
    params=CONDITION,
    effects=Effects.PURE,
    resource=Resource.INLINE,
    routes=True,
)


@node_type(SPEC)
def control_if(
    context: Context, *, value: Data, condition: str | None = None, test: str, operand: str, ignore_case: bool
) -> Outputs:
    looked_at = _text(value) if condition is None else condition
    return {"then": value} if holds(test, looked_at, operand, ignore_case) else {"otherwise": value}


def _text(value: Data) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (str, int, float)):
        return str(value)
    raise UserError(
        "condition_missing",
        Words("The test cannot look at this kind of value.", "无法对这种类型的值进行判断。"),
        Words(
            "Connect a text, a number, or yes or no to “condition”.", "请将文本、数字或是否值连接到“条件”。"
        ),
        port="condition",
    )
