"""Loops and maps: what they call stands in place as often as their bound allows, before labels and gates."""

from dataclasses import replace
from typing import Any

import pytest

from runtime.compiler.compile import compile_graph
from runtime.compiler.inlined import LONGEST_NAME
from runtime.compiler.passes.inline import MAX_DEPTH, MAX_EXPANDED, inline
from runtime.compiler.view import view_plan
from runtime.graph.calls import Library
from runtime.graph.model import Graph, OnError
from runtime.plan import Plan, Ref
from runtime.safety.policy import default_policy
from tests.compiler.drawing import draw
from tests.compiler.nodes import REGISTRY
from tests.compiler.test_calls import ASK, WITH_DEFAULT, call, codes, compiled, library, plan_of

POLICY = default_policy()
TEXT = {"name": "text"}
# Feeds itself: the output has the name of the input.
ROUND = draw("i:in.text m:llm.ask o:out.text", "i.text>m.prompt m.text>o.text", {"i": TEXT, "o": TEXT})
# Says besides whether it is good enough, and has an input that stays as it is.
JUDGED = draw(
    "i:in.text h:in.text m:llm.reason o:out.text d:out.text",
    "i.text>m.prompt h.text>m.system m.text>o.text m.reasons>d.text",
    {"i": TEXT, "h": {"name": "how"}, "o": TEXT, "d": {"name": "done"}},
)


def looping(number: int, times: Any = 3, **more: Any) -> dict[str, Any]:
    return {"w": {"workflow": str(call(number)), "times": times, **more}}


LOOP = ("a:in.text w:loop.it o:out.text", "a.text>w.i w.o>o.text")
JUDGING = ("a:in.text b:in.text w:loop.it o:out.text", "a.text>w.i b.text>w.h w.o>o.text")
MAP = ("a:in.text s:text.split w:map.it o:out.texts", "a.text>s.text s.texts>w.i w.o>o.texts")


def asked(plan: Plan, type_name: str = "llm.ask") -> list[str]:
    return [step.id for step in plan.steps if step.type == type_name]


def behind(plan: Plan, step: str, port: str) -> set[Ref]:
    """What makes the bytes of a port, seen through gates and what only hands on."""
    found: set[Ref] = set()
    steps = {item.id: item for item in plan.steps}
    waiting = [ref for b in steps[step].bindings if b.port == port for ref in b.refs]
    while waiting:
        ref = waiting.pop()
        maker = steps[ref.step]
        if maker.gate or maker.type.split(".")[0] in ("relay", "turn", "item", "along", "gather"):
            waiting += [r for b in maker.bindings if b.port == "value" for r in b.refs]
        else:
            found.add(ref)
    return found


def test_each_round_takes_what_the_one_before_gave_and_is_gated_there() -> None:
    plan = plan_of(draw(*LOOP, looping(0)), library(ROUND))
    assert asked(plan) == ["w/1/m", "w/2/m", "w/3/m"]
    assert behind(plan, "w/1/m", "prompt") == {Ref("a", "text")}
    assert behind(plan, "w/3/m", "prompt") == {Ref("w/2/m", "text")}
    assert behind(plan, "o", "text") == {Ref("w/3/m", "text")}
    assert [step.gate.rules for step in plan.steps if step.gate] == [("model-text",)] * 3 + [("person-text",)]
    assert plan.step("w/2/m").title.en == "Workflow 0 · 2 › llm.ask"
    assert {step.node for step in plan.steps if "/" in step.id and not step.gate} == {"w"}


def test_an_output_that_ends_it_early_sends_each_round_on_or_out() -> None:
    plan = plan_of(draw(*JUDGING, looping(0, at="d", test="contains", operand="ok")), library(JUDGED))
    assert len(asked(plan, "llm.reason")) == 3
    assert behind(plan, "w/2/m", "prompt") == {Ref("w/1/m", "text")}
    assert behind(plan, "w/2/m", "system") == {Ref("b", "text")}
    assert behind(plan, "o", "text") == {Ref(f"w/{n}/m", "text") for n in (1, 2, 3)}
    turns = [step for step in plan.steps if step.type.startswith("turn.")]
    assert {step.params["choice"] for step in turns} == {"w/after-1", "w/after-2"}
    assert {(step.params["test"], step.params["operand"]) for step in turns} == {("contains", "ok")}
    # Nothing of the last round is tested, and no turn is there that nobody needs.
    assert {step.id for step in turns} == {f"w/after-{n}/{port}" for n in (1, 2) for port in ("o", "h")}


