"""Faults of `verify`: each of its checks is taken away, one by one."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from runtime.labels import Source
from runtime.plan import GateChain, Step
from runtime.safety.policy import Action, FilterUse, Rule
from tests.safety.mutants.mutant import Listed, Plant

NO_LEAK = "such a plan leaks nothing where the canary looks"
_LIST = Listed("verify")
mutant = _LIST.mutant
MUTANTS = _LIST.mutants

VERIFY = "runtime.safety.verify"


def keep_silent(plant: Plant, part: str, about: str) -> None:
    """Take away the check of `part` that would complain in these words."""

    def make(honest: Callable[..., Iterator[str]]) -> Callable[..., Iterator[str]]:
        return lambda *given: (said for said in honest(*given) if about not in said)

    plant.around(f"{VERIFY}:{part}", make)


def change_rule(plant: Plant, change: Callable[[FilterUse], FilterUse]) -> None:
    """A gate is held against a rule that asks for less."""

    def make(honest: Callable[[Step, Rule], bool]) -> Callable[[Step, Rule], bool]:
        return lambda step, rule: honest(step, replace(rule, chain=tuple(map(change, rule.chain))))

    plant.around(f"{VERIFY}:_enforces", make)


@mutant("Words may stand in a setting that a model is told.")
def settings_are_not_read(plant: Plant) -> None:
    plant.around(f"{VERIFY}:_kept_words", lambda honest: lambda *given: iter(()))


@mutant("The ports at which words of settings stand count as no sinks.")
def told_words_are_at_no_sink(plant: Plant) -> None:
    keep_silent(plant, "_leaks", ".system can be reached")


@mutant("Words of a template count as those of whoever took it, to verify.")
def verify_takes_templates_for_ones_own(plant: Plant) -> None:
    plant.around(f"{VERIFY}:_authors", lambda honest: lambda plan: frozenset({Source.AUTHOR}))


@mutant("A plan made under another policy is believed.", canary="it trusts the policy that it is given")
def the_policy_is_not_compared(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        return lambda plan, policy, registry: honest(replace(plan, policy=policy.digest), policy, registry)

    plant.around(f"{VERIFY}:verify", make)


@mutant("Two steps may share an id.", canary=NO_LEAK)
def ids_may_repeat(plant: Plant) -> None:
    keep_silent(plant, "_malformed", "share an id")


@mutant("A step may be half a gate.", canary="it crashes on a gate without a chain")
def half_gates_are_believed(plant: Plant) -> None:
    keep_silent(plant, "_malformed", "half a gate")


@mutant("A step may be of a type that nobody knows.", canary="it crashes on a type that it does not know")
def unknown_types_are_believed(plant: Plant) -> None:
    def make(honest: Callable[..., set[str] | None]) -> Callable[..., set[str]]:
        return lambda step, registry: honest(step, registry) or {binding.port for binding in step.bindings}

    plant.around(f"{VERIFY}:_ports", make)


@mutant("A step may be fed where it has no port.", canary="it watches the ports that the registry declares")
def unknown_ports_are_believed(plant: Plant) -> None:
    keep_silent(plant, "_malformed", "has no port")


@mutant("A step may run before what feeds it.", canary="nothing arrives from a gate that has not run yet")
def the_order_is_not_looked_at(plant: Plant) -> None:
    def make(honest: Callable[..., Iterator[str]]) -> Callable[..., Iterator[str]]:
        return lambda *given: (said for said in honest(*given) if "fed by nothing" not in said)

    plant.around(f"{VERIFY}:_malformed", make)

    def forgiving(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(plan: Any, specs: Any) -> Any:
            gates_first = sorted(plan.steps, key=lambda step: step.gate is None)
            rest = [step for step in gates_first if not step.gate]
            known = honest(replace(plan, steps=tuple(_ungated(rest))), specs)
            return known | {step.id: frozenset(Source) for step in plan.steps if step.gate}

        return faulty

    plant.around(f"{VERIFY}:_makers", forgiving)


def _ungated(steps: list[Step]) -> Iterator[Step]:
    names = {step.id for step in steps}
    for step in steps:
        kept = (b for b in step.bindings if all(ref.step in names for ref in b.refs))
        yield step._replace(bindings=tuple(kept))


@mutant("No sink is looked at.")
def leaks_are_not_looked_for(plant: Plant) -> None:
    keep_silent(plant, "_leaks", "")


@mutant("What no rule speaks of passes.")
def silence_of_the_policy_is_consent(plant: Plant) -> None:
    keep_silent(plant, "_leaks", "no rule speaks")


@mutant("Only the last step's own part is labelled.")
def makers_are_not_followed(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(plan: Any, specs: Any) -> Any:
            found = {}
            for step in plan.steps:
                spec = specs.get(step.id)
                made = {port.source for port in spec.outputs if port.source} if spec else set()
                found[step.id] = frozenset(made) or frozenset({Source.AUTHOR})
            return found

        return faulty

    plant.around(f"{VERIFY}:_makers", make)


@mutant("Any step between a gate and its sink counts as handing bytes on unchanged.")
def every_step_is_a_router(plant: Plant) -> None:
    def make(honest: Callable[..., bool]) -> Callable[..., bool]:
        return lambda ref, rule, steps, specs: honest(
            ref, rule, steps, {name: replace(spec, routes=True) for name, spec in specs.items()}
        )

    plant.around(f"{VERIFY}:_guarded", make)


@mutant("A gate of another rule may stand behind the gate.")
def another_gate_may_follow(plant: Plant) -> None:
    def make(honest: Callable[..., bool]) -> Callable[..., bool]:
        def faulty(ref: Any, rule: Any, steps: Any, specs: Any) -> bool:
            if honest(ref, rule, steps, specs):
                return True
            step = steps[ref.step]
            return step.gate is not None and all(
                faulty(source, rule, steps, specs) for b in step.bindings for source in b.refs
            )

        return faulty

    plant.around(f"{VERIFY}:_guarded", make)


@mutant("Of several ways back to a gate one suffices.")
def one_way_back_is_enough(plant: Plant) -> None:
    def make(honest: Callable[..., bool]) -> Callable[..., bool]:
        def faulty(ref: Any, rule: Any, steps: Any, specs: Any) -> bool:
            return honest(ref, rule, steps, specs) or any(
                other.gate and rule.id in other.gate.rules for other in steps.values()
            )

        return faulty

    plant.around(f"{VERIFY}:_guarded", make)


@mutant("Any gate will do for any rule.")
def rule_names_are_not_compared(plant: Plant) -> None:
    def make(honest: Callable[[Step, Rule], bool]) -> Callable[[Step, Rule], bool]:
        def faulty(step: Step, rule: Rule) -> bool:
            if step.gate is None:
                return False
            named = step._replace(gate=GateChain((*step.gate.rules, rule.id), step.gate.chain))
            return honest(named, rule)

        return faulty

    plant.around(f"{VERIFY}:_enforces", make)


@mutant("A gate that names a rule is believed to have its filters.")
def chains_are_not_compared(plant: Plant) -> None:
    def make(honest: Callable[[Step, Rule], bool]) -> Callable[[Step, Rule], bool]:
        return lambda step, rule: honest(step, replace(rule, chain=()))

    plant.around(f"{VERIFY}:_enforces", make)


@mutant("A gate may be less sure than its rule.")
def thresholds_are_not_compared(plant: Plant) -> None:
    change_rule(plant, lambda use: replace(use, threshold=1.0))


@mutant("A gate may act more softly than its rule.")
def actions_are_not_compared(plant: Plant) -> None:
    change_rule(plant, lambda use: replace(use, action=Action.REDACT))


@mutant("A gate that holds or blocks is believed to take out what people may then give back.")
def stern_gates_are_taken_for_redactors(plant: Plant) -> None:
    def make(honest: Callable[[Step, Rule], bool]) -> Callable[[Step, Rule], bool]:
        def faulty(step: Step, rule: Rule) -> bool:
            if step.gate is None:
                return False
            more = tuple((name, "redact", at, cats) for name, _, at, cats in step.gate.chain)
            return honest(step._replace(gate=GateChain(step.gate.rules, (*step.gate.chain, *more))), rule)

        return faulty

    plant.around(f"{VERIFY}:_enforces", make)


@mutant("A gate may know fewer categories than its rule.")
def categories_are_not_compared(plant: Plant) -> None:
    def make(honest: Callable[[Step, Rule], bool]) -> Callable[[Step, Rule], bool]:
        def faulty(step: Step, rule: Rule) -> bool:
            if step.gate is None:
                return False
            chain = tuple((name, action, at, ()) for name, action, at, _ in step.gate.chain)
            return honest(step._replace(gate=GateChain(step.gate.rules, chain)), rule)

        return faulty

    plant.around(f"{VERIFY}:_enforces", make)


@mutant(
    "A gate that no segment runs is believed to run.", canary="it looks at steps, and not at what runs where"
)
def segments_are_not_counted(plant: Plant) -> None:
    keep_silent(plant, "_strays", "segments")


@mutant("A result may come from a step that is not there.", canary="it watches sinks, and this is none")
def results_may_come_from_nowhere(plant: Plant) -> None:
    keep_silent(plant, "_strays", "comes from no step")


@mutant("A result may be taken from before its gate.", canary="it watches sinks, and this is none")
def results_may_come_from_before_a_gate(plant: Plant) -> None:
    keep_silent(plant, "_strays", "is not what a person sees")


@mutant("A shadow may give something.", canary="it carries nothing on from a shadow")
def shadows_may_give(plant: Plant) -> None:
    keep_silent(plant, "_malformed", "is no shadow")


@mutant("A step may be fed by a shadow, which clears nothing.", canary="it carries nothing on from a shadow")
def shadows_are_taken_for_gates(plant: Plant) -> None:
    keep_silent(plant, "_malformed", "is fed by a shadow")

    def make(honest: Callable[..., bool]) -> Callable[..., bool]:
        def faulty(step: Step, rule: Rule) -> bool:
            return honest(step._replace(gate=step.gate or step.shadow), rule)

        return faulty

    plant.around(f"{VERIFY}:_enforces", make)


@mutant(
    "A shadow may stand in a segment that a run waits for.", canary="it looks at steps, and not at segments"
)
def shadows_may_stand_anywhere(plant: Plant) -> None:
    keep_silent(plant, "_strays", "mixes shadows")


@mutant("What a model made may leave without its label.")
def labels_are_not_asked_for(plant: Plant) -> None:
    def make(honest: Callable[..., Iterator[Rule | None]]) -> Callable[..., Iterator[Rule | None]]:
        return lambda *given: (
            rule for rule in honest(*given) if rule is None or not rule.id.startswith("labelling:")
        )

    plant.around(f"{VERIFY}:_demands", make)
