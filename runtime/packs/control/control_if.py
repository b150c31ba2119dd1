"""control.if: sends a value one of two ways."""

from runtime.errors import UserError
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Choice, Effects, Input, NodeSpec, Output, Param, ParamKind, Purpose, Resource
from runtime.ports import ANY, TEXT
from runtime.values import Data
from runtime.words import Words

TRUE = frozenset({"true", "yes", "on", "1", "是", "对", "真"})

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
    params=(
        Param(
            "test",
            ParamKind.CHOICE,
            Words("Test", "判断方式"),
            default="is_true",
            required=True,
            choices=(
                Choice("is_true", Words("is yes", "为“是”")),
                Choice("is_empty", Words("is empty", "为空")),
                Choice("equals", Words("equals", "等于")),
                Choice("contains", Words("contains", "包含")),
                Choice("starts_with", Words("starts with", "开头为")),
                Choice("greater_than", Words("is greater than", "大于")),
                Choice("less_than", Words("is less than", "小于")),
            ),
        ),
        Param(
            "operand",
            ParamKind.TEXT,
            Words("Compare with", "比较对象"),
            default="",
            help=Words(
                "A text or a number; not used by “is yes” and “is empty”.",
                "文本或数字；“为‘是’”和“为空”不使用它。",
            ),
            max_length=2_000,
        ),
        Param(
            "ignore_case",
            ParamKind.BOOLEAN,
            Words("Ignore case", "忽略大小写"),
            default=True,
            advanced=True,
        ),
    ),
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


def holds(test: str, looked_at: str, operand: str, ignore_case: bool) -> bool:
    """Whether the text passes the test. Blanks around either side do not count."""
    one, other = looked_at.strip(), operand.strip()
    if ignore_case:
        one, other = one.casefold(), other.casefold()
    match test:
        case "is_true":
            return one.casefold() in TRUE
        case "is_empty":
            return not one
        case "equals":
            return one == other
        case "contains":
            return other in one
        case "starts_with":
            return one.startswith(other)
        case "greater_than":
            return _number(looked_at) > _number(operand)
        case "less_than":
            return _number(looked_at) < _number(operand)
    raise ValueError(f"no test is called {test!r}")


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


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        # The text itself stays out of the message: no gate has seen it.
        raise UserError(
            "not_a_number",
            Words(
                "One side is not a number, so they cannot be compared as numbers.",
                "其中一方不是数字，无法按数值比较。",
            ),
            Words("Compare texts with “equals” or “contains”.", "文本请用“等于”或“包含”进行比较。"),
        ) from None
