"""Faults of the pass that inserts gates: a gate that is forgotten, shared with the wrong port, or in the wrong place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from runtime.graph.model import Issue
from runtime.plan import Binding, GateChain, Ref, Step
from runtime.ports import Kind
from tests.compiler.nodes import REGISTRY
from tests.safety.mutants.mutant import Listed, Plant

_LIST = Listed("compiler", drawing="each port is fed by what was drawn, only not through its gate")
mutant = _LIST.mutant
MUTANTS = _LIST.mutants

ELSEWHERE = "what stands at the sink was cleared; it is only not what was drawn"
Steps = tuple[Step, ...]


@dataclass(frozen=True)
class Wire:
    """A wire from a gate into a port."""

    gate: Step
    step: Step
    binding: Binding
    steps: dict[str, Step]

    @property
    def origin(self) -> Ref:
        return self.gate.bindings[0].refs[0]

    @property
    def maker(self) -> Step:
        return self.steps[self.origin.step]


def change_gated(plant: Plant, change: Callable[[Steps], Steps]) -> None:
    """Let the pass do its work, then spoil it."""

    def make(honest: Callable[..., tuple[Steps, list[Issue]]]) -> Callable[..., tuple[Steps, list[Issue]]]:
        def faulty(*args: Any) -> tuple[Steps, list[Issue]]:
            steps, issues = honest(*args)
            return change(steps), issues

        return faulty

    plant.around("runtime.compiler.compile:insert_gates", make)


def go_past(plant: Plant, forgotten: Callable[[Wire], bool]) -> None:
    """Lead every wire past its gate of which `forgotten` is true."""

    def change(steps: Steps) -> Steps:
        known = {step.id: step for step in steps}

        def spoil(step: Step, binding: Binding) -> Binding:
            gate = known[binding.refs[0].step]
            if step.gate or not gate.gate or not forgotten(Wire(gate, step, binding, known)):
                return binding
            own = gate.bindings[0]
            return binding._replace(refs=own.refs, collect=own.collect)

        return tuple(step._replace(bindings=tuple(spoil(step, b) for b in step.bindings)) for step in steps)

    change_gated(plant, change)


def share(plant: Plant, key: Callable[[Step], object]) -> None:
    """Let the first gate of each key serve all that the others of that key would."""

    def change(steps: Steps) -> Steps:
        first: dict[object, str] = {}
        stands_for = {step.id: first.setdefault(key(step), step.id) for step in steps if step.gate}

        def moved(binding: Binding) -> Binding:
            refs = tuple(Ref(stands_for.get(ref.step, ref.step), ref.port) for ref in binding.refs)
            return binding._replace(refs=refs)

        kept = [step for step in steps if stands_for.get(step.id, step.id) == step.id]
        return tuple(step._replace(bindings=tuple(map(moved, step.bindings))) for step in kept)

    change_gated(plant, change)


def is_routing(step: Step) -> bool:
    spec = REGISTRY.spec(step.type, step.version)
    return spec is not None and spec.routes


@mutant("No prompt is ever filtered.")
def models_are_told_anything(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.step.type in ("llm.ask", "llm.reason", "image.draw"))


@mutant("A picture reaches a person past the picture filter.")
def pictures_are_shown_unseen(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.step.type == "out.image")


@mutant("Where branches meet, no gate follows.")
def merged_branches_go_past(plant: Plant) -> None:
    go_past(plant, lambda wire: len(wire.gate.bindings[0].refs) > 1)


@mutant("A step that needs an accelerator takes its inputs ungated.")
def heavy_steps_go_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.step.resource == "gpu")


@mutant("A gate that several ports share stands before the first of them only.")
def a_shared_gate_serves_its_first_consumer_only(plant: Plant) -> None:
    served: set[tuple[int, str]] = set()

    def forgotten(wire: Wire) -> bool:
        key = (id(wire.steps), wire.gate.id)
        again = key in served
        served.add(key)
        return again

    go_past(plant, forgotten)


@mutant("What comes out of a router counts as cleared.")
def a_router_is_taken_for_a_gate(plant: Plant) -> None:
    go_past(plant, lambda wire: is_routing(wire.maker))


@mutant("A number that becomes text is not gated as text.")
def numbers_made_text_are_forgotten(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.origin.port == "number")


@mutant("Only single values are gated, and a list of them is not.")
def lists_go_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.binding.type.many)


@mutant("Structured data is shown ungated.")
def structures_go_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.binding.type.kind is Kind.JSON)


@mutant("Only the first output of a node is gated.")
def second_outputs_go_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.origin.port != wire.maker.outputs[0][0])


@mutant("Only the first input of a node is gated.")
def second_inputs_go_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.binding.port != wire.step.bindings[0].port)


@mutant("An input that may stay empty is not gated.")
def optional_inputs_go_past(plant: Plant) -> None:
    def is_optional(wire: Wire) -> bool:
        spec = REGISTRY.spec(wire.step.type, wire.step.version)
        assert spec is not None
        return any(port.name == wire.binding.port and not port.required for port in spec.inputs)

    go_past(plant, is_optional)


@mutant("What leaves by a port that grew with a setting is not gated.")
def grown_ports_go_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.origin.port.startswith("case_"))


@mutant("What nobody is known to have made counts as harmless.")
def unknown_makers_go_past(plant: Plant) -> None:
    go_past(plant, lambda wire: wire.maker.type == "found.text")


@mutant("What was made from something gated needs no gate of its own.")
def once_gated_is_gated_for_ever(plant: Plant) -> None:
    go_past(plant, lambda wire: any(wire.steps[r.step].gate for b in wire.maker.bindings for r in b.refs))


@mutant("Of several edges into a port only the first passes the gate.")
def only_the_first_edge_is_gated(plant: Plant) -> None:
    _gate_one_edge(plant, 0)


@mutant("Of several edges into a port only the last passes the gate.")
def only_the_last_edge_is_gated(plant: Plant) -> None:
    _gate_one_edge(plant, -1)


def _gate_one_edge(plant: Plant, which: int) -> None:
    def change(steps: Steps) -> Steps:
        refs = {step.id: step.bindings[0].refs for step in steps if step.gate}

        def narrowed(step: Step) -> Step:
            if step.gate:
                own = step.bindings[0]
                return step._replace(bindings=(own._replace(refs=(own.refs[which],)),))
            return step._replace(bindings=tuple(map(widened, step.bindings)))

        def widened(binding: Binding) -> Binding:
            behind = refs.get(binding.refs[0].step)
            if behind is None:
                return binding
            parts = list(behind)
            parts[which] = binding.refs[0]
            return binding._replace(refs=tuple(parts))

        return tuple(map(narrowed, steps))

    change_gated(plant, change)


@mutant("The gate stands before a step that joins texts, and not after it.")
def joined_texts_are_gated_before_they_are_joined(plant: Plant) -> None:
    def change(steps: Steps) -> Steps:
        joins = {step.id: step for step in steps if step.type == "text.join"}
        moved: dict[str, Step] = {}  # join -> the gate that now stands before it
        for step in steps:
            if step.gate and step.bindings[0].refs[0].step in joins:
                join = joins[step.bindings[0].refs[0].step]
                own = join.bindings[0]
                moved.setdefault(join.id, step._replace(bindings=(own._replace(port="value"),)))
        gone = {gate.id: name for name, gate in moved.items()}

        def bypassed(binding: Binding) -> Binding:
            join = gone.get(binding.refs[0].step)
            return binding._replace(refs=(Ref(join, "text"),)) if join else binding

        changed: list[Step] = []
        for step in steps:
            if step.id in moved:
                own = step.bindings[0]._replace(refs=(Ref(moved[step.id].id, "value"),), collect=False)
                changed += [moved[step.id], step._replace(bindings=(own,))]
            elif step.id not in gone:
                changed.append(step._replace(bindings=tuple(map(bypassed, step.bindings))))
        return tuple(changed)

    change_gated(plant, change)


@mutant("Gates are told apart by what feeds them, and not by their rules.")
def gates_are_shared_by_port_alone(plant: Plant) -> None:
    share(plant, lambda gate: gate.bindings[0].refs)


@mutant(
    "Gates are told apart by their rules, and not by what feeds them.",
    verify=ELSEWHERE,
    canary=ELSEWHERE,
    drawing="",
)
def gates_are_shared_by_rules_alone(plant: Plant) -> None:
    share(plant, lambda gate: gate.gate and (gate.gate.rules, gate.bindings[0].type))


@mutant(
    "Of what feeds a gate only the first edge tells it from others.",
    verify=ELSEWHERE,
    canary=ELSEWHERE,
    drawing="",
)
def gates_are_shared_by_their_first_edge(plant: Plant) -> None:
    share(plant, lambda gate: gate.gate and (gate.gate.rules, gate.bindings[0].refs[0]))


@mutant(
    "A gate comes after the step that it guards.",
    canary="nothing arrives from a gate that has not run yet, and the run fails",
    drawing="",
)
def gates_run_too_late(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(steps: Sequence[Step]) -> Any:
            numbered, segments = honest(steps)
            late = {step.id for step in steps if step.gate}
            moved = (
                replace(s, steps=tuple(sorted(s.steps, key=lambda name: name in late))) for s in segments
            )
            return tuple(sorted(numbered, key=lambda step: step.id in late)), tuple(moved)

        return faulty

    plant.around("runtime.compiler.compile:segment", make)


@mutant("Every gate filters as if a model were to be told.")
def every_gate_is_a_models_gate(plant: Plant) -> None:
    def change(steps: Steps) -> Steps:
        return tuple(
            step._replace(gate=GateChain(("model-text",), step.gate.chain)) if step.gate else step
            for step in steps
        )

    change_gated(plant, change)


@mutant(
    "Segments hold the drawn steps and forget the gates.",
    canary="it looks at the steps of the plan, and not at what runs where",
    drawing="",
)
def segments_lose_the_gates(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(steps: Sequence[Step]) -> Any:
            numbered, segments = honest(steps)
            gates = {step.id for step in steps if step.gate}
            bare = (replace(s, steps=tuple(name for name in s.steps if name not in gates)) for s in segments)
            return numbered, tuple(bare)

        return faulty

    plant.around("runtime.compiler.compile:segment", make)


@mutant(
    "A run promises what a model gave, and not what stands at an output.",
    canary="it watches sinks, and this is none",
)
def results_are_taken_before_the_gate(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(nodes: Any) -> Any:
            results, issues = honest(nodes)
            makers = [node for node in nodes if node.outputs and not node.spec.routes]
            last = makers[-1]
            return tuple(replace(r, step=last.id, port=last.outputs[0].name) for r in results), issues

        return faulty

    plant.around("runtime.compiler.compile:results_of", make)
