"""Faults where floors meet: a policy that is milder than one of its floors, or a change that lowers one unnamed."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from runtime.safety.policy import Action, FilterUse, Policy, Rule
from tests.safety.mutants.mutant import Listed, Plant

# Of the two things that are asked for, most faults change one.
UNNAMED = "it names what is lowered, and joins nothing"
JOINED = "it joins, and names nothing"
_LIST = Listed("floors")
mutant = _LIST.mutant
MUTANTS = _LIST.mutants

COMBINE = "runtime.safety.combine:"


def _change_covers(plant: Plant, change: Callable[[FilterUse, FilterUse], FilterUse]) -> None:
    """A use counts as covered once what `change` makes of the stricter one would cover it."""

    def make(honest: Callable[..., bool]) -> Callable[..., bool]:
        return lambda strict, use: honest(change(strict, use), use)

    plant.around(f"{COMBINE}covers", make)


@mutant("What one of two policies refuses passes, because the other lets it.", weaker=JOINED)
def what_either_refuses_may_pass(plant: Plant) -> None:
    plant.around(f"{COMBINE}_within", lambda honest: lambda policy, other: iter(policy.rules))


@mutant(
    "Where one policy is silent about a source, the other's rule for several sources goes whole.",
    weaker=JOINED,
)
def a_rule_is_lost_for_one_source(plant: Plant) -> None:
    def make(honest: Callable[..., Iterator[Rule]]) -> Callable[..., Iterator[Rule]]:
        def faulty(policy: Policy, other: Policy) -> Iterator[Rule]:
            return (rule for rule in honest(policy, other) if rule in policy.rules)

        return faulty

    plant.around(f"{COMBINE}_within", make)


@mutant("Of two rules of one name and scope only the floor's chain is kept.", weaker=JOINED)
def of_namesakes_the_floors_chain_stays(plant: Plant) -> None:
    plant.around(f"{COMBINE}_both", lambda honest: lambda one, other: one)


@mutant("Of two rules of one name and scope only the newer chain is kept.", weaker=JOINED)
def of_namesakes_the_newer_chain_stays(plant: Plant) -> None:
    plant.around(f"{COMBINE}_both", lambda honest: lambda one, other: other)


@mutant(
    "Of two rules of one name the later takes the place of the earlier, whatever they are about.",
    weaker=JOINED,
)
def a_namesake_replaces_a_rule(plant: Plant) -> None:
    plant.around(f"{COMBINE}_place", lambda honest: lambda rules, rule: rules.__setitem__(rule.id, rule))


@mutant("A use that asks for more certainty counts as strict as one that asks for less.")
def thresholds_do_not_count(plant: Plant) -> None:
    _change_covers(plant, lambda strict, use: replace(strict, threshold=0.0))


def _change_standing(plant: Plant, strict: Action) -> None:
    """What takes something out is taken for replaced by what does `strict` instead."""

    def make(honest: Callable[..., bool]) -> Callable[..., bool]:
        def faulty(one: Action, other: Action) -> bool:
            return honest(one, other) or (one, other) == (strict, Action.REDACT)

        return faulty

    plant.around(f"{COMBINE}_stands_for", make)


@mutant("To hold counts as strict as to take out, and a person gives back what a floor takes out.")
def a_hold_replaces_a_redactor(plant: Plant) -> None:
    _change_standing(plant, Action.HOLD)


@mutant("To block counts as strict as to take out, and an appeal gives back what a floor takes out.")
def a_block_replaces_a_redactor(plant: Plant) -> None:
    _change_standing(plant, Action.BLOCK)


@mutant("To redact counts as strict as to block.")
def actions_do_not_count(plant: Plant) -> None:
    _change_covers(plant, lambda strict, use: replace(strict, action=use.action))


@mutant("A use of one category counts as strict as one of all.")
def categories_do_not_count(plant: Plant) -> None:
    _change_covers(plant, lambda strict, use: replace(strict, categories=use.categories))


@mutant("One filter counts as good as another.")
def filters_do_not_count(plant: Plant) -> None:
    _change_covers(plant, lambda strict, use: replace(strict, filter=use.filter))


@mutant("Previews follow the milder of two policies.", weaker=JOINED)
def previews_follow_the_milder(plant: Plant) -> None:
    def make(honest: Callable[..., Policy]) -> Callable[..., Policy]:
        return lambda floor, own: replace(honest(floor, own), previews="blurred")

    plant.around(f"{COMBINE}combine", make)


@mutant("A policy of its own takes the floor's labels off.", weaker=JOINED)
def labels_follow_ones_own(plant: Plant) -> None:
    def make(honest: Callable[..., Policy]) -> Callable[..., Policy]:
        return lambda floor, own: replace(honest(floor, own), labelling=own.labelling)

    plant.around(f"{COMBINE}combine", make)


@mutant("A rule that asks for less is not named.", stricter=UNNAMED)
def what_a_rule_loses_is_not_named(plant: Plant) -> None:
    plant.around(f"{COMBINE}_loses", lambda honest: lambda rule, new: False)


@mutant("A rule that lets in what was refused is not named.", stricter=UNNAMED)
def what_is_opened_is_not_named(plant: Plant) -> None:
    plant.around(f"{COMBINE}_opens", lambda honest: lambda rule, old: False)


@mutant("A rule counts as kept once any of its filters has an answer.", stricter=UNNAMED)
def one_answer_is_enough(plant: Plant) -> None:
    def make(honest: Callable[..., bool]) -> Callable[..., bool]:
        def faulty(use: FilterUse, answers: Any) -> bool:
            parts = [replace(use, categories=(name,)) for name in use.categories] or [use]
            return any(honest(part, answers) for part in parts)

        return faulty

    plant.around(f"{COMBINE}_answered", make)


@mutant("Labels and previews may be lowered unnamed.", stricter=UNNAMED)
def only_rules_are_named(plant: Plant) -> None:
    def make(honest: Callable[..., list[str]]) -> Callable[..., list[str]]:
        return lambda old, new: [name for name in honest(old, new) if name not in ("previews", "labelling")]

    plant.around(f"{COMBINE}weaker", make)
