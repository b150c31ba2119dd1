"""Faults of labels, rules and chains: a gate stands where it should, and asks for less than the policy does."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

from runtime.labels import Sink, Source
from runtime.plan import GateChain, Plan, Ref, Step
from runtime.ports import Kind
from runtime.safety.policy import Action, FilterUse, Policy, Rule
from tests.safety.mutants.mutant import Listed, Plant

_LIST = Listed("compiler", drawing="each port is fed by what was drawn, only its gate asks for less")
mutant = _LIST.mutant
MUTANTS = _LIST.mutants

PASS = "runtime.compiler.passes.insert_gates"
POLICY = "runtime.safety.policy:Policy"
NO_PLAN = "there is no plan to look at"

Labels = dict[Ref, frozenset[Source]]
Chain = tuple[FilterUse, ...]


def change_chains(plant: Plant, change: Callable[[tuple[Rule, ...], Chain], Chain]) -> None:
    """Change the merged chain of each gate, knowing the rules that it was merged from."""

    def make(honest: Callable[..., Chain]) -> Callable[..., Chain]:
        def faulty(rules: Iterable[Rule]) -> Chain:
            asked = tuple(rules)
            return change(asked, honest(asked))

        return faulty

    plant.around(f"{PASS}:merge_chains", make)


def change_rules(plant: Plant, change: Callable[..., tuple[Rule, ...]]) -> None:
    """`change(honest answer, policy, sink, kind, sources)` decides which rules a gate enforces."""

    def make(honest: Callable[..., tuple[Rule, ...]]) -> Callable[..., tuple[Rule, ...]]:
        def faulty(policy: Policy, sink: Sink, kind: Kind, sources: Iterable[Source]) -> tuple[Rule, ...]:
            asked = frozenset(sources)
            return change(honest(policy, sink, kind, asked), policy, sink, kind, asked)

        return faulty

    plant.around(f"{POLICY}.rules_for", make)


def change_labels(
    plant: Plant, change: Callable[[tuple[Step, ...], Any, Callable[..., Labels]], Labels]
) -> None:
    def make(honest: Callable[..., Labels]) -> Callable[..., Labels]:
        return lambda steps, specs, authors: change(
            tuple(steps), specs, lambda shown, of: honest(shown, of, authors)
        )

    plant.around(f"{PASS}:label", make)


@mutant("A join counts as made by whoever made its first text.")
def a_join_drops_sources(plant: Plant) -> None:
    def change(steps: tuple[Step, ...], specs: Any, honest: Callable[..., Labels]) -> Labels:
        def first(step: Step) -> Step:
            return step._replace(bindings=tuple(b._replace(refs=b.refs[:1]) for b in step.bindings[:1]))

        return honest([first(step) for step in steps], specs)

    change_labels(plant, change)


@mutant("What a model adds to a text of the author counts as the author's.", drawing="")
def a_nodes_own_part_is_not_labelled(plant: Plant) -> None:
    def change(steps: tuple[Step, ...], specs: Any, honest: Callable[..., Labels]) -> Labels:
        reached = {s.id: [ref for b in s.bindings for ref in b.refs] for s in steps}
        found = dict(honest(steps, specs))
        for step in steps:
            for name, _ in step.outputs:
                if reached[step.id]:
                    found[Ref(step.id, name)] = frozenset().union(*(found[ref] for ref in reached[step.id]))
        return found

    change_labels(plant, change)


@mutant("What leaves a router counts as the author's.")
def a_router_forgets_who_made_it(plant: Plant) -> None:
    def change(steps: tuple[Step, ...], specs: Any, honest: Callable[..., Labels]) -> Labels:
        found = honest(steps, specs)
        return {
            ref: frozenset({Source.AUTHOR}) if specs[ref.step].routes else makers
            for ref, makers in found.items()
        }

    change_labels(plant, change)


@mutant("What nobody is known to have made is forgotten once it is mixed.")
def unknown_makers_are_forgotten(plant: Plant) -> None:
    plant.patch.setattr(f"{PASS}.ANYBODY", frozenset())
    change_labels(plant, lambda steps, specs, honest: honest(steps, specs))


@mutant("What no rule speaks of passes as if a rule allowed it.", drawing="")
def a_gap_is_taken_for_an_allowance(plant: Plant) -> None:
    plant.around(f"{PASS}:_gap", lambda honest: lambda *_: [])


@mutant(
    "What a rule allows in words is refused as if no rule spoke of it.",
    verify=NO_PLAN,
    canary=NO_PLAN,
    drawing="",
)
def an_allowance_is_taken_for_a_gap(plant: Plant) -> None:
    def make(honest: Callable[..., list[Source]]) -> Callable[..., list[Source]]:
        return lambda policy, *rest: honest(
            replace(policy, rules=tuple(r for r in policy.rules if r.chain)), *rest
        )

    plant.around(f"{POLICY}.gaps", make)


@mutant("One rule that allows silences those that ask for filters.")
def an_allowance_silences_the_other_rules(plant: Plant) -> None:
    def change(
        rules: tuple[Rule, ...], policy: Policy, sink: Sink, kind: Kind, sources: Any
    ) -> tuple[Rule, ...]:
        allowed = any(not r.chain and r.concerns(sink, kind, sources) for r in policy.rules)
        return () if allowed else rules

    change_rules(plant, change)


@mutant("Of several rules only the first is enforced.")
def only_the_first_rule_counts(plant: Plant) -> None:
    change_rules(plant, lambda rules, *_: rules[:1])


@mutant("Of several rules only the last is enforced.")
def only_the_last_rule_counts(plant: Plant) -> None:
    change_rules(plant, lambda rules, *_: rules[-1:])


@mutant("A rule counts only for what was made by its sources alone.")
def a_rule_needs_all_makers(plant: Plant) -> None:
    change_rules(
        plant,
        lambda rules, policy, sink, kind, sources: tuple(r for r in rules if sources <= frozenset(r.sources)),
    )


@mutant("Where rules meet, the higher threshold wins.")
def the_threshold_is_raised(plant: Plant) -> None:
    def change(rules: tuple[Rule, ...], chain: Chain) -> Chain:
        uses = [use for rule in rules for use in rule.chain]
        return tuple(
            replace(
                c, threshold=max(u.threshold for u in uses if (u.filter, u.action) == (c.filter, c.action))
            )
            for c in chain
        )

    change_chains(plant, change)


@mutant("What should be blocked is taken out instead.")
def the_action_is_softened(plant: Plant) -> None:
    change_chains(plant, lambda rules, chain: tuple(replace(use, action=Action.REDACT) for use in chain))


@mutant("Where rules meet, only categories that all of them name are stopped.")
def categories_are_cut(plant: Plant) -> None:
    def change(rules: tuple[Rule, ...], chain: Chain) -> Chain:
        return tuple(replace(use, categories=use.categories[:1]) for use in chain)

    change_chains(plant, change)


@mutant("A rule that names categories wins over one that means all.")
def all_categories_become_some(plant: Plant) -> None:
    def change(rules: tuple[Rule, ...], chain: Chain) -> Chain:
        named = {use.filter: use.categories for rule in rules for use in rule.chain if use.categories}
        return tuple(replace(use, categories=named.get(use.filter, use.categories)) for use in chain)

    change_chains(plant, change)


@mutant("A filter that two rules use with two actions keeps the milder.")
def a_filter_acts_in_one_way_only(plant: Plant) -> None:
    def change(rules: tuple[Rule, ...], chain: Chain) -> Chain:
        first: dict[str, FilterUse] = {}
        for use in chain:
            first.setdefault(use.filter, use)
        return tuple(first.values())

    change_chains(plant, change)


@mutant("A gate names all its rules and filters for the first.")
def a_gate_names_rules_that_it_does_not_enforce(plant: Plant) -> None:
    def make(honest: Callable[..., Chain]) -> Callable[..., Chain]:
        return lambda rules: honest(tuple(rules)[:1])

    plant.around(f"{PASS}:merge_chains", make)


@mutant("The last filter of each chain is lost.")
def the_last_filter_is_lost(plant: Plant) -> None:
    change_chains(plant, lambda rules, chain: chain[:-1])


@mutant("A gate has no filters at all.")
def gates_are_empty(plant: Plant) -> None:
    change_chains(plant, lambda rules, chain: ())


@mutant("A gate names one rule of those that it enforces.")
def a_gate_names_one_rule_of_several(plant: Plant) -> None:
    def make(honest: Callable[..., Step]) -> Callable[..., Step]:
        def faulty(*args: Any) -> Step:
            gate = honest(*args)
            assert gate.gate is not None
            return gate._replace(gate=GateChain(gate.gate.rules[:1], gate.gate.chain))

        return faulty

    plant.around(f"{PASS}:_gate", make)


def _without_sink(plant: Plant, forgotten: Sink) -> None:
    def make(honest: Callable[..., Sink | None]) -> Callable[..., Sink | None]:
        def faulty(*args: Any) -> Sink | None:
            sink = honest(*args)
            return None if sink is forgotten else sink

        return faulty

    plant.around(f"{PASS}:_sink", make)


@mutant("A model is no sink.", drawing="")
def models_are_no_sinks(plant: Plant) -> None:
    _without_sink(plant, Sink.MODEL)


@mutant("A person is no sink.", drawing="")
def persons_are_no_sinks(plant: Plant) -> None:
    _without_sink(plant, Sink.PERSON)


@mutant(
    "A plan names another policy than the one that made it.",
    canary="it trusts the policy that it is given, and the gates are that policy's",
    drawing="it does not look at the policy",
)
def the_plan_names_another_policy(plant: Plant) -> None:
    def make(honest: Callable[..., Plan]) -> Callable[..., Plan]:
        return lambda graph, version, digest, *rest: honest(graph, version, "0" * 64, *rest)

    plant.around("runtime.compiler.compile:Plan", make)


@mutant("No gate labels what a model made.")
def labels_are_forgotten(plant: Plant) -> None:
    change_rules(plant, lambda rules, *_: tuple(r for r in rules if not r.id.startswith("labelling:")))


@mutant("A policy that is tried decides in place of the one in force.")
def a_trial_decides(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(steps: Any, segments: Any, gated: Any, candidate: Any) -> Any:
            """The shadows are there, and so what they look at needs no gate any more."""
            steps, segments = honest(steps, segments, gated, candidate)
            looked_at = {step.bindings[0].refs: step.id for step in steps if step.shadow}
            past = {s.id: s.bindings[0] for s in steps if s.gate and s.bindings[0].refs in looked_at}

            def bare(step: Step) -> Step:
                bindings = (
                    past[b.refs[0].step]._replace(port=b.port, type=b.type) if b.refs[0].step in past else b
                    for b in step.bindings
                )
                return step._replace(bindings=tuple(bindings))

            return tuple(map(bare, steps)), segments

        return faulty

    plant.around("runtime.compiler.compile:cast_shadow", make)


@mutant(
    "What a gate guarded takes its shadow's word.",
    canary="nothing arrives from a shadow, and the run fails",
    drawing="",
)
def a_shadow_takes_the_place_of_a_gate(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(*given: Any) -> Any:
            steps, segments = honest(*given)
            shadows = {step.bindings[0].refs: step.id for step in steps if step.shadow}
            stands_for = {
                s.id: shadows[s.bindings[0].refs] for s in steps if s.gate and s.bindings[0].refs in shadows
            }

            def led(step: Step) -> Step:
                bindings = (
                    b._replace(refs=tuple(Ref(stands_for.get(r.step, r.step), r.port) for r in b.refs))
                    for b in step.bindings
                )
                return step._replace(bindings=tuple(bindings))

            return tuple(map(led, steps)), segments

        return faulty

    plant.around("runtime.compiler.compile:cast_shadow", make)
