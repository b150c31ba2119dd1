"""Drawings whose names, sizes and settings were chosen to mislead the compiler."""

import hashlib
from dataclasses import replace
from typing import Any

import pytest

from runtime.compiler.compile import compile_graph
from runtime.compiler.passes.inline import MAX_CALLED_BYTES, MAX_CALLED_EDGES
from runtime.errors import UserError
from runtime.graph.model import Graph, OnError
from runtime.labels import Source
from runtime.nodes.registry import Registry
from runtime.nodes.spec import Param, ParamKind, Purpose, Reach
from runtime.plan import Ref
from runtime.ports import NUMBER, TEXT
from runtime.safety.policy import default_policy
from runtime.safety.verify import verify
from tests.compiler.drawing import draw
from tests.compiler.nodes import REGISTRY, inp, make, out, words
from tests.compiler.test_calls import OUTER, call, calling, codes, library, plan_of

POLICY = default_policy()


def with_on_error(graph: Graph, node: str, on_error: OnError) -> Graph:
    return replace(
        graph, nodes=tuple(replace(n, on_error=on_error) if n.id == node else n for n in graph.nodes)
    )


def test_no_node_can_be_called_like_one_whose_name_grew_too_long() -> None:
    """Long names become hashes, and who draws what is called can count them out beforehand."""
    long = "n" * 64
    whole = f"{long}/{long}/m"
    guessed = hashlib.sha256(whole.encode()).hexdigest()[:32]
    inner = draw("i:in.text m:llm.ask o:out.text", "i.text>m.prompt m.text>o.text")
    middle = draw(
        f"i:in.text {long}:call.it {guessed}:author.text j:text.join o:out.text",
        f"i.text>{long}.i {long}.o>j.texts {guessed}.text>j.texts j.text>o.text",
        {long: {"workflow": str(call(0))}},
    )
    graph = draw(
        f"i:in.text {long}:call.it o:out.text",
        f"i.text>{long}.i {long}.o>o.text",
        {long: {"workflow": str(call(1))}},
    )
    plan = plan_of(graph, library(inner, middle))
    assert len({step.id for step in plan.steps}) == len(plan.steps)
    assert [step.type for step in plan.steps if not step.gate].count("llm.ask") == 1


def test_two_gates_never_share_a_name_however_the_nodes_are_called() -> None:
    """Eight digits of a hash are soon found twice by whoever may choose the names."""
    one, other = _alike()
    nodes = f"a:in.text {one}:in.text {other}:in.text o:out.texts p:out.texts"
    edges = f"a.text>o.texts {one}.text>o.texts a.text>p.texts {other}.text>p.texts"
    result = compile_graph(draw(nodes, edges), POLICY, REGISTRY)
    assert result.plan is not None
    gates = [step.id for step in result.plan.steps if step.gate]
    assert len(gates) == len(set(gates)) == 2
    assert verify(result.plan, POLICY, REGISTRY) == ()


def _alike() -> tuple[str, str]:
    """Two names of nodes whose gates' hashes begin alike."""
    seen: dict[str, str] = {}
    for number in range(1_000_000):
        name = f"b{number}"
        named = repr(((Ref("a", "text"), Ref(name, "text")), ("person-text",)))
        short = hashlib.sha256(named.encode()).hexdigest()[:8]
        if short in seen:
            return seen[short], name
        seen[short] = name
    raise AssertionError


def test_by_the_way_of_its_failure_an_input_that_is_called_gives_nothing() -> None:
    """A port of a call cannot fail: what an input does when it does would be lost, or be done always."""
    drawn = draw("i:in.text o:out.text p:out.text", "i.text>o.text i.error>p.text")
    inner = with_on_error(drawn, "i", OnError({}, "It failed."))
    graph = draw("a:in.text w0:call.it o:out.text", "a.text>w0.i w0.p>o.text", calling(call(0)))
    assert ("call_unfit", "w0", None) in codes(graph, library(inner))


