"""Words of settings that a model is told: where they stand in the plan, whose they are, and how such plans are kept."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from runtime.compiler.compile import compile_graph
from runtime.graph.calls import Call, Callee, Library
from runtime.plan import Plan, Ref, Step, is_signed, sign
from runtime.safety.policy import Action, FilterUse, Policy, default_policy
from runtime.safety.verify import verify
from tests.compiler.drawing import draw
from tests.compiler.nodes import REGISTRY

CHAT = ("a:in.text m:llm.told o:out.text", "a.text>m.prompt m.text>o.text")
SAMPLE = Path(__file__).with_name("copied.plan.json")
PLAIN = default_policy()
STRICT = replace(
    PLAIN,
    rules=tuple(
        replace(r, chain=(FilterUse("safety.words", Action.BLOCK),)) if r.id == "model-author" else r
        for r in PLAIN.rules
    ),
)
CALL = Call("00000000-0000-7000-8000-000000000001", 1)


def plan_of(said: dict[str, Any], policy: Policy = PLAIN, library: Library = Library()) -> Plan:  # noqa: B008 - frozen
    plan = compile_graph(draw(*CHAT, {"m": said}), policy, REGISTRY, library=library).plan
    assert plan is not None and verify(plan, policy, REGISTRY) == ()
    return plan


def feeder(plan: Plan, port: str) -> Step:
    binding = plan.step("m").binding(port)
    assert binding is not None
    return plan.step(binding.refs[0].step)


def test_words_leave_the_setting_and_stand_at_a_port_as_their_author_wrote_them() -> None:
    plan = plan_of({"system": "be brief", "stop": ["a", "b"]})
    assert plan.step("m").params == {}
    words, stop = feeder(plan, "system"), feeder(plan, "stop")
    assert (words.id, words.type, words.params) == ("told:m.system", "fixed.text", {"value": "be brief"})
    assert (stop.type, stop.params) == ("fixed.text_list", {"value": ["a", "b"]})
    assert {words.node, stop.node} == {"m"}, "their state is the node's"


def test_an_empty_setting_says_nothing() -> None:
    plan = plan_of({"system": "", "stop": []})
    assert plan.step("m").params == {"system": "", "stop": []}
    assert replace(plan, graph="") == replace(plan_of({}), graph="")


def test_the_author_is_trusted_where_the_policy_says_so_and_gated_where_it_does_not() -> None:
    assert feeder(plan_of({"system": "be brief"}), "system").gate is None
    gate = feeder(plan_of({"system": "be brief"}, STRICT), "system").gate
    assert gate is not None and gate.rules == ("model-author",)


def test_words_of_people_elsewhere_are_gated_like_what_is_typed() -> None:
    plan = plan_of({"system": "be brief"}, library=Library(copied=True))
    gate = feeder(plan, "system").gate
    assert gate is not None and "model-text" in gate.rules


def test_the_rounds_of_a_loop_share_what_they_are_told_and_its_gate() -> None:
    called = draw("i:in.text m:llm.told i_:out.text", "i.text>m.prompt m.text>i_.text",
                  {"m": {"system": "be brief"}, "i": {"name": "i"}, "i_": {"name": "i"}})  # fmt: skip
    graph = draw("a:in.text w:loop.it o:out.text", "a.text>w.i w.i_>o.text",
                 {"w": {"workflow": str(CALL), "times": 5, "at": ""}})  # fmt: skip
    plan = compile_graph(graph, STRICT, REGISTRY, library=Library({CALL: Callee(called, "c")})).plan
    assert plan is not None
    told = [step.id for step in plan.steps if step.id.startswith("told:")]
    models = [step for step in plan.steps if step.type == "llm.told"]
    assert (len(told), len(models)) == (1, 5)
    gates = {binding.refs[0].step for step in models if (binding := step.binding("system"))}
    assert len(gates) == 1


def test_verify_refuses_words_that_are_left_in_the_setting_whatever_the_policy_asks() -> None:
    """As in plans from before words left their settings."""
    plan = plan_of({"system": "be brief"})
    old = tuple(
        step._replace(params={"system": "be brief"}, bindings=step.bindings[:1]) if step.id == "m" else step
        for step in plan.steps
    )
    (said,) = verify(replace(plan, steps=old), PLAIN, REGISTRY)
    assert "system" in said
    dressed = tuple(
        step._replace(params={"system": {"as": "json"}}) if step.id == "m" else step for step in plan.steps
    )
    assert verify(replace(plan, steps=dressed), PLAIN, REGISTRY)


def test_verify_believes_no_plan_that_takes_a_stranger_s_words_past_a_gate() -> None:
    plan = plan_of({"system": "be brief"})
    assert verify(replace(plan, copied=True), PLAIN, REGISTRY)


def test_a_plan_that_is_not_copied_is_written_as_before_and_one_that_is_has_its_sample() -> None:
    plain = plan_of({"system": "be brief"})
    assert "copied" not in plain.to_json()
    copied = plan_of({"system": "be brief"}, library=Library(copied=True))
    stored = json.loads(SAMPLE.read_text(encoding="utf-8"))
    assert Plan.from_json(stored).to_json() == stored
    assert Plan.from_json(stored).copied
    mac = sign(copied, b"key")
    assert is_signed(Plan.from_json(copied.to_json()), b"key", mac)
    assert not is_signed(replace(copied, copied=False), b"key", mac)


def test_the_step_of_a_setting_gives_what_stands_in_it() -> None:
    plan = plan_of({"system": "be brief"})
    words = feeder(plan, "system")
    made = REGISTRY.get(words.type, words.version)
    assert made is not None
    assert made.run(None, **words.params) == {"value": "be brief"}
    binding = plan.step("m").binding("system")
    assert binding is not None and binding.refs == (Ref(words.id, "value"),)
