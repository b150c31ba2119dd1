"""Faults at run time: filters that fail open, windows that let go too early, locks that do not ask."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from runtime.dispatch.store import Failure
from runtime.errors import OperationalError
from runtime.labels import Clearance
from runtime.values import Value
from runtime.words import Words
from tests.safety.mutants.mutant import Listed, Plant

_LIST = Listed("run")
mutant = _LIST.mutant
MUTANTS = _LIST.mutants

LOCKS = (
    "runtime.safety.deliver",
    "runtime.engine.executor",
    "runtime.engine.ask",
    "builder.runs.store",
    "builder.runs.write_progress",
    "builder.runs.questions",
)
INSPECTOR = "runtime.engine.inspection:Inspector"


def change_clearances(plant: Plant, change: Callable[[Value, Any], frozenset[Clearance]]) -> None:
    """deliver() is shown other clearances than the value has."""

    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(value: Value, sink: Any, policy: Any, write: Any) -> Any:
            believed = replace(value, clearances=change(value, policy))
            return honest(believed, sink, policy, lambda _: write(value))

        return faulty

    for lock in LOCKS:
        plant.around(f"{lock}:deliver", make)


@mutant("Words in a setting are handed over, whoever has seen them.")
def settings_are_handed_over(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        return lambda run, step, found, inputs: honest(run, step._replace(params={}), found, inputs)

    plant.around("runtime.engine.executor:_SegmentRun._admit", make)


@mutant("The way of a failure tells what the failure says.")
def the_way_of_a_failure_quotes_it(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(step: Any, fault: BaseException, failure: Failure, authors: Any) -> Any:
            given = honest(step, fault, failure, authors)
            return given and {
                name: replace(value, data=f"{value.data} {fault}") for name, value in given.items()
            }

        return faulty

    plant.around("runtime.engine.executor:fall_back", make)


@mutant("What stands in for a failure keeps the clearances of what was to be made.")
def what_stands_in_is_taken_for_cleared(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        """A node that lacks a clearance goes on as if it had only failed."""
        return lambda step, fault, failure, authors: honest(step, ValueError(), failure, authors)

    plant.around("runtime.engine.executor:fall_back", make)


@mutant("A clearance counts under any policy.")
def deliver_does_not_ask_for_the_policy(plant: Plant) -> None:
    change_clearances(
        plant, lambda value, policy: frozenset(replace(c, policy=policy.digest) for c in value.clearances)
    )


@mutant("A clearance of one value is used for another.")
def deliver_does_not_ask_for_the_bytes(plant: Plant) -> None:
    change_clearances(
        plant, lambda value, policy: frozenset(replace(c, digest=value.digest) for c in value.clearances)
    )


@mutant("A clearance by one rule counts for all.")
def deliver_does_not_ask_for_the_rule(plant: Plant) -> None:
    change_clearances(
        plant,
        lambda value, policy: frozenset(
            replace(c, rule=rule.id) for c in value.clearances for rule in policy.rules
        ),
    )


@mutant("What no rule speaks of is delivered.")
def deliver_lets_gaps_pass(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(value: Value, sink: Any, policy: Any, write: Any) -> Any:
            silent = policy.gaps(sink, value.type.kind, value.sources)
            return write(value) if silent else honest(value, sink, policy, write)

        return faulty

    for lock in LOCKS:
        plant.around(f"{lock}:deliver", make)


@mutant("The bytes are written, and then the clearance is asked for.")
def deliver_writes_first(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(value: Value, sink: Any, policy: Any, write: Any) -> Any:
            written = write(value)
            honest(value, sink, policy, lambda _: None)
            return written

        return faulty

    for lock in LOCKS:
        plant.around(f"{lock}:deliver", make)


@mutant("A model is told without asking for a clearance.")
def inputs_are_not_delivered(plant: Plant) -> None:
    plant.around("runtime.engine.executor:deliver", lambda honest: lambda value, *rest: value.data)


@mutant("The writer of outputs does not ask for a clearance.")
def outputs_are_not_delivered(plant: Plant) -> None:
    plant.around(
        "builder.runs.write_progress:deliver",
        lambda honest: lambda value, sink, policy, write: write(value),
    )


@mutant("What streams is told before its clearance is asked for.")
def partials_are_not_delivered(plant: Plant) -> None:
    plant.around("builder.runs.store:deliver", lambda honest: lambda value, sink, policy, write: write(value))


def _fail_open(plant: Plant, which: Callable[[Any, str], bool]) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(inspector: Any, name: str, kind: Any, values: Any) -> Any:
            try:
                return honest(inspector, name, kind, values)
            except OperationalError:
                if which(inspector, name):
                    return [()] * len(values)
                raise

        return faulty

    plant.around(f"{INSPECTOR}.inspect", make)


@mutant("A filter that raises has found nothing.")
def faults_of_filters_are_swallowed(plant: Plant) -> None:
    _fail_open(plant, lambda inspector, name: name in inspector.filters and not inspector.hung)


@mutant("A filter that does not answer in time has found nothing.")
def a_deadline_is_a_pass(plant: Plant) -> None:
    _fail_open(plant, lambda inspector, name: inspector.hung)


@mutant("A filter that is not installed has found nothing.")
def a_missing_filter_is_a_pass(plant: Plant) -> None:
    _fail_open(plant, lambda inspector, name: name not in inspector.filters)


@mutant("Whatever a filter answers is believed.")
def nonsense_is_believed(plant: Plant) -> None:
    plant.around("runtime.engine.inspection:_nonsense", lambda honest: lambda *_: None)


@mutant("A preview is the picture itself.")
def previews_are_not_blurred(plant: Plant) -> None:
    plant.around("runtime.safety.preview:blurred", lambda honest: lambda image: image)


@mutant("A preview is small and still sharp.")
def previews_are_only_small(plant: Plant) -> None:
    plant.patch.setattr("runtime.safety.preview.BLUR", 0)


@mutant("A latent is shown whatever the policy says of previews.")
def previews_ignore_the_policy(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        return lambda step, image, policy: honest(step, image, replace(policy, previews="blurred"))

    plant.around("runtime.safety.preview:preview_event", make)
    plant.around("runtime.engine.step_context:preview_event", make)


@mutant("A router that changes bytes hands their clearance on.")
def a_router_keeps_clearances_of_other_bytes(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(port_type: Any, data: Any, makers: Any, routed: Any) -> Value:
            value: Value = honest(port_type, data, makers, routed)
            return replace(value, clearances=frozenset().union(*(origin.clearances for origin in routed)))

        return faulty

    plant.around("runtime.engine.outputs:_labelled", make)


@mutant("What two cleared texts were joined into is cleared.")
def a_join_keeps_clearances(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(port_type: Any, data: Any, origins: Any) -> Value:
            value: Value = honest(port_type, data, origins)
            return replace(value, clearances=frozenset().union(*(origin.clearances for origin in origins)))

        return faulty

    plant.around("runtime.engine.bindings:_relabelled", make)


@mutant("An error quotes the exception, and that the material.")
def errors_quote_the_material(plant: Plant) -> None:
    def make(honest: Callable[..., Failure]) -> Callable[..., Failure]:
        return lambda fault, node: Failure("node_error", Words(str(fault), str(fault)), None, node)

    plant.around("runtime.engine.executor:failure_of", make)


@mutant("A worker starts a plan that nobody signed.")
def signatures_are_not_checked(plant: Plant) -> None:
    plant.around("runtime.worker.agent:is_signed", lambda honest: lambda *_: True)


@mutant("A worker starts a plan that was not verified.")
def plans_are_not_verified(plant: Plant) -> None:
    plant.around("runtime.worker.agent:verify", lambda honest: lambda *_: ())


def _change_lookup(plant: Plant, change: Callable[[Clearance, Any, Any], Clearance]) -> None:
    """A look-up believes clearances that are not quite what it was asked for."""

    def make(honest: Callable[..., bool]) -> Callable[..., bool]:
        def faulty(value: Value, chain: Any, policy: Any) -> bool:
            believed = frozenset(change(item, value, policy) for item in value.clearances)
            return honest(replace(value, clearances=believed), chain, policy)

        return faulty

    plant.around("runtime.engine.lookup:is_cleared", make)
    plant.around("runtime.engine.executor:is_cleared", make)


@mutant("A picture that another policy has cleared is not looked at.")
def a_lookup_does_not_ask_for_the_policy(plant: Plant) -> None:
    _change_lookup(plant, lambda item, value, policy: replace(item, policy=policy.digest))


@mutant("A picture is not looked at because another one was cleared.")
def a_lookup_does_not_ask_for_the_bytes(plant: Plant) -> None:
    _change_lookup(plant, lambda item, value, policy: replace(item, digest=value.digest))


@mutant("A picture that another rule has cleared is not looked at.")
def a_lookup_does_not_ask_for_the_rule(plant: Plant) -> None:
    _change_lookup(plant, lambda item, value, policy: replace(item, rule="person-image"))
