"""Floors: the combination of two policies is as strict as the stricter, everywhere; and what is lowered is named."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from runtime.labelling.profile import Labelling, Profile
from runtime.safety.combine import combine, weaker
from runtime.safety.policy import Action, FilterUse, Policy, Rule, default_policy
from tests.safety.outcomes import POLICIES, is_less, outcomes, stricter

CALM = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
PREVIEWS = {"none": 1, "blurred": 0}


def is_the_stricter(made: Policy, floor: Policy, own: Policy) -> bool:
    """What combine promises, told without it."""
    wanted = list(map(stricter, outcomes(floor), outcomes(own)))
    shown = max(PREVIEWS[floor.previews], PREVIEWS[own.previews])
    return outcomes(made) == wanted and PREVIEWS[made.previews] == shown


@given(POLICIES, POLICIES)
@CALM
def test_each_outcome_is_the_stricter_of_the_two(floor: Policy, own: Policy) -> None:
    made = combine(floor, own)
    assert is_the_stricter(made, floor, own)
    assert len({rule.id for rule in made.rules}) == len(made.rules)
    assert Policy.from_json(made.to_json()) == made


@given(POLICIES, POLICIES, POLICIES)
@CALM
def test_it_does_not_matter_in_which_order_floors_are_joined(a: Policy, b: Policy, c: Policy) -> None:
    assert outcomes(combine(a, a)) == outcomes(a)
    assert outcomes(combine(a, b)) == outcomes(combine(b, a))
    assert outcomes(combine(combine(a, b), c)) == outcomes(combine(a, combine(b, c)))


@given(POLICIES, POLICIES)
@CALM
def test_something_is_named_exactly_when_something_is_lowered(old: Policy, new: Policy) -> None:
    named = weaker(old, new)
    less = any(map(is_less, outcomes(new), outcomes(old)))
    assert bool(named) == (less or PREVIEWS[new.previews] < PREVIEWS[old.previews])
    assert set(named) <= {rule.id for rule in (*old.rules, *new.rules)} | {"previews"}


@given(POLICIES, POLICIES)
@CALM
def test_a_combination_lowers_neither_side(floor: Policy, own: Policy) -> None:
    assert weaker(floor, combine(floor, own)) == []
    assert weaker(own, combine(floor, own)) == []


def test_the_default_policy_under_itself_stays_as_it_is() -> None:
    policy = default_policy()
    assert combine(policy, policy) == policy
    assert combine(policy, policy).digest == policy.digest


def test_no_rules_at_all_refuse_everything() -> None:
    policy = default_policy()
    assert combine(policy, replace(policy, rules=())).rules == ()


CN = Labelling(Profile.CN, "zh", "Acme")
EU = Labelling(Profile.EU)


@pytest.mark.parametrize(
    ("old", "new", "named"),
    [
        (CN, Labelling(), True),
        (CN, EU, True),
        (Labelling(), CN, False),
        (CN, replace(CN, producer="B"), False),
    ],
)
def test_labels_that_would_go_are_named(old: Labelling, new: Labelling, named: bool) -> None:
    before, after = (replace(default_policy(), labelling=item) for item in (old, new))
    assert weaker(before, after) == (["labelling"] if named else [])


def test_the_floors_labels_stay_and_ones_own_are_added() -> None:
    floor = default_policy()
    assert combine(floor, replace(floor, labelling=EU)).labelling == EU
    assert combine(replace(floor, labelling=CN), replace(floor, labelling=EU)).labelling == CN


def with_text_rule(change: Callable[[Rule], Rule]) -> Policy:
    policy = default_policy()
    return replace(policy, rules=tuple(change(r) if r.id == "person-text" else r for r in policy.rules))


@pytest.mark.parametrize("action", [Action.HOLD, Action.BLOCK])
def test_what_a_floor_takes_out_stays_taken_out_where_its_own_policy_would_ask_a_person(
    action: Action,
) -> None:
    """A person could give back what is held, and what is blocked after an appeal."""
    floor = default_policy()
    instead = with_text_rule(
        lambda rule: replace(
            rule,
            chain=tuple(replace(u, action=action) if u.action is Action.REDACT else u for u in rule.chain),
        )
    )
    assert weaker(floor, instead) == ["person-text"]
    made = next(rule for rule in combine(floor, instead).rules if rule.id == "person-text")
    for name in ("safety.secrets", "safety.personal_data"):
        assert {use.action for use in made.chain if use.filter == name} == {Action.REDACT, action}
    beside = combine(floor, instead)
    assert weaker(floor, beside) == []


def test_to_take_out_does_not_stand_for_what_a_floor_holds() -> None:
    holds = with_text_rule(lambda rule: replace(rule, chain=(FilterUse("a", Action.HOLD),)))
    takes = with_text_rule(lambda rule: replace(rule, chain=(FilterUse("a", Action.REDACT),)))
    assert weaker(holds, takes) == weaker(takes, holds) == ["person-text"]
    made = next(rule for rule in combine(holds, takes).rules if rule.id == "person-text")
    assert {use.action for use in made.chain} == {Action.HOLD, Action.REDACT}


Fault = Callable[[Policy, Policy], Policy]


def _each_use(change: Callable[[FilterUse], FilterUse]) -> Fault:
    def fault(floor: Policy, own: Policy) -> Policy:
        made = combine(floor, own)
        return replace(
            made, rules=tuple(replace(r, chain=tuple(change(u) for u in r.chain)) for r in made.rules)
        )

    return fault


def _union(floor: Policy, own: Policy) -> Policy:
    """Both sides' rules, with no thought for what either refuses."""
    renamed = (replace(rule, id=f"own-{rule.id}") for rule in own.rules)
    return replace(combine(floor, own), rules=(*floor.rules, *renamed))


