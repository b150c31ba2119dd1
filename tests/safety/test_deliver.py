"""deliver() writes only what exactly these rules have cleared, for exactly these bytes, under exactly this policy."""

from dataclasses import replace

import pytest

from runtime.labels import Clearance, Sink, Source
from runtime.ports import AUDIO, BOOLEAN, NUMBER, TEXT
from runtime.safety.deliver import NotCleared, deliver
from runtime.safety.policy import default_policy
from runtime.values import Value, digest

POLICY = default_policy()


def cleared(text: str, rule: str = "person-text", policy: str = POLICY.digest) -> Value:
    return Value(
        TEXT, text, frozenset({Source.MODEL}), frozenset({Clearance(digest(TEXT, text), rule, policy)})
    )


def delivered(value: Value, sink: Sink = Sink.PERSON) -> list[Value]:
    written: list[Value] = []
    deliver(value, sink, POLICY, written.append)
    return written


def test_a_cleared_value_is_written() -> None:
    assert delivered(cleared("hello")) == [cleared("hello")]


@pytest.mark.parametrize(
    "value",
    [
        replace(cleared("hello"), clearances=frozenset()),
        replace(cleared("hello"), data="hello!"),
        cleared("hello", rule="model-text"),
        cleared("hello", policy="0" * 64),
        replace(cleared("hello"), sources=frozenset(), clearances=frozenset()),
        Value(AUDIO, None),
    ],
)
def test_anything_else_is_refused_and_nothing_is_written(value: Value) -> None:
    written: list[Value] = []
    with pytest.raises(NotCleared):
        deliver(value, Sink.PERSON, POLICY, written.append)
    assert written == []


def test_a_sink_without_a_rule_takes_nothing() -> None:
    with pytest.raises(NotCleared):
        delivered(cleared("hello"), Sink.OUTSIDE)


def test_what_the_policy_allows_in_words_needs_no_gate() -> None:
    assert delivered(Value(BOOLEAN, True, frozenset({Source.USER})))


def test_a_number_is_not_shown_to_a_person_without_its_gate() -> None:
    with pytest.raises(NotCleared):
        delivered(Value(NUMBER, 3, frozenset({Source.USER})))
