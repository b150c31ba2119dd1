"""A label is promised like a filter: the compiler asks for it, verify looks for it, deliver refuses without it."""

import json
from dataclasses import replace

import pytest

from runtime.compiler.view import view_plan
from runtime.labelling.profile import UNLABELLED, Labelling, Profile
from runtime.labels import Clearance, Sink, Source
from runtime.plan import GateChain, Plan
from runtime.ports import NUMBER, TEXT, Kind
from runtime.safety.deliver import NotCleared, deliver
from runtime.safety.policy import Policy, default_policy
from runtime.safety.verify import verify
from runtime.values import Value, digest
from tests.engine.segments import REGISTRY, compiled
from tests.fixtures.runs import chain, drawing, stub_policy
from tests.safety.surgery import without_gate

CN = Labelling(Profile.CN, "zh", "水闸示例公司")
LABELLED = replace(stub_policy(), labelling=CN)
RULE = "labelling:person"


def plan(*middle: tuple[str, str, dict[str, object]], policy: Policy = LABELLED) -> Plan:
    return compiled(chain(*middle), policy)


def unlabelling(made: Plan) -> Plan:
    """The plan with every gate left in place, and none of them asked to label."""
    steps = tuple(
        step._replace(gate=GateChain(tuple(r for r in step.gate.rules if r != RULE), step.gate.chain))
        if step.gate
        else step
        for step in made.steps
    )
    return replace(made, steps=steps)


def test_the_gate_before_a_person_names_the_label_and_the_plan_stands() -> None:
    made = plan(("say", "echo", {}))
    (gate,) = [step for step in made.steps if step.gate]
    assert gate.gate and gate.gate.rules == ("person-text", RULE)
    assert verify(made, LABELLED, REGISTRY) == ()


def test_a_gate_that_forgets_the_label_is_noticed() -> None:
    made = unlabelling(plan(("say", "echo", {})))
    (found,) = verify(made, LABELLED, REGISTRY)
    assert RULE in found


def test_a_label_is_asked_for_where_no_filter_is() -> None:
    free = replace(
        LABELLED, rules=tuple(replace(r, chain=()) if r.id == "person-text" else r for r in LABELLED.rules)
    )
    made = plan(("say", "echo", {}), policy=free)
    (gate,) = [step for step in made.steps if step.gate]
    assert gate.gate and gate.gate.rules == (RULE,)
    assert verify(made, free, REGISTRY) == ()
    assert any(RULE in found for found in verify(without_gate(made, gate), free, REGISTRY))


def test_what_no_model_touched_needs_no_label() -> None:
    made = plan(("loud", "upper", {}))
    assert all(RULE not in step.gate.rules for step in made.steps if step.gate)
    assert verify(made, LABELLED, REGISTRY) == ()


def test_a_model_is_told_nothing_of_labels() -> None:
    made = compiled(
        drawing(
            ("in", "input", {"name": "text"}), ("say", "echo", {}), ("ask", "ask", {}), ("out", "output", {"name": "a"}),
            edges="in.text>say.text say.text>ask.prompt ask.text>out.text",
        ),
        LABELLED,
    )  # fmt: skip
    before_model = [s for s in made.steps if s.gate and "model-text" in s.gate.rules]
    assert before_model and all(RULE not in step.gate.rules for step in before_model if step.gate)


def made_by(text: str, *rules: str, sources: frozenset[Source] = frozenset({Source.MODEL})) -> Value:
    clearances = frozenset(Clearance(digest(TEXT, text), rule, LABELLED.digest) for rule in rules)
    return Value(TEXT, text, sources, clearances)


def test_deliver_writes_a_labelled_text() -> None:
    value = made_by("以下内容由人工智能生成。\n\n你好", "person-text", RULE)
    assert deliver(value, Sink.PERSON, LABELLED, lambda passed: passed) == value


@pytest.mark.parametrize(
    "value",
    [
        made_by("以下内容由人工智能生成。\n\n你好", "person-text"),
        made_by("你好", "person-text", RULE),
        made_by("你好", "person-text", RULE, sources=frozenset()),
    ],
    ids=["a label that no gate put there", "a clearance without its label", "unknown makers"],
)
def test_deliver_refuses_what_is_not_labelled(value: Value) -> None:
    written: list[Value] = []
    with pytest.raises(NotCleared):
        deliver(value, Sink.PERSON, LABELLED, written.append)
    assert written == []


def test_a_persons_own_text_and_a_number_pass_without_a_label() -> None:
    own = made_by("你好", "person-text", sources=frozenset({Source.USER}))
    assert deliver(own, Sink.PERSON, LABELLED, lambda passed: passed) == own
    given = made_by("你好", "person-text", RULE, sources=frozenset({Source.UPLOAD}))
    assert deliver(given, Sink.PERSON, LABELLED, lambda passed: passed) == given
    labelled = replace(default_policy(), labelling=CN)
    number = Value(NUMBER, 3, frozenset({Source.MODEL}))
    judged = Clearance(number.digest, "person-number", labelled.digest)
    number = replace(number, clearances=frozenset({judged}))
    assert deliver(number, Sink.PERSON, labelled, lambda passed: passed) == number


def test_the_label_stands_in_every_sink_that_people_reach_and_in_no_other() -> None:
    for sink in Sink:
        asked = {rule.id for rule in LABELLED.rules_for(sink, Kind.IMAGE, {Source.MODEL})}
        assert (f"labelling:{sink}" in asked) == (sink in (Sink.PERSON, Sink.OUTSIDE))


def test_a_policy_from_before_there_were_labels_reads_as_none_and_keeps_its_digest() -> None:
    old = json.loads(json.dumps(default_policy().to_json()))
    assert "labelling" not in old
    read = Policy.from_json(old)
    assert read.labelling == UNLABELLED and read.digest == default_policy().digest


def test_the_labelling_of_a_policy_is_kept_and_changes_its_digest() -> None:
    data = json.loads(json.dumps(LABELLED.to_json()))
    assert data["labelling"] == {"profile": "cn", "language": "zh", "producer": "水闸示例公司"}
    assert Policy.from_json(data) == LABELLED
    assert LABELLED.digest != stub_policy().digest


@pytest.mark.parametrize(
    "labelling",
    [
        {"profile": "us"},
        {"profile": "cn"},
        {"profile": "cn", "producer": " "},
        {"profile": "cn", "producer": "x", "language": "en"},
        {"profile": "eu", "language": "fr"},
        {"profile": "eu", "producer": "two\nlines"},
        {"profile": "eu", "producer": "x" * 201},
    ],
)
def test_a_labelling_that_its_law_does_not_allow_is_refused(labelling: dict[str, str]) -> None:
    with pytest.raises(ValueError):
        Policy.from_json(stub_policy().to_json() | {"labelling": labelling})


def test_no_rule_of_an_administrator_can_pass_for_a_label() -> None:
    data = stub_policy().to_json()
    data["rules"][0]["id"] = RULE
    with pytest.raises(ValueError):
        Policy.from_json(data)


def test_the_canvas_is_told_why_a_gate_labels() -> None:
    made = plan(("say", "echo", {}))
    (gate,) = view_plan(made, LABELLED, {}, REGISTRY)["gates"]
    told = {rule["id"]: rule for rule in gate["rules"]}
    assert told[RULE]["title"] == {"en": "AI label", "zh": "AI 标识"}
    assert told[RULE]["reason"]["zh"] and told[RULE]["reason"]["en"]
