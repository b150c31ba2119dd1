"""Outputs: what a node gave is labelled by its bytes, whatever the node says of itself."""

import json

import pytest

from runtime.engine.outputs import LARGEST, check_size, label
from runtime.errors import UserError
from runtime.labels import Clearance, Source
from runtime.plan import Step
from runtime.ports import ANY, TEXT
from runtime.values import Data, Value
from runtime.worker import frames
from tests.engine.segments import REGISTRY, compiled
from tests.fixtures.runs import drawing, stub_policy


@pytest.fixture
def router() -> Step:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("c", "choose", {"way": "left"}), ("out", "output", {"name": "answer"}),
        edges="in.text>c.value c.left>out.text",
    )  # fmt: skip
    return compiled(graph, stub_policy()).step("c")


def cleared(text: str) -> Value:
    plain = Value(TEXT, text, frozenset({Source.USER}))
    return Value(TEXT, text, plain.sources, frozenset({Clearance(plain.digest, "rule", "policy")}))


def test_a_router_keeps_the_clearances_of_the_bytes_that_it_hands_on(router: Step) -> None:
    one, other = cleared("one"), cleared("other")
    spec = REGISTRY.spec(router.type, router.version)
    assert spec is not None and spec.routes
    given = label(router, spec, {"left": "one"}, [one, other])["left"]
    assert given.clearances == one.clearances


def test_a_router_that_gives_other_bytes_than_came_in_clears_nothing(router: Step) -> None:
    spec = REGISTRY.spec(router.type, router.version)
    assert spec is not None
    texts = tuple((name, TEXT if kind == ANY else kind) for name, kind in router.outputs)
    step = router._replace(outputs=texts)
    given = label(step, spec, {"left": "changed"}, [cleared("one")])["left"]
    assert given.data == "changed" and given.sources == {Source.USER}
    assert not given.clearances


@pytest.mark.parametrize(
    "fits",
    ["x" * LARGEST, "\x01" * LARGEST, "字" * (LARGEST // 3), ["x" * (LARGEST - 1)], {"k": "x" * (LARGEST - 3)}, [1.5] * 1000],
    ids=["ascii", "control", "chinese", "list", "object", "figures"],
)  # fmt: skip
def test_what_a_step_gives_is_measured_in_bytes(fits: Data) -> None:
    check_size(fits)
    for more in ([fits, "x" * LARGEST], {"a": fits, "b": "x" * LARGEST}):
        with pytest.raises(UserError, match="output_too_large"):
            check_size(more)


@pytest.mark.parametrize(
    "much", ["x" * (LARGEST + 1), "字" * (LARGEST // 3 + 1), "\ud800" * (LARGEST + 1), [None] * LARGEST]
)
def test_more_than_a_step_may_give_is_refused(much: Data) -> None:
    with pytest.raises(UserError, match="output_too_large"):
        check_size(much)


def test_the_largest_that_a_step_may_give_goes_through_the_pipe_as_output_and_as_result() -> None:
    worst = json.dumps("\x01" * 1000, ensure_ascii=True)
    assert 2 * (len(worst) - 2) / 1000 * LARGEST < frames.LARGEST
