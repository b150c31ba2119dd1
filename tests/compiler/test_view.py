"""The plan as people look at it: each gate with its sink, whose bytes make it necessary, and what its filters cost."""

import sys
from dataclasses import replace
from typing import Any

from runtime.compiler.compile import compile_graph
from runtime.compiler.view import view_plan
from runtime.graph.calls import Library
from runtime.graph.parse import parse_graph
from runtime.plan import Plan
from runtime.safety.filters import load_filters
from runtime.safety.policy import Policy
from runtime.values import Json
from tests.engine.segments import REGISTRY, compiled
from tests.fixtures.runs import chain, drawing, stub_policy

FILTERS = load_filters(("tests.packs_stub",))


def gates(graph: dict[str, Any], policy: Policy | None = None) -> list[dict[str, Json]]:
    policy = policy or stub_policy()
    plan: Plan = compiled(graph, policy)
    seen = view_plan(plan, policy, FILTERS, REGISTRY)["gates"]
    assert isinstance(seen, list)
    return seen


def test_a_gate_names_its_sink_and_who_made_what_goes_through() -> None:
    (gate,) = gates(chain(("a", "upper", {})))
    assert (gate["sink"], gate["origins"]) == ("person", ["user"])


def test_what_a_model_says_is_the_models_and_whoever_asked_it() -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("m", "ask", {}), ("out", "output", {"name": "answer"}),
        edges="in.text>m.prompt m.text>out.text",
    )  # fmt: skip
    seen = {gate["sink"]: gate["origins"] for gate in gates(graph)}
    assert seen["model"] == ["user"]
    assert set(seen["person"]) == {"model", "user"}


def test_sources_that_no_rule_of_the_gate_speaks_of_are_not_named() -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("own", "author", {}), ("j", "join", {}), ("m", "ask", {}),
        ("out", "output", {"name": "answer"}),
        edges="in.text>j.texts own.text>j.texts j.text>m.prompt m.text>out.text",
    )  # fmt: skip
    prompt = next(gate for gate in gates(graph) if gate["sink"] == "model")
    # The author's words need no filter on their way to a model: it is the user's that do.
    assert prompt["origins"] == ["user"]


def test_each_filter_says_what_it_costs_and_one_that_is_gone_says_nothing() -> None:
    policy = stub_policy()
    plan = compiled(chain(("a", "echo", {})), policy)
    (gate,) = view_plan(plan, policy, {}, REGISTRY)["gates"]
    assert [(item["id"], item["title"]["en"], item["cost"]) for item in gate["filters"]] == [
        ("stub.secrets", "stub.secrets", 0.0),
        ("stub.words", "stub.words", 0.0),
    ]
    (known,) = gates(chain(("a", "echo", {})))
    assert all(item["cost"] == FILTERS[item["id"]].spec.cost for item in known["filters"])


def test_looking_at_a_plan_grows_with_it_and_not_with_its_square() -> None:
    """Whoever opens a run of two thousand steps must not keep the server busy for half a minute."""

    def looked(length: int) -> int:
        names = [f"a{number}" for number in range(length)]
        graph = chain(
            *((name, "ask", {}) for name in names), between=dict.fromkeys(names, ("prompt", "text"))
        )
        policy = stub_policy()
        plan = compiled(graph, policy)
        counted = 0

        def count(*_: object) -> None:
            nonlocal counted
            counted += 1

        before = sys.getprofile()
        sys.setprofile(count)
        try:
            view_plan(plan, policy, FILTERS, REGISTRY)
        finally:
            sys.setprofile(before)
        return counted

    assert looked(120) < 5 * looked(30)


def test_the_gate_of_a_setting_stands_at_the_node_that_has_it() -> None:
    *others, author = stub_policy().rules
    strict = replace(stub_policy(), rules=(*others, replace(author, chain=others[0].chain)))
    graph = chain(("m", "instruct", {"system": "be brief"}), between={"m": ("prompt", "text")})
    (gate,) = [gate for gate in gates(graph, strict) if gate["origins"] == ["author"]]
    assert gate["sources"] == gate["targets"] == [{"node": "m", "port": "system"}]


def test_the_gate_of_a_template_s_setting_names_people_elsewhere() -> None:
    graph, _ = parse_graph(
        chain(("m", "instruct", {"system": "be brief"}), between={"m": ("prompt", "text")})
    )
    assert graph is not None
    plan = compile_graph(graph, stub_policy(), REGISTRY, library=Library(copied=True)).plan
    assert plan is not None
    found = view_plan(plan, stub_policy(), FILTERS, REGISTRY)["gates"]
    assert ["retrieved"] in [gate["origins"] for gate in found]