def _first_namesake(floor: Policy, own: Policy) -> Policy:
    known = {rule.id: rule for rule in (*own.rules, *floor.rules)}
    made = combine(floor, own)
    return replace(made, rules=tuple(replace(r, chain=known.get(r.id, r).chain) for r in made.rules))


def _without_last_rule(floor: Policy, own: Policy) -> Policy:
    made = combine(floor, own)
    return replace(made, rules=made.rules[:-1])


FAULTS: dict[str, Fault] = {
    "the floor alone": lambda floor, own: floor,
    "one's own alone": lambda floor, own: own,
    "what either refuses may pass": _union,
    "of two namesakes only the floor's chain": _first_namesake,
    "a rule is lost": _without_last_rule,
    "thresholds rise": _each_use(lambda use: replace(use, threshold=use.threshold + 0.1)),
    "blocks become redactions": _each_use(
        lambda use: replace(use, action=Action.REDACT) if use.action is Action.BLOCK else use
    ),
    "redactions give way to holds": _each_use(
        lambda use: replace(use, action=Action.HOLD) if use.action is Action.REDACT else use
    ),
    "redactions give way to blocks": _each_use(
        lambda use: replace(use, action=Action.BLOCK) if use.action is Action.REDACT else use
    ),
    "holds become blocks": _each_use(
        lambda use: replace(use, action=Action.BLOCK) if use.action is Action.HOLD else use
    ),
    "a category is forgotten": _each_use(lambda use: replace(use, categories=use.categories[:1])),
    "all categories become one": _each_use(lambda use: replace(use, categories=use.categories or ("x",))),
    "previews by the milder": lambda floor, own: replace(combine(floor, own), previews="blurred"),
}


class Caught(Exception):
    """Ends the search: the oracle has seen the fault."""


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_planted_in_the_combination_is_caught(fault: str) -> None:
    @given(POLICIES, POLICIES)
    @settings(max_examples=500, deadline=None, database=None, derandomize=True, phases=[Phase.generate])
    def search(floor: Policy, own: Policy) -> None:
        if not is_the_stricter(FAULTS[fault](floor, own), floor, own):
            raise Caught

    with pytest.raises(Caught):
        search()


def test_a_rule_that_is_renamed_and_kept_lowers_nothing_and_one_that_is_emptied_does() -> None:
    policy = default_policy()
    assert weaker(policy, with_text_rule(lambda rule: replace(rule, id="words-for-people"))) == []
    assert weaker(policy, with_text_rule(lambda rule: replace(rule, chain=()))) == ["person-text"]
    assert weaker(policy, with_text_rule(lambda rule: replace(rule, chain=rule.chain[:-1]))) == [
        "person-text"
    ]