def test_what_leaves_a_loop_may_meet_what_goes_another_way() -> None:
    nodes = "a:in.text b:in.text c:control.if w:loop.it o:out.text"
    edges = "a.text>c.value c.then>w.i b.text>w.h w.o>o.text c.otherwise>o.text"
    plan_of(draw(nodes, edges, looping(0, at="d")), library(JUDGED))
    crowded = draw(JUDGING[0], JUDGING[1] + " a.text>o.text", looping(0, at="d"))
    assert codes(crowded, library(JUDGED)) == [("input_crowded", "o", "text")]


def test_each_item_is_done_in_a_place_of_its_own_and_gathered_in_order() -> None:
    plan = plan_of(draw(*MAP, looping(0)), library(ROUND))
    assert asked(plan) == ["w/1/m", "w/2/m", "w/3/m"]
    for number in (1, 2, 3):
        assert behind(plan, f"w/{number}/m", "prompt") == {Ref("s", "texts")}
        assert plan.step(f"w/for-{number}/i").params == {"index": number - 1}
    assert plan.step("w/i").params == {"most": 3}
    gather = plan.step("w/o").binding("value")
    assert gather is not None and gather.collect
    assert gather.refs == tuple(Ref(f"w/{number}/o", "value") for number in (1, 2, 3))
    assert [str(kind) for _, kind in plan.step("w/o").outputs] == ["list[text]"]


def test_what_is_the_same_for_all_goes_along_with_an_item_only() -> None:
    nodes = "a:in.text b:in.text s:text.split w:map.it o:out.texts"
    edges = "a.text>s.text s.texts>w.i b.text>w.h w.o>o.texts"
    plan = plan_of(draw(nodes, edges, looping(0, at="i")), library(JUDGED))
    along = plan.step("w/for-2/h")
    assert [(b.port, b.refs) for b in along.bindings] == [
        ("value", (Ref("w/h", "value"),)),
        ("item", (Ref("w/for-2/i", "value"),)),
    ]


def test_what_takes_nothing_that_is_handed_in_is_done_once_for_all_rounds() -> None:
    inner = draw(
        "i:in.text a:author.text m:llm.ask j:text.join o:out.text",
        "a.text>m.prompt i.text>j.texts m.text>j.texts j.text>o.text",
        {"i": TEXT, "o": TEXT},
    )
    for drawn in (LOOP, MAP):
        plan = plan_of(draw(*drawn, looping(0)), library(inner))
        assert asked(plan) == ["w/1/m"]
        assert Ref("w/1/m", "text") in behind(plan, "w/3/j", "texts")


def test_a_call_that_takes_nothing_is_done_once_as_well() -> None:
    alone = draw("a:author.text m:llm.ask o:out.text", "a.text>m.prompt m.text>o.text")
    inner = draw(
        "i:in.text v:call.it j:text.join o:out.text",
        "i.text>j.texts v.o>j.texts j.text>o.text",
        {"i": TEXT, "o": TEXT, "v": {"workflow": str(call(0))}},
    )
    plan = plan_of(draw(*LOOP, looping(1)), library(alone, inner))
    assert asked(plan) == ["w/1/v/m"]


def test_an_input_that_nobody_connects_has_its_authors_words_in_the_first_round() -> None:
    inner = draw(
        "i:in.written m:llm.ask o:out.text",
        "i.text>m.prompt m.text>o.text",
        {"i": {"name": "text", "default": "Sing."}, "o": TEXT},
    )
    plan = plan_of(draw("w:loop.it o:out.text", "w.o>o.text", looping(0, 2)), library(inner), WITH_DEFAULT)
    assert plan.step("w/i").type == "fixed.text"
    assert behind(plan, "w/2/m", "prompt") == {Ref("w/1/m", "text")}


