"""What the compiler accepts, what it refuses, and that it says everything at once."""

from typing import Any

import pytest

from runtime.compiler.compile import Compiled, compile_graph
from runtime.plan import GATE, Plan, is_signed, sign
from runtime.safety.policy import default_policy
from tests.compiler.drawing import draw
from tests.compiler.nodes import REGISTRY

CHAT = ("q:in.text t:text.template m:llm.ask a:out.text", "q.text>t.x t.text>m.prompt m.text>a.text")


def compiled(nodes: str, edges: str = "", params: dict[str, dict[str, Any]] | None = None) -> Compiled:
    return compile_graph(draw(nodes, edges, params), default_policy(), REGISTRY)


def plan_of(nodes: str, edges: str = "", params: dict[str, dict[str, Any]] | None = None) -> Plan:
    result = compiled(nodes, edges, params)
    assert result.plan is not None, result.issues
    return result.plan


def codes(
    nodes: str, edges: str = "", params: dict[str, dict[str, Any]] | None = None
) -> list[tuple[str, str | None]]:
    result = compiled(nodes, edges, params)
    assert result.plan is None
    return [(issue.code, issue.node or issue.edge) for issue in result.issues]


def gates(plan: Plan) -> dict[str, tuple[str, ...]]:
    return {step.id.rsplit(":", 1)[0]: step.gate.rules for step in plan.steps if step.gate}


def test_a_chat_gets_a_gate_before_the_model_and_one_before_the_person() -> None:
    plan = plan_of(*CHAT)
    assert gates(plan) == {"gate:t.text": ("model-text",), "gate:m.text": ("person-text",)}
    assert [step.id.split(":")[0] for step in plan.steps] == ["q", "t", "gate", "m", "gate", "a"]


def test_a_text_chain_is_one_segment() -> None:
    plan = plan_of(*CHAT)
    assert len(plan.segments) == 1
    assert plan.segments[0].resource == "cpu"


def test_two_heavy_branches_are_segments_of_their_own_and_neither_waits_for_the_other() -> None:
    plan = plan_of(
        "q:in.text m:llm.ask n:llm.ask j:text.join a:out.text",
        "q.text>m.prompt q.text>n.prompt m.text>j.texts n.text>j.texts j.text>a.text",
    )
    home = {step.id: step.segment for step in plan.steps}
    assert home["m"] != home["n"]
    needs = {segment.index: segment.needs for segment in plan.segments}
    assert home["n"] not in needs[home["m"]] and home["m"] not in needs[home["n"]]
    assert set(needs[home["j"]]) == {home["m"], home["n"]}


def test_heavy_steps_in_a_row_share_a_segment() -> None:
    plan = plan_of(
        "q:in.text m:llm.ask d:image.draw a:out.image", "q.text>m.prompt m.text>d.prompt d.image>a.image"
    )
    assert [segment.resource for segment in plan.segments] == ["gpu"]


def test_text_by_the_author_alone_needs_no_gate_before_a_model() -> None:
    plan = plan_of("t:author.text m:llm.ask a:out.text", "t.text>m.prompt m.text>a.text")
    assert list(gates(plan)) == ["gate:m.text"]


def test_two_sinks_fed_by_one_output_under_the_same_rules_share_a_gate() -> None:
    plan = plan_of(
        "q:in.text m:llm.ask n:llm.ask a:out.text b:out.text",
        "q.text>m.prompt q.text>n.prompt m.text>a.text n.text>b.text",
    )
    assert len([step for step in plan.steps if step.type == GATE]) == 3


def test_a_gate_stands_after_the_merge_of_branches() -> None:
    plan = plan_of(
        "q:in.text c:control.if m:llm.ask n:llm.ask a:out.text",
        "q.text>c.value c.then>m.prompt c.otherwise>n.prompt m.text>a.text n.text>a.text",
    )
    (gate,) = [step for step in plan.steps if step.gate and step.gate.rules == ("person-text",)]
    assert [ref.step for ref in gate.bindings[0].refs] == ["m", "n"]


def test_pictures_get_the_picture_gate() -> None:
    plan = plan_of("p:in.image a:out.image", "p.image>a.image")
    assert gates(plan) == {"gate:p.image": ("person-image",)}


def test_text_read_from_an_upload_is_gated_before_a_model() -> None:
    plan = plan_of(
        "p:in.image r:image.read m:llm.ask a:out.text", "p.image>r.image r.text>m.prompt m.text>a.text"
    )
    assert gates(plan)["gate:r.text"] == ("model-text",)


def test_a_number_reaches_a_person_through_the_gate_of_numbers() -> None:
    assert gates(plan_of("n:in.number a:out.number", "n.number>a.number")) == {
        "gate:n.number": ("person-number",)
    }


def test_a_number_shown_as_text_is_gated_as_text() -> None:
    assert gates(plan_of("n:in.number a:out.text", "n.number>a.text")) == {"gate:n.number": ("person-text",)}


