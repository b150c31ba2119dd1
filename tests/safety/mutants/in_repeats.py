"""Faults of what is put in place of a loop or a map: rounds that are not gated, or not those that were drawn."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from runtime.compiler.passes.repeat import Rounds
from runtime.graph.model import Endpoint
from runtime.labels import Source
from runtime.nodes.made import INDEX, MOST
from runtime.plan import Ref, Step
from tests.safety.mutants.in_calls import INLINE, SOUND, relabel
from tests.safety.mutants.in_gates import go_past
from tests.safety.mutants.in_rules import Labels, change_labels
from tests.safety.mutants.mutant import Listed, Plant

_LIST = Listed("compiler", drawing="each port is fed by what was drawn, only not through its gate")
mutant = _LIST.mutant
MUTANTS = _LIST.mutants

REPEAT = "runtime.compiler.passes.repeat"
LATER = re.compile(r"/[2-9]/")
REFUSES = "it refuses what should compile, and there is no plan to look at"


def change_rounds(plant: Plant, change: Callable[[Rounds], Rounds]) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(*given: Any) -> Any:
            rounds, issues = honest(*given)
            return (change(rounds) if rounds else None), issues

        return faulty

    plant.around(f"{INLINE}:rounds_of", make)


def is_fed_from(step: Step, room: str) -> bool:
    """Whether it hands on what comes from between two rounds, or from a list."""
    before = [ref.step for binding in step.bindings for ref in binding.refs]
    return step.type.startswith("relay.") and any(f"/{room}-" in name for name in before)


@mutant("Only the first round of a loop, and the first item of a list, is gated.")
def later_rounds_go_past(plant: Plant) -> None:
    go_past(plant, lambda wire: LATER.search(wire.step.id) is not None)


@mutant("What a round hands to the next counts as cleared there.")
def what_comes_back_goes_past(plant: Plant) -> None:
    def comes_back(wire: Any) -> bool:
        maker = wire.maker
        before = [ref.step for binding in maker.bindings for ref in binding.refs]
        return maker.type.startswith("relay.") and any(
            name.count("/") > 1 and wire.steps[name].type.startswith(("relay.", "turn.")) for name in before
        )

    go_past(plant, comes_back)


@mutant("What leaves a loop before its last round counts as cleared.")
def what_ends_early_goes_past(plant: Plant) -> None:
    def ends_early(wire: Any) -> bool:
        return any(ref.port == "end" for binding in wire.maker.bindings for ref in binding.refs)

    go_past(plant, ends_early)


@mutant("What was gathered counts as cleared: each item has passed its gate inside.")
def what_is_gathered_goes_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.maker.type.startswith("gather."))


@mutant("An item counts as cleared: the list was the author's concern.")
def an_item_goes_past(plant: Plant) -> None:
    def is_item(wire: Any) -> bool:
        before = [ref.step for binding in wire.maker.bindings for ref in binding.refs]
        return any(wire.steps[name].type.startswith("item.") for name in before)

    go_past(plant, is_item)


@mutant("What an item of a list is counts as the author's.")
def an_item_forgets_who_made_it(plant: Plant) -> None:
    relabel(plant, lambda step: is_fed_from(step, "for"))


@mutant("What was gathered counts as the author's.")
def a_list_forgets_who_made_its_items(plant: Plant) -> None:
    relabel(plant, lambda step: step.type.startswith("gather."))


@mutant("What a turn hands on counts as the author's.")
def a_turn_forgets_who_made_it(plant: Plant) -> None:
    relabel(plant, lambda step: is_fed_from(step, "after"))


@mutant(
    "A round is labelled by what the first one is given: what a model made in the round before is forgotten."
)
def every_round_is_labelled_like_the_first(plant: Plant) -> None:
    def change(steps: tuple[Step, ...], specs: Any, honest: Callable[..., Labels]) -> Labels:
        found = dict(honest(steps, specs))
        for ref, makers in found.items():
            if LATER.search(ref.step):
                first = Ref(LATER.sub("/1/", ref.step), ref.port)
                found[ref] = found.get(first, makers) - {Source.MODEL} or makers
        return found

    change_labels(plant, change)


@mutant(
    "A loop is one round shorter than it was drawn, a map one item.", verify=SOUND, canary=SOUND, drawing=""
)
def a_round_is_missing(plant: Plant) -> None:
    change_rounds(plant, lambda rounds: replace(rounds, count=max(1, rounds.count - 1)))


@mutant("Every round takes what the first was given.", verify=SOUND, canary=SOUND, drawing="")
def nothing_comes_back(plant: Plant) -> None:
    change_rounds(plant, lambda rounds: replace(rounds, back={}))


@mutant("What ends a loop early is forgotten.", verify=SOUND, canary=SOUND, drawing="")
def no_round_ends_a_loop(plant: Plant) -> None:
    change_rounds(plant, lambda rounds: replace(rounds, until=None))


@mutant("Every place of a map takes the first item.", verify=SOUND, canary=SOUND, drawing="")
def every_item_is_the_first(plant: Plant) -> None:
    change_made(plant, INDEX, 0)


@mutant(
    "How long a list may be is forgotten: what is more is cut off.", verify=SOUND, canary=SOUND, drawing=""
)
def a_list_is_cut_off(plant: Plant) -> None:
    change_made(plant, MOST, None)


def change_made(plant: Plant, name: str, value: Any) -> None:
    def make(honest: Callable[..., str]) -> Callable[..., str]:
        def faulty(work: Any, frame: Any, door: Any, type_name: str, params: Any) -> str:
            return honest(work, frame, door, type_name, {**params, name: value} if name in params else params)

        return faulty

    plant.around(f"{INLINE}:_Work.make", make)


@mutant("The outputs of a loop are those of its first round.", verify=SOUND, canary=SOUND, drawing="")
def a_loop_gives_what_its_first_round_gave(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(work: Any, graph: Any, frame: Any, doors: Any, *given: Any) -> Any:
            border = honest(work, graph, frame, doors, *given)
            first = {port: Endpoint(frame.round(1).name(port), "value") for port in border.exits}
            border.exits.update(first)
            return border

        return faulty

    plant.around(f"{REPEAT}:_loop", make)


@mutant("The turns behind a round choose each for itself.", verify=REFUSES, canary=REFUSES, drawing="")
def turns_are_not_one_choice(plant: Plant) -> None:
    plant.around("runtime.compiler.passes.exclusive:choice_of", lambda honest: lambda placed: placed.id)


@mutant("Rounds inside of rounds are counted once.", verify=SOUND, canary=SOUND, drawing="")
def bounds_do_not_multiply(plant: Plant) -> None:
    plant.around(
        f"{INLINE}:_Work._added",
        lambda honest: lambda work, call, callee, rounds: honest(work, call, callee, None),
    )