@pytest.mark.parametrize("drawn", [LOOP, MAP])
def test_without_a_bound_nothing_compiles(drawn: tuple[str, str]) -> None:
    for params in ({}, {"times": None}):
        graph = draw(*drawn, {"w": {"workflow": str(call(0)), **params}})
        (issue,) = (i for i in compiled(graph, library(ROUND)).issues if i.severity == "error")
        assert (issue.code, issue.node, issue.param) == ("bound_missing", "w", "times")
    for times in (0, -1, 51, 10**9, 2.5, "3", True, [3]):
        graph = draw(*drawn, looping(0, times))
        (issue,) = (i for i in compiled(graph, library(ROUND)).issues if i.severity == "error")
        assert (issue.code, issue.node, issue.param) == ("param_invalid", "w", "times")


@pytest.mark.parametrize(
    ("inner", "more", "code"),
    [
        (ASK, {}, "loop_idle"),
        (ROUND, {"at": "nowhere"}, "repeat_port_unknown"),
        (ROUND, {"at": "i"}, "repeat_port_unknown"),
        (ROUND, {"test": "sings"}, "param_invalid"),
        (ROUND, {"more": 1}, "param_unknown"),
        (draw("i:in.image r:image.read o:out.text", "i.image>r.image r.text>o.text", {"i": TEXT, "o": TEXT}), {}, "loop_unfit"),
        (
            draw("i:in.text j:in.image o:out.text p:out.image", "i.text>o.text j.image>p.image", {"i": TEXT, "o": TEXT}),
            {"at": "p"},
            "loop_condition_unfit",
        ),
    ],
)  # fmt: skip
def test_a_loop_that_cannot_go_round_is_told_at_the_node(
    inner: Graph, more: dict[str, Any], code: str
) -> None:
    assert codes(draw(*LOOP, looping(0, **more)), library(inner)) == [(code, "w", None)]


def test_a_map_says_which_input_takes_the_items_where_there_are_several() -> None:
    nodes, edges = (
        "a:in.text b:in.text s:text.split w:map.it o:out.texts",
        "a.text>s.text s.texts>w.i b.text>w.h w.o>o.texts",
    )
    assert codes(draw(nodes, edges, looping(0)), library(JUDGED)) == [("map_input_missing", "w", None)]
    assert codes(draw(nodes, edges, looping(0, at="o")), library(JUDGED)) == [
        ("repeat_port_unknown", "w", None)
    ]
    plan_of(draw(nodes, edges, looping(0, at="i")), library(JUDGED))


def test_its_ports_are_those_of_the_list_and_checked_at_the_node() -> None:
    to_one = draw(
        "a:in.text s:text.split w:map.it o:out.text", "a.text>s.text s.texts>w.i w.o>o.text", looping(0)
    )
    assert codes(to_one, library(ROUND)) == [("type_mismatch", "o", "text")]
    picture = draw("a:in.image w:map.it o:out.texts", "a.image>w.i w.o>o.texts", looping(0))
    assert codes(picture, library(ROUND)) == [("type_mismatch", "w", "i")]
    alone = draw("w:map.it o:out.texts", "w.o>o.texts", looping(0))
    assert codes(alone, library(ROUND)) == [("input_missing", "w", "i")]
    one = plan_of(
        draw("a:in.text w:map.it o:out.texts", "a.text>w.i w.o>o.texts", looping(0)), library(ROUND)
    )
    assert str(one.step("w/i").bindings[0].type) == "list[text]", "one value is a list of one"


def test_what_is_wrong_inside_is_told_once_and_not_once_a_round() -> None:
    broken = draw("i:in.text m:llm.gone o:out.text", "i.text>m.prompt m.text>o.text", {"i": TEXT, "o": TEXT})
    for drawn in (LOOP, MAP):
        assert codes(draw(*drawn, looping(0, 9)), library(broken)) == [("node_type_unknown", "w", None)]


