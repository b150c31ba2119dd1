"""Step keys: the same for what must give the same, another for whatever could change a result."""

from dataclasses import replace
from typing import Any

import pytest

from runtime.arithmetic import Arithmetic
from runtime.dispatch.states import StepState
from runtime.dispatch.step_key import Known, Surroundings, step_keys
from runtime.labels import Clearance, Source
from runtime.nodes.registry import Registry
from runtime.packs.control import NODE_TYPES as CONTROL
from runtime.plan import GATE, Plan, Ref
from runtime.ports import TEXT
from runtime.safety.filters import load_filters
from runtime.safety.policy import Action, FilterUse
from runtime.safety.ruling import Cut, Decision, Ruling
from runtime.values import Value
from tests.engine.segments import compiled
from tests.fixtures.runs import chain, drawing, stub_policy
from tests.packs_stub import NODE_TYPES
from tests.packs_stub.quoting import MODEL, quote

FILTERS = load_filters(("tests.packs_stub",))
AROUND = Surroundings(Registry(NODE_TYPES), FILTERS, {"m": "1" * 64}.get)
HELLO = {"text": Value(TEXT, "hello", frozenset({Source.USER}))}
CHAIN = chain(("a", "echo", {}), ("b", "nap", {"seconds": 0.0}))
# Two heavy branches, so that what joins them stands in a segment of its own.
FORK = drawing(
    ("in", "input", {"name": "text"}), ("a", "echo", {}), ("b", "echo", {}), ("j", "join", {}), ("c", "echo", {}),
    ("out", "output", {"name": "answer"}),
    edges="in.text>a.text in.text>b.text a.text>j.texts b.text>j.texts j.text>c.text c.text>out.text",
)  # fmt: skip


def keys(
    graph: dict[str, Any] = CHAIN, arguments: Any = HELLO, around: Surroundings = AROUND, **policy: Any
) -> Any:
    plan = compiled(graph, stub_policy(**policy))
    return step_keys(plan, 0, Known(arguments), around)


def gate_of(found: dict[str, str]) -> str:
    return next(key for name, key in found.items() if name.startswith("gate:"))


def test_the_same_drawing_has_the_same_keys_wherever_its_nodes_are_called_otherwise() -> None:
    renamed = chain(("x", "echo", {}), ("y", "nap", {"seconds": 0.0}))
    assert keys() == keys()
    assert (keys(renamed)["x"], keys(renamed)["y"]) == (keys()["a"], keys()["b"])


def test_a_changed_setting_changes_its_step_and_all_behind_it_and_nothing_before() -> None:
    changed, before = keys(chain(("a", "echo", {}), ("b", "nap", {"seconds": 0.1}))), keys()
    assert (changed["in"], changed["a"]) == (before["in"], before["a"])
    assert changed["b"] != before["b"] and gate_of(changed) != gate_of(before)


@pytest.mark.parametrize(
    "other",
    [
        Value(TEXT, "hullo", frozenset({Source.USER})),
        Value(TEXT, "hello", frozenset({Source.UPLOAD})),
        Value(TEXT, "hello", frozenset({Source.USER}), frozenset({Clearance("d", "r", "p")})),
    ],
)
def test_another_text_or_another_maker_or_clearance_of_it_changes_everything(other: Value) -> None:
    assert not set(keys(arguments={"text": other}).values()) & set(keys().values())


def test_another_policy_changes_the_gates_and_what_hangs_on_them_alone() -> None:
    plan = compiled(CHAIN, stub_policy())
    other = compiled(CHAIN, stub_policy(FilterUse("stub.words", Action.BLOCK)))
    found = [step_keys(item, 0, Known(HELLO), AROUND) for item in (plan, other)]
    assert found[0]["b"] == found[1]["b"] and gate_of(found[0]) != gate_of(found[1])


def test_another_version_of_a_filter_changes_the_gate() -> None:
    newer = {
        name: replace(item, spec=replace(item.spec, version=item.spec.version + 1))
        for name, item in FILTERS.items()
    }
    changed = keys(around=Surroundings(AROUND.registry, newer, AROUND.model))
    assert changed["b"] == keys()["b"] and gate_of(changed) != gate_of(keys())


def test_another_device_changes_what_a_model_makes_and_another_precision_only_what_paints() -> None:
    graph = chain(("a", "quote", {"model": "m"}), ("b", "echo", {}))

    def made(*arithmetic: str) -> dict[str, str]:
        return keys(graph, around=replace(AROUND, arithmetic=Arithmetic(*arithmetic)))  # type: ignore[no-any-return]

    cpu = made("cpu", "fp32")
    assert cpu == made("cpu", "int8"), "no picture, and what has no model neither"
    gpu = made("cuda", "fp32")
    assert gpu["in"] == cpu["in"] and gpu["a"] != cpu["a"] and gpu["b"] != cpu["b"]
    assert keys(graph)["a"] not in (cpu["a"], gpu["a"]), "what was kept before is not found"


def test_pictures_have_a_key_for_each_precision() -> None:
    paints = replace(quote, spec=replace(quote.spec, params=(replace(MODEL, capability="image"),)))
    registry = Registry([paints if item is quote else item for item in NODE_TYPES])
    graph = chain(("a", "quote", {"model": "m"}))
    found = [
        keys(graph, around=replace(AROUND, registry=registry, arithmetic=Arithmetic("cpu", named)))["a"]
        for named in ("fp32", "int8", "int8 compiled", "int8")
    ]
    assert len(set(found)) == 3 and found[1] == found[3]


