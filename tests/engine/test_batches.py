"""Several values at once: a filter is asked about them together, and each has its own answer or none passes."""

import time
from collections.abc import Iterable, Sequence

import pytest

from runtime.engine.gate import judge
from runtime.engine.inspection import Inspector
from runtime.errors import OperationalError
from runtime.plan import GateChain
from runtime.ports import TEXT, Kind, PortType
from runtime.safety.filters import Filter, FilterServices, Match
from runtime.values import Data
from tests.engine.segments import Bench
from tests.packs_stub.filters import declare

Answers = Iterable[Iterable[Match]]
ITEMS = ["clean", "forbidden", "clean again"]


def alone(data: Data, services: FilterServices) -> Iterable[Match]:
    return [Match("stub", 1.0)] if "forbidden" in str(data) else []


class Together:
    """Answers as `alone` does, and notes what it was asked about together."""

    def __init__(self) -> None:
        self.asked: list[tuple[Data, ...]] = []

    def __call__(self, values: Sequence[Data], services: FilterServices) -> Answers:
        self.asked.append(tuple(values))
        return [list(alone(value, services)) for value in values]


def inspector(bench: Bench, each: object, deadline: float = 20.0) -> Inspector:
    made = declare("batch", alone)
    services = bench.services().inspector
    filters = {"stub.batch": Filter(made.spec, alone, each)}  # type: ignore[arg-type]  # broken ones among them
    return Inspector(filters, services.assets, services.models, lambda: None, deadline)


def test_a_filter_is_asked_once_about_all_that_a_list_shows(bench: Bench) -> None:
    together = Together()
    chain = GateChain(("r",), (("stub.batch", "block", 0.5, ()),))
    verdict = judge(PortType(Kind.TEXT, many=True), ITEMS, chain, inspector(bench, together))
    assert not verdict.passes
    (asked,) = together.asked
    assert set(ITEMS) < set(asked)


def test_each_value_gets_its_own_answer(bench: Bench) -> None:
    answers = inspector(bench, Together()).inspect("stub.batch", Kind.TEXT, ITEMS)
    assert [bool(matches) for matches in answers] == [False, True, False]


def test_one_value_alone_is_asked_about_alone(bench: Bench) -> None:
    together = Together()
    assert judge(
        TEXT, "clean", GateChain(("r",), (("stub.batch", "block", 0.5, ()),)), inspector(bench, together)
    ).passes
    assert together.asked == []


def one_too_few(values: Sequence[Data], services: FilterServices) -> Answers:
    return [[] for _ in values[1:]]


def one_too_many(values: Sequence[Data], services: FilterServices) -> Answers:
    while True:
        yield []


def fails_at_the_last(values: Sequence[Data], services: FilterServices) -> Answers:
    yield from ([] for _ in values[1:])
    raise RuntimeError


def no_answers(values: Sequence[Data], services: FilterServices) -> None:
    return None


@pytest.mark.parametrize("each", [one_too_few, one_too_many, fails_at_the_last, no_answers])
def test_without_an_answer_for_each_none_passes(each: object, bench: Bench) -> None:
    with pytest.raises(OperationalError):
        inspector(bench, each).inspect("stub.batch", Kind.TEXT, ITEMS)


def test_each_answer_has_as_long_as_one_value_may_take(bench: Bench) -> None:
    def slow(values: Sequence[Data], services: FilterServices) -> Answers:
        for value in values:
            time.sleep(0.3)
            yield alone(value, services)

    asked = inspector(bench, slow, deadline=0.6)
    assert len(asked.inspect("stub.batch", Kind.TEXT, ITEMS)) == len(ITEMS)

    def stuck(values: Sequence[Data], services: FilterServices) -> Answers:
        yield []
        time.sleep(2)

    asked = inspector(bench, stuck, deadline=0.2)
    with pytest.raises(OperationalError):
        asked.inspect("stub.batch", Kind.TEXT, ITEMS)
    assert asked.hung