def test_what_leads_nowhere_is_left_out_with_a_warning() -> None:
    result = compiled("q:in.text m:llm.ask a:out.text", "q.text>a.text q.text>m.prompt")
    assert result.plan is not None
    assert "m" not in {step.id for step in result.plan.steps}
    assert [(issue.code, issue.node) for issue in result.issues] == [("unused", "m")]


def test_all_mistakes_are_told_at_once() -> None:
    found = codes(
        "x:no.such q:in.text j:text.join d:image.draw a:out.text b:out.text",
        "x.text>a.text q.nope>d.prompt q.text>d.image",
        {"j": {"count": 9, "what": 1}, "a": {"name": "same"}, "b": {"name": "same"}},
    )
    assert set(found) == {
        ("node_type_unknown", "x"),
        ("param_invalid", "j"),
        ("param_unknown", "j"),
        ("name_taken", "b"),
        ("port_unknown", "q"),
        ("type_mismatch", "d"),
        ("input_missing", "j"),
        ("input_missing", "d"),
        ("input_missing", "b"),
        ("unused", "j"),
        ("unused", "q"),
        ("unused", "q"),
        ("unused", "d"),
    }


@pytest.mark.parametrize(
    ("nodes", "edges", "expected"),
    [
        ("a:text.join b:text.join", "a.text>b.texts b.text>a.texts", {("cycle", "a"), ("cycle", "b")}),
        ("", "", {("no_output", None)}),
        ("q:in.text a:out.image", "q.text>a.image", {("type_mismatch", "a")}),
        ("q:in.text r:in.text a:out.text", "q.text>a.text r.text>a.text", {("input_crowded", "a")}),
        ("q:in.text a:out.text", "q.text>a.text z.text>a.text", {("edge_loose", "e1")}),
        ("t:text.template a:out.text", "t.text>a.text", {("input_missing", "t")}),
    ],
)
def test_a_mistake_is_named_where_it_is(
    nodes: str, edges: str, expected: set[tuple[str, str | None]]
) -> None:
    assert {
        item for item in codes(nodes, edges) if item[0] != "no_output" or ("no_output", None) in expected
    } == expected


@pytest.mark.parametrize("name", ["template", "context"])
def test_a_placeholder_may_not_take_a_name_of_the_node_itself(name: str) -> None:
    text = f"{{{{x}}}} {{{{{name}}}}}"
    result = compiled(
        "q:in.text t:text.template a:out.text",
        f"q.text>t.x q.text>t.{name} t.text>a.text",
        {"t": {"template": text}},
    )
    (issue,) = result.issues
    assert result.plan is None
    assert (issue.code, issue.node, issue.param) == ("placeholder_reserved", "t", "template")
    assert f"“{name}”" in issue.message.en and f"“{name}”" in issue.message.zh


def test_what_hangs_below_a_cycle_is_not_called_part_of_it() -> None:
    found = codes(
        "a:text.join b:text.join c:text.join o:out.text",
        "a.text>b.texts b.text>a.texts b.text>c.texts c.text>o.text",
    )
    assert {node for code, node in found if code == "cycle"} == {"a", "b"}


def test_one_choice_carries_one_type() -> None:
    found = codes(
        "q:in.text p:in.image c:control.if a:out.image", "q.text>c.value c.then>a.image p.image>c.condition"
    )
    assert ("type_mismatch", "a") in found and ("type_mismatch", "c") in found


def test_branches_of_different_choices_do_not_exclude_each_other() -> None:
    found = codes(
        "q:in.text c:control.if d:control.if a:out.text",
        "q.text>c.value q.text>d.value c.then>a.text d.otherwise>a.text",
    )
    assert found == [("input_crowded", "a")]


def test_a_plan_survives_json_and_its_signature_notices_any_change() -> None:
    plan = plan_of(*CHAT)
    again = Plan.from_json(plan.to_json())
    assert again == plan
    mac = sign(plan, b"key")
    assert is_signed(again, b"key", mac)
    changed = plan.to_json()
    changed["steps"][0]["params"] = {"name": "other"}
    assert not is_signed(Plan.from_json(changed), b"key", mac)


def test_dynamic_outputs_are_ports_like_any_other() -> None:
    plan = plan_of(
        "q:in.text s:control.switch a:out.text",
        "q.text>s.value s.case_1>a.text s.case_3>a.text",
        {"s": {"cases": ["one", "two", "three"]}},
    )
    assert gates(plan) == {"gate:s.case_1": ("person-text",)}


def test_two_outputs_of_a_choice_may_share_a_branch() -> None:
    plan = plan_of(
        "q:in.text s:control.switch t:text.template u:text.template a:out.text",
        "q.text>s.value s.case_1>t.x s.case_2>u.x s.other>u.x t.text>a.text u.text>a.text",
    )
    assert len(gates(plan)) == 1


def test_a_branch_shared_with_its_rival_does_not_exclude_it() -> None:
    found = codes(
        "q:in.text s:control.switch t:text.template u:text.template a:out.text",
        "q.text>s.value s.case_1>t.x s.case_1>u.x s.other>u.x t.text>a.text u.text>a.text",
    )
    assert found == [("input_crowded", "a")]
