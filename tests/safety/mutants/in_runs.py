"""Faults at run time: filters that fail open, windows that let go too early, locks that do not ask."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from runtime.dispatch.store import Failure
from runtime.engine.look import Look
from runtime.errors import OperationalError
from runtime.labels import Clearance
from runtime.safety.policy import Action
from runtime.safety.redaction import MARK
from runtime.values import Value
from runtime.words import Words
from tests.safety.mutants.mutant import Listed, Plant

_LIST = Listed("run")
mutant = _LIST.mutant
MUTANTS = _LIST.mutants

LOCKS = (
    "runtime.safety.deliver",
    "runtime.engine.executor",
    "builder.runs.store",
    "builder.runs.write_progress",
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
        return lambda run, step, found, inputs: honest(run, replace(step, params={}), found, inputs)

    plant.around("runtime.engine.executor:_SegmentRun._admit", make)


@mutant("The way of a failure tells what the failure says.")
def the_way_of_a_failure_quotes_it(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(step: Any, fault: BaseException, failure: Failure) -> Any:
            given = honest(step, fault, failure)
            return given and {
                name: replace(value, data=f"{value.data} {fault}") for name, value in given.items()
            }

        return faulty

    plant.around("runtime.engine.executor:fall_back", make)


@mutant("What stands in for a failure keeps the clearances of what was to be made.")
def what_stands_in_is_taken_for_cleared(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        """A node that lacks a clearance goes on as if it had only failed."""
        return lambda step, fault, failure: honest(step, ValueError(), failure)

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
        def faulty(inspector: Any, name: str, *rest: Any) -> Any:
            try:
                return honest(inspector, name, *rest)
            except OperationalError:
                if which(inspector, name):
                    return ()
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


@mutant("A stream holds back sixty letters, and the widest pair of a word list needs more.")
def the_window_is_too_short(plant: Plant) -> None:
    plant.patch.setattr("runtime.engine.window.HELD_BACK", 60)


@mutant("A stream does not wait for what has begun and is not finished.")
def what_is_open_is_shown(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        return lambda window, verdict: honest(window, replace(verdict, settled=None))

    plant.around("runtime.engine.window:Window._advance", make)


@mutant("A word list does not say that half of a pair waits for the other.")
def halves_of_pairs_are_not_open(plant: Plant) -> None:
    plant.around("runtime.packs.safety.word_list:waiting", lambda honest: lambda *_: iter(()))


@mutant("A word list does not say that a word is being drawn out.")
def drawn_out_words_are_not_open(plant: Plant) -> None:
    plant.around("runtime.packs.safety.word_list:WordList._begun_entry", lambda honest: lambda *_: 0)


@mutant("Numbers are let through whatever they are.")
def numbers_are_not_read(plant: Plant) -> None:
    plant.around("runtime.engine.inspection:written", lambda honest: lambda number: "")


@mutant("A stream is cut inside of what a filter has its eye on.")
def the_cut_ignores_spans(plant: Plant) -> None:
    plant.around("runtime.engine.window:safe_end", lambda honest: lambda text, spans: honest(text, ()))


@mutant("A stream shows what came, and then judges it.")
def a_window_releases_before_it_judges(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(window: Any, text: str) -> None:
            window.release(text)
            honest(window, text)

        return faulty

    plant.around("runtime.engine.window:Window.offer", make)


@mutant("What was streamed need not be the beginning of what is given in the end.")
def the_end_of_a_stream_is_not_compared(plant: Plant) -> None:
    plant.around("runtime.engine.streams:Streams.confirm", lambda honest: lambda *_: None)


@mutant("A gate clears what it blocked.")
def blocked_values_pass(plant: Plant) -> None:
    plant.patch.setattr("runtime.engine.gate.Verdict.passes", property(lambda verdict: True))


@mutant("What a person should look at first passes meanwhile.")
def held_values_pass(plant: Plant) -> None:
    mild = (Action.REDACT, Action.HOLD)
    plant.patch.setattr(
        "runtime.engine.gate.Verdict.passes",
        property(lambda verdict: all(hit.action in mild for hit in verdict.hits)),
    )


@mutant("Of a list only the first item is judged.")
def only_the_first_item_is_judged(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        def faulty(port_type: Any, data: Any, *rest: Any) -> Any:
            return honest(port_type, data[:1] if port_type.many else data, *rest)

        return faulty

    plant.around("tests.safety.judgements:judge", make)
    plant.around("runtime.engine.executor:judge", make)


@mutant("A list is judged item by item, and its items never together.")
def pieces_are_never_joined(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        return lambda *value: [reading for reading in honest(*value) if reading.joined is None]

    plant.around("runtime.engine.look:readings", make)


@mutant("Of what lies across items only the part in the first is taken out.")
def a_span_across_items_is_cut_in_the_first(plant: Plant) -> None:
    def make(honest: Callable[..., Any]) -> Callable[..., Any]:
        return lambda reading, match: list(honest(reading, match))[:1]

    plant.around("runtime.engine.readings:Reading.places", make)


def _change_look(plant: Plant, change: Callable[[Look, Any], None]) -> None:
    """`change` spoils what a look at some data has found."""

    def make(honest: Callable[..., Look]) -> Callable[..., Look]:
        def faulty(port_type: Any, data: Any, *rest: Any, **more: Any) -> Look:
            seen = honest(port_type, data, *rest, **more)
            change(seen, data)
            return seen

        return faulty

    plant.around("runtime.engine.gate:look_at", make)


@mutant("Judges see only what redactors have left, and so an added redactor switches a block off.")
def judges_see_what_redactors_left(plant: Plant) -> None:
    def change(seen: Look, data: Any) -> None:
        if seen.cuts:
            seen.hits = [hit for hit in seen.hits if hit.action is Action.REDACT]

    _change_look(plant, change)


@mutant("Judges see the value as it came, and not what will leave.")
def what_will_leave_is_not_judged(plant: Plant) -> None:
    def change(seen: Look, data: Any) -> None:
        if MARK in str(data):
            seen.hits = [hit for hit in seen.hits if hit.action is Action.REDACT]

    _change_look(plant, change)


@mutant("Each redactor takes out less where another has found something as well.")
def redactors_hide_from_each_other(plant: Plant) -> None:
    def change(seen: Look, data: Any) -> None:
        seen.cuts = {item: [min(spans, key=lambda span: span[1])] for item, spans in seen.cuts.items()}

    _change_look(plant, change)


@mutant("A provider's judge is told what the policy takes out as private.")
def a_provider_is_told_what_is_private(plant: Plant) -> None:
    plant.around(
        "runtime.engine.look:_elsewhere", lambda honest: lambda name, answers: name == "stub.secrets"
    )


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
        def faulty(port_type: Any, data: Any, own: Any, reached: Any, routed: Any) -> Value:
            value: Value = honest(port_type, data, own, reached, routed)
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
