"""A policy that cannot be meant is refused, with the name of the rule."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from runtime.labelling.profile import Labelling, Profile
from runtime.labels import Sink, Source
from runtime.ports import Kind
from runtime.safety.check_policy import check_policy
from runtime.safety.filters import load_filters
from runtime.safety.policy import Action, FilterUse, Policy, Rule, default_policy
from runtime.words import Words

POLICY = default_policy()
FILTERS = load_filters(("runtime.packs.safety",))


def changed(rule: str, change: Callable[[Rule], Rule]) -> Policy:
    return replace(POLICY, rules=tuple(change(r) if r.id == rule else r for r in POLICY.rules))


def with_use(use: FilterUse) -> Policy:
    return changed("person-text", lambda rule: replace(rule, chain=(*rule.chain, use)))


def codes(policy: Policy, floor: Policy | None = None) -> set[tuple[str, str]]:
    return {(fault.rule, fault.code) for fault in check_policy(policy, FILTERS, floor)}


def test_the_default_policy_has_no_fault_and_is_its_own_floor() -> None:
    assert codes(POLICY, POLICY) == set()


@pytest.mark.parametrize(
    ("policy", "code"),
    [
        (with_use(FilterUse("safety.nowhere", Action.BLOCK)), "unknown_filter"),
        (with_use(FilterUse("safety.words", Action.BLOCK, 1.5)), "bad_threshold"),
        (with_use(FilterUse("safety.words", Action.BLOCK, float("nan"))), "bad_threshold"),
        (with_use(FilterUse("safety.words", Action.BLOCK, 0.5, ("weather",))), "unknown_category"),
        (with_use(FilterUse("safety.nudity", Action.BLOCK)), "cannot_read"),
        (changed("person-text", lambda rule: replace(rule, media=())), "about_nothing"),
        (changed("person-text", lambda rule: replace(rule, title=Words("Text", " "))), "no_title"),
        (changed("person-text", lambda rule: replace(rule, chain=())), "bare_sink"),
    ],
)
def test_the_rule_that_is_wrong_is_named(policy: Policy, code: str) -> None:
    assert codes(policy) == {("person-text", code)}


@pytest.mark.parametrize("name", ["previews", "labelling", "Großbuchstaben", "", "a b", "x" * 81])
def test_a_rule_needs_a_name_that_means_nothing_else(name: str) -> None:
    assert (name, "bad_id") in codes(changed("person-text", lambda rule: replace(rule, id=name)))


def test_a_rule_without_a_filter_is_no_fault_where_another_rule_filters_the_same() -> None:
    words = Words("more", "更多")
    allowance = Rule("more", words, words, Sink.PERSON, (Kind.TEXT,), (Source.MODEL,), ())
    assert codes(replace(POLICY, rules=(*POLICY.rules, allowance))) == set()
    outside = replace(allowance, sink=Sink.OUTSIDE)
    assert codes(replace(POLICY, rules=(*POLICY.rules, outside))) == {("more", "bare_sink")}


def test_a_number_needs_a_filter_on_its_way_to_a_person_and_none_on_its_way_to_a_model() -> None:
    bare = changed("person-number", lambda rule: replace(rule, chain=()))
    assert codes(bare) == {("person-number", "bare_sink")}
    plain = {
        (rule.sink, kind)
        for rule in POLICY.rules
        if not rule.chain
        for kind in rule.media
        if rule.id != "model-author"
    }
    assert plain == {
        (Sink.PERSON, Kind.BOOLEAN),
        (Sink.MODEL, Kind.NUMBER),
        (Sink.MODEL, Kind.BOOLEAN),
        (Sink.MODEL, Kind.AUDIO),
    }


def test_a_label_is_no_filter() -> None:
    labelled = replace(
        changed("person-text", lambda rule: replace(rule, chain=())), labelling=Labelling(Profile.EU)
    )
    assert codes(labelled) == {("person-text", "bare_sink")}


def test_what_is_milder_than_the_floor_is_named_and_what_is_stricter_is_not() -> None:
    milder = changed(
        "person-image", lambda rule: replace(rule, chain=(replace(rule.chain[0], threshold=0.9),))
    )
    stricter = changed(
        "person-image", lambda rule: replace(rule, chain=(replace(rule.chain[0], threshold=0.1),))
    )
    assert codes(milder, POLICY) == {("person-image", "below_floor")}
    assert codes(stricter, POLICY) == set()
    assert codes(replace(POLICY, previews="blurred"), replace(POLICY, previews="none")) == {
        ("previews", "below_floor")
    }
    assert codes(replace(POLICY, rules=())) == set()


def test_every_fault_is_told_in_both_languages_with_the_name_of_its_rule() -> None:
    faults = check_policy(with_use(FilterUse("safety.nowhere", Action.BLOCK)), FILTERS, POLICY)
    assert all("person-text" in fault.message.en and "person-text" in fault.message.zh for fault in faults)
    assert faults