def test_what_is_not_known_yet_has_no_key_and_what_is_known_counts_by_its_value() -> None:
    plan = compiled(FORK, stub_policy())
    last = plan.step("c").segment
    assert "c" not in step_keys(plan, last, Known(HELLO), AROUND)
    done = {"a": StepState.DONE, "b": StepState.CACHED}

    def known(text: str) -> dict[str, str]:
        values = {Ref("a", "text"): Value(TEXT, text), Ref("b", "text"): Value(TEXT, "b")}
        return step_keys(plan, last, Known(HELLO, done, values), AROUND)

    assert known("x")["c"] == known("x")["c"] != known("y")["c"]
    withheld = step_keys(plan, last, Known(HELLO, done | {"a": StepState.WITHHELD}), AROUND)
    assert "c" not in withheld


def test_a_step_whose_effects_are_felt_outside_has_no_key() -> None:
    plan = compiled(CHAIN, stub_policy())
    assert "a" in step_keys(plan, 0, Known(HELLO), AROUND)
    unknown: Plan = replace(
        plan, steps=tuple(s._replace(version=9) if s.id == "a" else s for s in plan.steps)
    )
    found = step_keys(unknown, 0, Known(HELLO), AROUND)
    assert "in" in found and not {"a", "b", *(s.id for s in plan.steps if s.type == GATE)} & found.keys()


def test_the_key_of_what_was_asked_is_that_of_the_answer_and_there_is_none_before() -> None:
    graph = chain(("w", "echo", {}), ("b", "echo", {}), between={"w": ("value", "answer")})
    next(node for node in graph["nodes"] if node["id"] == "w")["type"] = "control.ask"
    registry = Registry([*NODE_TYPES, *CONTROL])
    plan, around = compiled(graph, stub_policy(), registry), replace(AROUND, registry=registry)
    open_, *answered = (
        step_keys(plan, 0, Known(HELLO, answers=answers), around)
        for answers in ({}, {"w": "one"}, {"w": "one"}, {"w": "two"})
    )
    assert "in" in open_ and not {"w", "b", "out"} & open_.keys()
    one, again, two = answered
    assert one == again and one["in"] == two["in"] == open_["in"]
    assert one["w"] != two["w"] and one["b"] != two["b"]


def test_what_a_person_ruled_is_part_of_the_key_of_its_gate() -> None:
    plan = compiled(CHAIN, stub_policy())
    (gate,) = (step.id for step in plan.steps if step.type == GATE)
    rulings = [
        Ruling(Decision.ALLOW, "d", ("r",), "p"),
        Ruling(Decision.REDACT, "d", ("r",), "p", (Cut(None, 0, 1),)),
        Ruling(Decision.REDACT, "d", ("r",), "p", (Cut(None, 0, 2),)),
    ]
    found = [
        step_keys(plan, 0, Known(HELLO, rulings={gate: ruling} if ruling else {}), AROUND)
        for ruling in (None, *rulings, rulings[0])
    ]
    assert len({item[gate] for item in found}) == len({item["out"] for item in found}) == 4
    assert found[1] == found[4] and len({item["b"] for item in found}) == 1


def test_what_has_ended_counts_by_the_key_that_was_written_down() -> None:
    plan = compiled(CHAIN, stub_policy())
    fresh = step_keys(plan, 0, Known(HELLO), AROUND)
    ended = {"in": StepState.DONE, "a": StepState.DONE}
    as_keyed = Known(HELLO, ended, keys={"in": fresh["in"], "a": fresh["a"]})
    assert step_keys(plan, 0, as_keyed, AROUND) == fresh
    fell_back = Known(HELLO, ended, keys={"in": fresh["in"], "a": ""})
    assert step_keys(plan, 0, fell_back, AROUND) == {"in": fresh["in"]}


def test_a_gate_whose_filters_have_another_model_has_another_key() -> None:
    read = replace(FILTERS["stub.words"], spec=replace(FILTERS["stub.words"].spec, model="m"))
    hands = replace(FILTERS["stub.secrets"], spec=replace(FILTERS["stub.secrets"].spec, uses=("stub.words",)))
    filters = FILTERS | {"stub.words": read}
    chains = {
        "its own": (filters, "stub.words"),
        "one's that it uses": (filters | {"stub.secrets": hands}, "stub.secrets"),
    }
    for filters, name in chains.values():
        one, other = (
            gate_of(
                step_keys(
                    compiled(CHAIN, stub_policy(FilterUse(name, Action.BLOCK))), 0, Known(HELLO),
                    replace(AROUND, filters=filters, model={"m": digest * 64}.get),
                )
            )
            for digest in "12"
        )  # fmt: skip
        assert one != other
        unknown = replace(AROUND, filters=filters, model=lambda name: None)
        plan = compiled(CHAIN, stub_policy(FilterUse(name, Action.BLOCK)))
        gates = {step.id for step in plan.steps if step.gate is not None}
        assert not gates & set(step_keys(plan, 0, Known(HELLO), unknown)), "nobody knows what would answer"