@pytest.mark.parametrize("drawn", [LOOP, MAP])
def test_on_error_is_for_the_steps_inside_and_a_repeat_refuses_it(drawn: tuple[str, str]) -> None:
    graph = draw(*drawn, looping(0))
    nodes = tuple(replace(n, on_error=OnError({}, "no")) if n.id == "w" else n for n in graph.nodes)
    assert codes(replace(graph, nodes=nodes), library(ROUND)) == [("on_error_unfit", "w", None)]


def deep(levels: int, times: int) -> tuple[Graph, Library]:
    """A loop in a loop in a loop."""
    params = {"i": TEXT, "o": TEXT}
    nested = (
        draw("i:in.text w:loop.it o:out.text", "i.text>w.i w.o>o.text", params | looping(level, times))
        for level in range(levels - 1)
    )
    return draw(*LOOP, looping(levels - 1, times)), library(ROUND, *nested)


def test_bounds_inside_of_bounds_multiply_and_are_refused_before_anything_has_grown() -> None:
    plan_of(*deep(2, 10))
    graph, known = deep(MAX_DEPTH, 50)
    assert set(codes(graph, known)) == {("call_too_large", "w", None)}
    assert len(codes(graph, known)) < MAX_DEPTH, "told once for each drawing, not for each round"
    inlined, _ = inline(graph, REGISTRY, known)
    assert len(inlined.nodes) <= MAX_EXPANDED


def test_the_names_of_steps_stay_short_in_rounds_of_long_names() -> None:
    long = "n" * 64
    inner = draw(
        f"{long}:in.text m{long[1:]}:llm.ask o:out.text",
        f"{long}.text>m{long[1:]}.prompt m{long[1:]}.text>o.text",
        {long: TEXT, "o": TEXT},
    )
    params = {"i": TEXT, "o": TEXT, long: {"workflow": str(call(0)), "times": 3}}
    outer = draw(f"i:in.text {long}:loop.it o:out.text", f"i.text>{long}.{long} {long}.o>o.text", params)
    plan = plan_of(draw(*LOOP, looping(1, 3)), library(inner, outer))
    assert len({step.id for step in plan.steps}) == len(plan.steps)
    assert len(asked(plan)) == 9
    assert max(len(step.id) for step in plan.steps if not step.gate) <= LONGEST_NAME


def test_rounds_and_ports_may_have_each_others_names() -> None:
    """Nodes may be called like rounds, and like the rooms between them."""
    inner = draw(
        "1:in.text after-1:in.text for-1:llm.reason 2:out.text d:out.text",
        "1.text>for-1.prompt after-1.text>for-1.system for-1.text>2.text for-1.reasons>d.text",
        {"1": TEXT, "2": TEXT, "after-1": {"name": "how"}},
    )
    nodes, edges = "a:in.text b:in.text w:loop.it o:out.text", "a.text>w.1 b.text>w.after-1 w.2>o.text"
    plan = plan_of(draw(nodes, edges, looping(0, at="d")), library(inner))
    assert len({step.id for step in plan.steps}) == len(plan.steps)
    assert asked(plan, "llm.reason") == [f"w/{n}/for-1" for n in (1, 2, 3)]
    nodes, edges = "a:in.text b:in.text w:map.it o:out.texts", "a.text>w.1 b.text>w.after-1 w.2>o.texts"
    plan = plan_of(draw(nodes, edges, looping(0, at="1")), library(inner))
    assert len({step.id for step in plan.steps}) == len(plan.steps)


def test_the_gate_behind_it_is_drawn_on_the_wire_that_leaves_it() -> None:
    for drawn in (LOOP, MAP):
        plan = plan_of(draw(*drawn, looping(0)), library(ROUND))
        last = view_plan(plan, POLICY, {}, REGISTRY)["gates"][-1]
        assert last["sources"] == [{"node": "w", "port": "o"}]


def test_a_run_that_ends_at_it_shows_what_it_gives() -> None:
    for drawn, kind in ((LOOP, "text"), (MAP, "list[text]")):
        plan = compile_graph(draw(*drawn, looping(0)), POLICY, REGISTRY, to="w", library=library(ROUND)).plan
        assert plan is not None
        assert [(result.name, str(result.type)) for result in plan.results] == [("w.o", kind)]
