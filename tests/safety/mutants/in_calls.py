"""Faults of what is put in place of a call, and of what a partial run leaves out and adds."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from runtime.compiler.inlined import Border, Frame
from runtime.graph.model import Endpoint
from runtime.labels import Source
from runtime.plan import Step
from tests.safety.mutants.in_gates import go_past
from tests.safety.mutants.in_rules import Labels, change_labels
from tests.safety.mutants.mutant import Listed, Plant

_LIST = Listed("compiler", drawing="each port is fed by what was drawn, only not through its gate")
mutant = _LIST.mutant
MUTANTS = _LIST.mutants

INLINE = "runtime.compiler.passes.inline"
SHOW = "runtime.compiler.compile:show"
SOUND = "every sink is gated; it is only not what was drawn"


def relabel(plant: Plant, is_meant: Callable[[Step], bool]) -> None:
    """What these steps give counts as the author's."""

    def change(steps: tuple[Step, ...], specs: Any, honest: Callable[..., Labels]) -> Labels:
        found = honest(steps, specs)
        meant = {step.id for step in steps if is_meant(step)}
        return {
            ref: frozenset({Source.AUTHOR}) if ref.step in meant else makers for ref, makers in found.items()
        }

    change_labels(plant, change)


@mutant("A sink inside of a call is not gated: it was gated when the called workflow was published.")
def what_is_inside_a_call_goes_past(plant: Plant) -> None:
    go_past(plant, lambda wire: "/" in wire.step.id)


@mutant("What comes out of a call counts as cleared.")
def what_leaves_a_call_goes_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.maker.type.startswith("relay.") and "/" not in wire.step.id)


@mutant("What is handed into a call counts as cleared inside.")
def what_enters_a_call_goes_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.maker.type.startswith("relay.") and "/" in wire.step.id)


@mutant("What crosses the border of a call counts as the author's.")
def a_call_forgets_who_made_it(plant: Plant) -> None:
    relabel(plant, lambda step: step.type.startswith("relay."))


@mutant("What a model makes inside of a call counts as the author's.")
def makers_inside_a_call_are_forgotten(plant: Plant) -> None:
    relabel(plant, lambda step: "/" in step.id and not step.type.startswith("relay."))


@mutant(
    "Steps of two calls of one workflow share their names.",
    verify="one drawing stands for both, and is gated",
    canary="it takes the last of two for both",
    drawing="",
)
def two_calls_share_their_steps(plant: Plant) -> None:
    plant.around(f"{INLINE}:Frame.name", lambda honest: lambda frame, node: honest(_nameless(frame), node))


def _nameless(frame: Frame) -> Frame:
    return replace(frame, path="call") if frame.path else frame


@mutant("All outputs of a call give what the first gives.", verify=SOUND, canary=SOUND, drawing="")
def outputs_of_a_call_are_mixed_up(plant: Plant) -> None:
    def make(honest: Callable[..., Border | None]) -> Callable[..., Border | None]:
        def faulty(*given: Any) -> Border | None:
            border = honest(*given)
            if border is not None and border.exits:
                first: Endpoint = next(iter(border.exits.values()))
                for port in border.exits:
                    border.exits[port] = first
            return border

        return faulty

    plant.around(f"{INLINE}:_Work._call", make)


@mutant("What goes on after a failure passes no gate: it is only a message.")
def the_way_of_a_failure_goes_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.origin.port == "error")


@mutant("That an author's words may stand in for what failed is forgotten.", drawing="")
def the_author_of_a_default_is_forgotten(plant: Plant) -> None:
    plant.around(
        "runtime.compiler.passes.insert_gates:_or_else",
        lambda honest: lambda step, port, makers, authors: makers,
    )


@mutant("What a partial run shows passes no gate: nobody has drawn that sink.")
def what_a_partial_run_shows_goes_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.step.id.startswith("shown:"))


@mutant(
    "A partial run promises what its last node gave, and not what stands behind the gate.",
    canary="it watches sinks, and this is none",
    drawing="",
)
def a_partial_run_takes_its_results_before_the_gate(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(typed: Any, to: str, exits: Any) -> Any:
            shown, results = honest(typed, to, exits)
            ports = {r.step: shown.wired.feeds[r.step, r.port][0].source for r in results}
            return shown, tuple(replace(r, step=ports[r.step].node, port=ports[r.step].port) for r in results)

        return faulty

    plant.around(SHOW, make)


@mutant("Of what a partial run gives only the first output is shown.", verify=SOUND, canary=SOUND, drawing="")
def a_partial_run_shows_its_first_output_only(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(*given: Any) -> Any:
            shown, results = honest(*given)
            gone = {result.step for result in results[1:]}
            nodes = tuple(placed for placed in shown.wired.nodes if placed.id not in gone)
            return replace(shown, wired=replace(shown.wired, nodes=nodes)), results[:1]

        return faulty

    plant.around(SHOW, make)
