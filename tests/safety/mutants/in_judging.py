"""Faults planted in what a gate's filters are shown, and in what of a stream is held back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from runtime.engine.look import Look
from runtime.safety.policy import Action
from runtime.safety.redaction import MARK
from tests.safety.mutants.mutant import Listed, Plant

_LIST = Listed("run")
mutant = _LIST.mutant
MUTANTS = _LIST.mutants


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
