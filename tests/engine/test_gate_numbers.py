"""Numbers: a long one is judged as it is written, by all three locks; a short one is free."""

from dataclasses import replace

import pytest

from runtime.engine.gate import cleared, judge
from runtime.engine.inspection import spellings, written
from runtime.engine.trial import chain_of
from runtime.errors import OperationalError
from runtime.labels import Sink, Source
from runtime.ports import BOOLEAN, JSON, NUMBER, Kind, PortType
from runtime.safety.deliver import NotCleared, deliver
from runtime.safety.filters import Match
from runtime.safety.policy import default_policy
from runtime.safety.verify import verify
from runtime.values import Value
from tests.compiler.drawing import draw_json
from tests.compiler.nodes import REGISTRY
from tests.engine.segments import compiled
from tests.safety.stretched import for_people, inspector
from tests.safety.surgery import without_gate

POLICY = default_policy()
FROM_USER = frozenset({Source.USER})
CHAIN = chain_of(POLICY.rules_for(Sink.PERSON, Kind.NUMBER, [Source.USER]))
NUMBERS = PortType(Kind.NUMBER, many=True)
CARD, PHONE = 4111111111111111, 13812345678


@pytest.mark.parametrize("number", [CARD, float(CARD), -CARD, PHONE, 11010519491231002])
def test_a_number_passes_where_its_text_would(number: float) -> None:
    as_text = judge(PortType(Kind.TEXT), written(number), for_people(), inspector())
    assert judge(NUMBER, number, CHAIN, inspector()).passes is (as_text.data == written(number))


@pytest.mark.parametrize(
    "number",
    [
        0,
        1,
        -7,
        2026,
        1234567,
        9_999_999,
        3.14,
        0.5,
        20260101,
        86_400_000,
        1e300,
        1 / 3,
        31.2304167,
        1768000000.25,
    ],
)
def test_an_ordinary_number_passes(number: float) -> None:
    assert judge(NUMBER, number, CHAIN, inspector()).passes


@pytest.mark.parametrize(
    "number",
    [
        4111111111111.111, -4.111111111111111, 1381234567.8, 13812345678.5, 1.3812345678e-10, 0.013812345678, 1.3812345678e30,
        -138.12345678,
    ],
)  # fmt: skip
def test_a_point_or_an_exponent_hides_no_card_and_no_telephone(number: float) -> None:
    assert not judge(NUMBER, number, CHAIN, inspector()).passes
    assert not judge(NUMBERS, [1, number], CHAIN, inspector()).passes


@pytest.mark.parametrize(
    ("number", "each"),
    [
        (12, ("12",)),
        (-12.0, ("12",)),
        (0.5, ("0.5", "5")),
        (4.25e-7, ("4.25e-07", "425")),
        (1.5e20, ("150000000000000000000", "15")),
        (0.0, ("0", "")),
        (float("inf"), ("inf",)),
    ],
)
def test_a_number_is_read_as_it_is_written_and_as_its_digits(number: float, each: tuple[str, ...]) -> None:
    assert spellings(number) == each


def test_one_number_of_a_list_or_a_structure_is_enough() -> None:
    assert not judge(NUMBERS, [1, CARD, 2], CHAIN, inspector()).passes
    assert not judge(JSON, {"a": [1, {"b": CARD}]}, for_people(), inspector()).passes
    assert judge(NUMBERS, [1, 2, 3], CHAIN, inspector()).passes


def test_a_short_number_asks_no_filter_and_a_long_one_fails_closed_without_it() -> None:
    def breaks(data: object, services: object) -> list[Match]:
        raise RuntimeError("broken")

    honest = inspector().filters["safety.personal_data"]
    bare = replace(inspector(), filters={"safety.personal_data": replace(honest, check=breaks)})
    assert judge(NUMBER, 1234567, CHAIN, bare).passes
    with pytest.raises(OperationalError) as caught:
        judge(NUMBER, 12345678, CHAIN, bare)
    assert caught.value.code == "gate_unavailable"


def test_the_compiler_verify_and_deliver_all_ask_for_the_gate_of_a_number() -> None:
    plan = compiled(draw_json("n:in.number o:out.number", "n.number>o.number"), POLICY, REGISTRY)
    gate = next(step for step in plan.steps if step.gate)
    assert verify(plan, POLICY, REGISTRY) == ()
    assert verify(without_gate(plan, gate), POLICY, REGISTRY)
    seen: list[object] = []
    with pytest.raises(NotCleared):
        deliver(Value(NUMBER, 3, FROM_USER), Sink.PERSON, POLICY, seen.append)
    deliver(cleared(NUMBER, 3, FROM_USER, CHAIN, POLICY), Sink.PERSON, POLICY, seen.append)
    deliver(Value(BOOLEAN, True, FROM_USER), Sink.PERSON, POLICY, seen.append)
    assert len(seen) == 2
