"""Conditions: the tests that a text can pass, and the settings by which nodes name one."""

from runtime.errors import UserError
from runtime.nodes.spec import Choice, Param, ParamKind, Reach
from runtime.words import Words

TRUE = frozenset({"true", "yes", "on", "1", "是", "对", "真"})
TEST = Param(
    "test",
    ParamKind.CHOICE,
    Words("Test", "判断方式"),
    Reach.NOWHERE,
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
)
OPERAND = Param(
    "operand",
    ParamKind.TEXT,
    Words("Compare with", "比较对象"),
    Reach.NOWHERE,
    default="",
    help=Words(
        "A text or a number; not used by “is yes” and “is empty”.",
        "文本或数字；“为‘是’”和“为空”不使用它。",
    ),
    max_length=2_000,
)
IGNORE_CASE = Param(
    "ignore_case",
    ParamKind.BOOLEAN,
    Words("Ignore case", "忽略大小写"),
    Reach.NOWHERE,
    default=True,
    advanced=True,
)
# What a node with a condition has as settings.
CONDITION = (TEST, OPERAND, IGNORE_CASE)


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
