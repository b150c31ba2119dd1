"""Trials: they say what the gate of a run would do, more of why, and nothing of the material."""

import numpy as np
import pytest

from runtime.dispatch.trial import Trial
from runtime.engine.trial import chain_of, try_out
from runtime.labels import Sink, Source
from runtime.plan import GATE
from runtime.ports import AUDIO, TEXT
from runtime.safety.deliver import deliver
from runtime.safety.policy import Action, FilterUse
from runtime.safety.redaction import MARK
from runtime.sound.wav import write_plain
from runtime.values import Json, Value
from tests.engine.segments import Bench, compiled
from tests.fixtures.runs import chain, stub_policy
from tests.sound.sounds import chunk, tone, wav

PLAIN = chain(("a", "echo", {}))
USER = frozenset({Source.USER})


def tried(bench: Bench, text: str, sink: Sink = Sink.PERSON) -> dict[str, Json]:
    trial = Trial("t", Value(TEXT, text, USER), sink, bench.policy)
    return try_out(Trial.from_json(trial.to_json()), bench.services().inspector)


@pytest.mark.parametrize("text", ["clean", "", "my key-12345 is", "a forbidden word", "key-1234 forbidden"])
def test_a_trial_ends_as_a_run_would(bench: Bench, text: str) -> None:
    told = bench.run(PLAIN, text=text)
    said = tried(bench, text)
    shown = Value.from_json(said["value"]).data if said["value"] else None
    assert shown == (told.results["answer"].data if told.results else None)
    assert {event.data["action"] for event in told.events} == {
        row["action"] for row in said["filters"] if any(match["met"] for match in row["matches"])
    }


def test_the_chain_is_the_one_of_the_compiled_gate(bench: Bench) -> None:
    (gate,) = [step for step in compiled(PLAIN, bench.policy).steps if step.type == GATE]
    assert gate.gate == chain_of(bench.policy.rules_for(Sink.PERSON, TEXT.kind, USER))


def test_what_passes_is_cleared_for_the_sink_that_was_asked_about_and_for_no_other(bench: Bench) -> None:
    value = Value.from_json(tried(bench, "my key-12345 is")["value"])
    assert deliver(value, Sink.PERSON, bench.policy, lambda passed: passed.data) == f"my {MARK} is"
    assert {clearance.rule for clearance in value.clearances} == {"person-text"}


def test_a_score_below_the_threshold_is_told_and_meets_no_action(bench: Bench) -> None:
    bench.policy = stub_policy(FilterUse("stub.weak", Action.BLOCK))
    said = tried(bench, "a forbidden word")
    assert said["verdict"] == "allow"
    assert said["filters"] == [
        {
            "filter": "stub.weak",
            "action": "block",
            "threshold": 0.5,
            "matches": [{"category": "stub", "score": 0.2, "met": False}],
        }
    ]


def test_what_is_held_or_blocked_gives_no_value(bench: Bench) -> None:
    for action in (Action.HOLD, Action.BLOCK):
        bench.policy = stub_policy(FilterUse("stub.words", action))
        said = tried(bench, "a forbidden word")
        assert (said["verdict"], said["value"]) == (action.value, None)


def test_a_prompt_is_tried_under_the_rules_for_models(bench: Bench) -> None:
    said = tried(bench, "key-12345", Sink.MODEL)
    assert [row["filter"] for row in said["filters"]] == ["stub.words"]
    assert said["verdict"] == "allow"


def test_the_filters_rows_quote_nothing(bench: Bench) -> None:
    assert "12345" not in str(tried(bench, "key-12345 forbidden")["filters"])


@pytest.mark.parametrize(
    "name", ["raises", "exits", "late", "nan", "bad_span", "nothing", "strings", "stranger"]
)
def test_a_filter_that_is_not_sound_gives_a_fault_and_nothing_else(bench: Bench, name: str) -> None:
    bench.policy = stub_policy(FilterUse(f"stub.{name}", Action.BLOCK))
    said = tried(bench, "anything CANARY-5521")
    assert set(said) == {"fault"} and said["fault"]["code"] == "gate_unavailable"
    assert "CANARY" not in str(said)


def test_a_filter_that_hangs_gives_a_fault_and_marks_the_process(bench: Bench) -> None:
    bench.policy = stub_policy(FilterUse("stub.hangs", Action.BLOCK))
    bench.deadline = 0.2
    inspector = bench.services().inspector
    said = try_out(Trial("t", Value(TEXT, "x", USER), Sink.PERSON, bench.policy), inspector)
    assert set(said) == {"fault"} and inspector.hung


FORBIDDEN = np.frombuffer(b"FORBIDDEN.", "<i2")


def tried_sound(bench: Bench, content: bytes) -> dict[str, Json]:
    inspector = bench.services().inspector
    ref = inspector.assets.write(content, "audio/wav")
    return try_out(Trial("t", Value(AUDIO, ref, USER), Sink.PERSON, bench.policy), inspector)


def test_a_sound_is_tried_in_the_form_in_which_its_input_gives_it_on(bench: Bench) -> None:
    assert tried_sound(bench, write_plain(FORBIDDEN, 16_000))["verdict"] == "block"
    # On two channels that are the same no filter would find the bytes; mixed to one it does.
    levels = FORBIDDEN / 32_768
    stereo = wav(levels, levels)
    assert b"FORBIDDEN" not in stereo
    assert tried_sound(bench, stereo)["verdict"] == "block"
    beside = wav(tone(), after=chunk(b"LIST", b"FORBIDDEN."))
    assert tried_sound(bench, beside)["verdict"] == "allow"


def test_the_plain_form_of_a_sound_that_is_tried_is_stored_nowhere(bench: Bench) -> None:
    inspector = bench.services().inspector
    ref = inspector.assets.write(wav(tone(), tone()), "audio/wav")
    said = try_out(Trial("t", Value(AUDIO, ref, USER), Sink.PERSON, bench.policy), inspector)
    plain = Value.from_json(said["value"]).data
    assert plain != ref
    with pytest.raises(Exception):  # noqa: B017 - each store says in its own words that there is nothing
        inspector.assets.read(plain)


@pytest.mark.parametrize("content", [b"no sound", wav(tone())[:-4], wav(tone(), form=2)])
def test_a_sound_that_cannot_be_read_is_a_fault_and_clears_nothing(bench: Bench, content: bytes) -> None:
    said = tried_sound(bench, content)
    assert set(said) == {"fault"} and said["fault"]["code"] == "sound_unreadable"
