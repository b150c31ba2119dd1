"""A plan whose gates could not do their work is told apart, with what to install."""

from dataclasses import replace

import pytest

from runtime.compiler.check_filters import check_filters
from runtime.compiler.compile import compile_graph
from runtime.plan import Plan
from runtime.safety.filters import load_filters
from runtime.safety.policy import Action, FilterUse, default_policy
from tests.compiler.drawing import draw
from tests.compiler.nodes import REGISTRY

FILTERS = load_filters(("runtime.packs.safety",))
MODELS = frozenset(item.spec.model for item in FILTERS.values() if item.spec.model)


def chat() -> Plan:
    graph = draw("q:in.text m:llm.ask a:out.text", "q.text>m.prompt m.text>a.text")
    plan = compile_graph(graph, default_policy(), REGISTRY).plan
    assert plan is not None
    return plan


def test_a_plan_whose_filters_are_here_has_no_issue() -> None:
    assert check_filters(chat(), FILTERS, MODELS) == ()


def test_a_missing_model_is_told_with_its_filter_its_place_and_the_command() -> None:
    (issue,) = check_filters(chat(), FILTERS, MODELS - {"svguardian"})
    title = FILTERS["safety.prompt_attack"].spec.title
    assert (issue.code, issue.severity, issue.node, issue.port) == (
        "filter_model_missing", "error", "m", "prompt",
    )  # fmt: skip
    for words, hint, name in (
        (issue.message.en, issue.hint.en, title.en),
        (issue.message.zh, issue.hint.zh, title.zh),
    ):
        assert name in words and "svguardian" in words
        assert "python3 manage.py models install svguardian" in hint
    assert "Models page" in issue.hint.en


def pictures() -> Plan:
    """A plan whose one picture meets the filter for text in pictures, which hands what it reads to text filters."""
    graph = draw("i:in.image s:out.image", "i.image>s.image")
    rules = tuple(
        replace(rule, chain=(FilterUse("safety.picture_text", Action.BLOCK),))
        if rule.id == "person-image"
        else rule
        for rule in default_policy().rules
    )
    plan = compile_graph(graph, replace(default_policy(), rules=rules), REGISTRY).plan
    assert plan is not None
    return plan


@pytest.mark.parametrize("model", ["rapidocr", "svguardian"])
def test_the_models_of_the_filters_that_a_filter_uses_are_needed_too(model: str) -> None:
    assert check_filters(pictures(), FILTERS, MODELS) == ()
    (issue,) = check_filters(pictures(), FILTERS, MODELS - {model})
    assert issue.code == "filter_model_missing"
    assert f"python3 manage.py models install {model}" in issue.hint.en


def test_a_filter_that_is_not_installed_is_told() -> None:
    fewer = {name: item for name, item in FILTERS.items() if name != "safety.words"}
    issues = check_filters(chat(), fewer, MODELS)
    assert [issue.code for issue in issues] == ["filter_unknown"]
    assert "safety.words" in issues[0].message.en


def test_each_is_told_once_however_many_gates_ask() -> None:
    assert len(check_filters(chat(), {}, ())) == len(
        {name for s in chat().steps if s.gate for name, *_ in s.gate.chain}
    )


def test_what_only_a_shadow_asks_for_is_no_issue() -> None:
    plan = chat()
    shadow = next(step for step in plan.steps if step.gate)
    tried = shadow._replace(id="shadow:x", type="safety.shadow", gate=None, shadow=shadow.gate, outputs=())
    alone = replace(plan, steps=(*(s for s in plan.steps if not s.gate), tried))
    assert check_filters(alone, {}, ()) == ()
