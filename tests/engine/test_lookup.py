"""A picture that these rules have cleared under this policy is not looked at again; any other is."""

from dataclasses import replace

import pytest

from runtime.dispatch.store import Claim
from runtime.engine.executor import run_segment
from runtime.engine.lookup import is_cleared
from runtime.labels import Clearance, Source
from runtime.plan import GateChain
from runtime.ports import IMAGE, TEXT, Kind
from runtime.safety.filters import Match
from runtime.safety.policy import Policy
from runtime.values import AssetRef, Value
from tests.engine.segments import Bench, Told, compiled
from tests.fixtures.runs import drawing, stub_policy
from tests.packs_stub.filters import declare

GATE = GateChain(("person-image",), (("stub.red", "block", 0.5, ()),))
POLICY = stub_policy()
REF = AssetRef("a" * 64, "image/png", 100, 8, 8)
SHOW = drawing(
    ("in", "input_image", {"name": "image"}), ("o", "show_image", {"name": "o"}), edges="in.image>o.image"
)


def picture(*clearances: Clearance) -> Value:
    return Value(IMAGE, REF, frozenset({Source.UPLOAD}), frozenset(clearances))


def good(policy: Policy = POLICY) -> Clearance:
    return Clearance(REF.sha256, "person-image", policy.digest)


def test_a_clearance_of_these_bytes_by_this_rule_under_this_policy_is_enough() -> None:
    assert is_cleared(picture(good()), GATE, POLICY)


@pytest.mark.parametrize(
    ("value", "chain"),
    [
        (picture(), GATE),
        (picture(replace(good(), digest="b" * 64)), GATE),
        (picture(replace(good(), rule="model-image")), GATE),
        (picture(good(stub_policy(version=2))), GATE),
        (picture(good()), replace(GATE, rules=("person-image", "another"))),
        (picture(good()), replace(GATE, rules=())),
        (Value(TEXT, "x", frozenset({Source.USER}), frozenset({good()})), GATE),
    ],
)
def test_anything_less_is_not(value: Value, chain: GateChain) -> None:
    assert not is_cleared(value, chain, POLICY)


def shown(bench: Bench, value: Value) -> tuple[Told, int]:
    """What came of a run that shows the picture, and how often its filter was asked."""
    asked: list[object] = []

    def look(data: object, services: object) -> list[Match]:
        asked.append(data)
        return []

    bench.filters["stub.red"] = declare("red", look, Kind.IMAGE)
    plan, told = compiled(SHOW, bench.policy), Told()
    for segment in plan.segments:
        claim = Claim(
            run="r", segment=segment.index, fence=1, attempt=1, plan=plan, mac="", policy=bench.policy,
            arguments={"image": value}, values={}, states={},
        )  # fmt: skip
        run_segment(claim, bench.services(), told)
    return told, len(asked)


def test_a_run_that_shows_a_cleared_picture_asks_no_filter_and_delivers_it(bench: Bench) -> None:
    told, asked = shown(bench, picture(good(bench.policy)))
    assert asked == 0
    assert told.results["o"].data == REF
    assert told.results["o"].clearances == {good(bench.policy)}


@pytest.mark.parametrize("clearances", [(), (good(stub_policy(version=2)),)])
def test_a_run_that_shows_another_picture_asks(bench: Bench, clearances: tuple[Clearance, ...]) -> None:
    told, asked = shown(bench, picture(*clearances))
    assert asked == 1
    assert told.results["o"].clearances == {good(bench.policy)}
