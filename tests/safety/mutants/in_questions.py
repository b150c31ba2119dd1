"""Faults where a person is asked: what they are shown goes past its gate, or what they answer is taken for somebody else's."""

from collections.abc import Callable
from typing import Any

from runtime.compiler.passes.insert_gates import Labels
from runtime.labels import Source
from runtime.nodes.spec import NodeSpec
from tests.safety.mutants.in_gates import go_past
from tests.safety.mutants.in_verify import keep_silent
from tests.safety.mutants.mutant import Listed, Plant

_COMPILER = Listed("compiler", drawing="the port is fed by what was drawn, only not through its gate")
_VERIFY = Listed("verify")
_RUN = Listed("run")
COMPILER, VERIFY, RUN = _COMPILER.mutants, _VERIFY.mutants, _RUN.mutants


@_COMPILER.mutant("What a person is asked about goes past its gate.")
def what_is_asked_about_goes_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.step.type.startswith("person.") and wire.binding.port == "value")


@_COMPILER.mutant("The words of a question go past their gate.")
def questions_go_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.step.type.startswith("person.") and wire.binding.port == "question")


@_COMPILER.mutant("What a person answers counts as the author's.")
def answers_are_the_authors(plant: Plant) -> None:
    def make(honest: Callable[..., Labels]) -> Callable[..., Labels]:
        def faulty(steps: Any, specs: Any, authors: Any) -> Labels:
            labels = honest(steps, specs, authors)
            return {ref: authors if ref.port == "answer" else sources for ref, sources in labels.items()}

        return faulty

    plant.around("runtime.compiler.passes.insert_gates:label", make)


@_VERIFY.mutant("Where a person is asked about something counts as no sink, to verify.")
def verify_does_not_look_at_questions(plant: Plant) -> None:
    keep_silent(plant, "_leaks", "q.value can be reached")


@_RUN.mutant("A person is shown what they are asked about, whoever has cleared it.")
def questions_are_shown_uncleared(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        return lambda step, spec, inputs, policy: dict(inputs)

    plant.around("runtime.engine.executor:shown_of", make)


@_RUN.mutant("What a person answers is cleared as soon as it is written.")
def answers_are_of_nobody(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(
            step: Any, spec: NodeSpec, given: Any, inputs: Any, arguments: Any = (), copied: bool = False
        ) -> Any:
            made = honest(step, spec, given, inputs, arguments, copied)
            if spec.asks is None:
                return made
            alone = frozenset({Source.AUTHOR})
            return {name: type(value)(value.type, value.data, alone) for name, value in made.items()}

        return faulty

    plant.around("runtime.engine.executor:label", make)
