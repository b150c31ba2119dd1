"""Which output fits which input, and that the published table says the same."""

import pytest

from runtime.ports import (
    ALL_TYPES,
    ANY,
    BOOLEAN,
    IMAGE,
    JSON,
    NUMBER,
    TEXT,
    Kind,
    PortType,
    acceptance_table,
    refusal,
)
from runtime.values import convert

TEXTS = PortType(Kind.TEXT, many=True)


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (TEXT, TEXT),
        (TEXT, TEXTS),
        (TEXTS, TEXTS),
        (NUMBER, TEXT),
        (BOOLEAN, TEXT),
        (NUMBER, JSON),
        (IMAGE, ANY),
        (TEXTS, ANY),
    ],
)
def test_what_fits(source: PortType, target: PortType) -> None:
    assert refusal(source, target) is None


@pytest.mark.parametrize(
    ("source", "target"),
    [
        (TEXTS, TEXT),
        (TEXT, NUMBER),
        (IMAGE, TEXT),
        (TEXT, IMAGE),
        (JSON, TEXT),
        (NUMBER, BOOLEAN),
        (IMAGE, JSON),
    ],
)
def test_what_does_not_fit_has_a_reason_in_both_languages(source: PortType, target: PortType) -> None:
    reason = refusal(source, target)
    assert reason is not None
    assert reason.en and reason.zh and reason.en != reason.zh


def test_the_published_table_is_the_rule() -> None:
    table = acceptance_table()
    for source in ALL_TYPES:
        for target in ALL_TYPES:
            reason = refusal(source, target)
            assert table[str(source)][str(target)] == (reason.to_json() if reason else None)


@pytest.mark.parametrize(
    ("data", "source", "text"),
    [(3, NUMBER, "3"), (2.0, NUMBER, "2"), (0.5, NUMBER, "0.5"), (True, BOOLEAN, "true")],
)
def test_numbers_and_truths_read_as_text(data: object, source: PortType, text: str) -> None:
    assert convert(data, source, TEXT) == text