def test_what_is_called_often_is_counted_in_bytes_as_often_as_it_is_called() -> None:
    """A plan goes through the database and to a child whole; two megabytes in a thousand places are two gigabytes."""
    big = draw(
        "i:in.text t:text.template o:out.text",
        "i.text>t.x t.text>o.text",
        {"t": {"template": "{{x}}" + "a" * 19_000}},
    )
    plan_of(draw(*OUTER, calling(call(0))), library(big))
    times = MAX_CALLED_BYTES // 19_000 + 1
    assert ("call_too_heavy", f"w{times - 1}", None) in codes(_fan(times), library(big))


def test_what_is_called_often_is_counted_in_connections_too() -> None:
    wide = draw("i:in.text j:text.join o:out.text", " ".join(["i.text>j.texts"] * 1_000 + ["j.text>o.text"]))
    plan_of(draw(*OUTER, calling(call(0))), library(wide))
    times = MAX_CALLED_EDGES // 1_000 + 1
    assert ("call_too_heavy", f"w{times - 1}", None) in codes(_fan(times), library(wide))


def _fan(times: int) -> Graph:
    """Workflow 0, called so many times."""
    calls = " ".join(f"w{n}:call.it" for n in range(times))
    edges = " ".join(f"a.text>w{n}.i w{n}.o>o.texts" for n in range(times))
    params: dict[str, Any] = calling(*[call(0)] * times)
    return draw(f"a:in.text {calls} o:out.texts", edges, params)


def test_the_bounds_of_a_number_hold_for_who_calls_too() -> None:
    """Who drew it may count on them: a loop of steps, the size of a picture."""
    bounds = (
        Param("minimum", ParamKind.NUMBER, words("minimum"), Reach.NOWHERE),
        Param("maximum", ParamKind.NUMBER, words("maximum"), Reach.NOWHERE),
    )
    known = Registry(
        [
            *REGISTRY,
            make("in.bounded", outputs=(out("number", NUMBER, Source.USER),), params=bounds, purpose=Purpose.INPUTS),
        ]
    )  # fmt: skip
    inner = draw("i:in.bounded o:out.number", "i.number>o.number", {"i": {"minimum": 1, "maximum": 3}})
    graph = draw("a:in.number w0:call.it o:out.number", "a.number>w0.i w0.o>o.number", calling(call(0)))
    door = plan_of(graph, library(inner), known).step("w0/i")
    assert door.params == {"minimum": 1, "maximum": 3}
    relay = known.get(door.type, door.version)
    assert relay is not None
    assert relay.run(None, value=3, **door.params) == {"value": 3}
    for value in (0, 4):
        with pytest.raises(UserError, match="input_out_of_range"):
            relay.run(None, value=value, **door.params)


def test_a_router_that_fails_goes_one_way_alone() -> None:
    """Its ways may feed one input because never more than one of them carries something."""
    one, other = out("one", TEXT), out("other", TEXT)
    known = Registry([*REGISTRY, make("route.text", (inp("text", TEXT),), (one, other), routes=True)])
    drawn = draw("a:in.text r:route.text o:out.text", "a.text>r.text r.one>o.text r.other>o.text")

    def issues(**values: str) -> list[tuple[str, str | None]]:
        result = compile_graph(with_on_error(drawn, "r", OnError(values)), POLICY, known)
        return [(issue.code, issue.node) for issue in result.issues]

    assert issues(one="x") == []
    assert issues(one="x", other="y") == [("on_error_unfit", "r")]


def test_what_takes_the_same_text_alone_and_in_a_list_has_a_gate_of_its_own() -> None:
    """A list of one text is other bytes than the text: cleared as the one, it would be refused as the other."""
    result = compile_graph(
        draw("a:in.text o:out.text p:out.texts q:out.json", "a.text>o.text a.text>p.texts a.text>q.data"),
        POLICY,
        REGISTRY,
    )
    assert result.plan is not None
    types = [str(step.outputs[0][1]) for step in result.plan.steps if step.gate]
    assert sorted(types) == ["json", "list[text]", "text"]
    for step in result.plan.steps:
        if step.id in ("o", "p", "q"):
            (binding,) = step.bindings
            assert result.plan.step(binding.refs[0].step).outputs == (("value", binding.type),)
