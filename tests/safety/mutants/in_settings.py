"""Faults where words of settings become steps: they stay behind, go past their gate, or are not those that were drawn."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from runtime.plan import Binding, Step
from tests.safety.mutants.in_gates import go_past
from tests.safety.mutants.mutant import Listed, Plant

_LIST = Listed("compiler")
mutant = _LIST.mutant
MUTANTS = _LIST.mutants

LOWER = "runtime.compiler.passes.lower"
AS_DRAWN = "the model is told what was drawn, only not through a gate"
NOT_DRAWN = "what stands at the sink was cleared; it is only not what was drawn"
Words = tuple[list[Binding], list[Step]]


def change_words(plant: Plant, change: Callable[[Words], Words]) -> None:
    def make(honest: Callable[..., Words]) -> Callable[..., Words]:
        return lambda *given: change(honest(*given))

    plant.around(f"{LOWER}:_words_of", make)


@mutant("Words that a model is told stay in their setting.", drawing=AS_DRAWN)
def settings_keep_their_words(plant: Plant) -> None:
    change_words(plant, lambda words: ([], []))


@mutant("Only the first setting with words becomes a step.", drawing=AS_DRAWN)
def a_second_setting_keeps_its_words(plant: Plant) -> None:
    change_words(plant, lambda words: (words[0][:1], words[1][:1]))


@mutant("What a setting tells a model is never filtered.", drawing=AS_DRAWN)
def settings_go_past_the_gate(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.maker.id.startswith("told:"))


@mutant("A list of words in a setting goes past the gate.", drawing=AS_DRAWN)
def lists_in_settings_go_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.maker.type == "fixed.text_list")


@mutant("Nodes share the first words that any of them has.", verify=NOT_DRAWN, canary=NOT_DRAWN)
def settings_are_mixed_up(plant: Plant) -> None:
    first: dict[int, dict[str, Binding]] = {}

    def make(honest: Callable[..., Words]) -> Callable[..., Words]:
        def faulty(placed: Any, told: Any) -> Words:
            bindings, new = honest(placed, told)
            known = first.setdefault(id(told), {})
            return [known.setdefault(binding.port, binding) for binding in bindings], new

        return faulty

    plant.around(f"{LOWER}:_words_of", make)


@mutant("Words of a template count as those of whoever took it.", drawing=AS_DRAWN)
def words_of_templates_are_taken_for_ones_own(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        return lambda steps, policy, registry, copied: honest(steps, policy, registry)

    plant.around("runtime.compiler.compile:insert_gates", make)


@mutant(
    "The plan does not say that its words came from elsewhere.",
    verify="it believes what the plan says and the compiler signs",
    canary="it believes it as well",
)
def where_a_drawing_came_from_is_forgotten(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        return lambda graph, policy, registry, *more, library, **named: honest(
            graph, policy, registry, *more, library=replace(library, copied=False), **named
        )

    plant.around("runtime.compiler.compile:compile_graph", make)


@mutant("What a setting says is lost on the way.", verify=NOT_DRAWN, canary=NOT_DRAWN)
def settings_fall_silent(plant: Plant) -> None:
    def make(honest: Callable[..., Step]) -> Callable[..., Step]:
        def faulty(*given: Any) -> Step:
            step = honest(*given)
            return step._replace(params=dict.fromkeys(step.params, "-"))

        return faulty

    plant.around(f"{LOWER}:_words", make)
