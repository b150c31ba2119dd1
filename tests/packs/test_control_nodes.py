"""Control nodes: which way a value goes, and that it goes unchanged."""

import pytest

from runtime.errors import UserError
from runtime.packs.control.control_approve import control_approve
from runtime.packs.control.control_ask import control_ask
from runtime.packs.control.control_if import control_if
from runtime.packs.control.control_switch import control_switch
from runtime.values import AssetRef
from tests.packs.doubles import MemoryContext

PICTURE = AssetRef("ab" * 32, "image/png", 10, 1, 1)


def way(
    value: object = "x",
    condition: str | None = None,
    test: str = "is_true",
    operand: str = "",
    **more: object,
) -> str:
    options = {"ignore_case": True, **more}
    outputs = control_if.run(
        MemoryContext(), value=value, condition=condition, test=test, operand=operand, **options
    )
    ((name, carried),) = outputs.items()
    assert carried is value
    return name


@pytest.mark.parametrize(
    ("test", "condition", "operand", "expected"),
    [
        ("is_true", "true", "", "then"),
        ("is_true", " YES ", "", "then"),
        ("is_true", "是", "", "then"),
        ("is_true", "false", "", "otherwise"),
        ("is_true", "", "", "otherwise"),
        ("is_empty", "  ", "", "then"),
        ("is_empty", "a", "", "otherwise"),
        ("equals", " Hello ", "hello", "then"),
        ("equals", "hello!", "hello", "otherwise"),
        ("contains", "I am ANGRY", "angry", "then"),
        ("contains", "我要投诉你们", "投诉", "then"),
        ("contains", "fine", "angry", "otherwise"),
        ("starts_with", "Refund please", "refund", "then"),
        ("starts_with", "A refund", "refund", "otherwise"),
        ("greater_than", "10", "9", "then"),
        ("greater_than", "9", "9", "otherwise"),
        ("less_than", "-1.5", "0", "then"),
    ],
)
def test_the_condition_decides(test: str, condition: str, operand: str, expected: str) -> None:
    assert way(PICTURE, condition, test, operand) == expected


def test_case_counts_when_asked() -> None:
    assert way(condition="Yes", test="equals", operand="yes", ignore_case=False) == "otherwise"


@pytest.mark.parametrize(
    ("value", "expected"), [(True, "then"), (False, "otherwise"), ("yes", "then"), (1, "then")]
)
def test_without_a_condition_the_value_is_looked_at(value: object, expected: str) -> None:
    assert way(value) == expected


def test_a_picture_cannot_be_its_own_condition() -> None:
    with pytest.raises(UserError, match="condition_missing"):
        way(PICTURE)


def test_what_is_no_number_is_said_so_without_repeating_it() -> None:
    with pytest.raises(UserError, match="not_a_number") as caught:
        way(condition="private words", test="less_than", operand="3")
    assert "private" not in str(caught.value)


@pytest.mark.parametrize(
    ("on", "match", "expected"),
    [
        ("Friendly", "equals", "case_1"),
        (" formal\n", "equals", "case_2"),
        ("formal.", "equals", "other"),
        ("Tone: formal.", "contains", "case_2"),
        ("投诉", "equals", "case_3"),
        ("", "contains", "other"),
    ],
)
def test_a_switch_takes_the_first_case_that_fits(on: str, match: str, expected: str) -> None:
    cases = ["friendly", "formal", "投诉"]
    outputs = control_switch.run(MemoryContext(), value=PICTURE, on=on, cases=cases, match=match)
    assert outputs == {expected: PICTURE}
    assert outputs[expected] is PICTURE


@pytest.mark.parametrize(
    ("answer", "way"), [("yes", "yes"), ("no", "no"), ("", "no"), ("YES", "no"), ("ja", "no")]
)
def test_an_approval_lets_the_value_go_on_unchanged_and_nothing_but_a_yes_is_one(
    answer: str, way: str
) -> None:
    context = MemoryContext()
    context.answer = answer
    assert control_approve.run(context, value=PICTURE, question="", limit=None, late="fail") == {way: PICTURE}


def test_a_question_gives_what_was_answered() -> None:
    context = MemoryContext()
    context.answer = " well "
    assert control_ask.run(context, question="", limit=None) == {"answer": " well "}
