"""The node types around sounds."""

import numpy as np
import pytest

from runtime.errors import UserError
from runtime.models.manager import ModelManager
from runtime.packs.speech.input_audio import input_audio
from runtime.packs.speech.output_audio import output_audio
from runtime.packs.speech.speech_transcribe import speech_transcribe
from runtime.sound.wav import read_plain
from runtime.values import AssetRef
from tests.models.cache import real_models
from tests.packs.doubles import MemoryContext
from tests.sound.sounds import chunk, tone, wav
from tests.sound.spoken import RATE, as_wav, spoken


def taken(content: bytes) -> tuple[int, np.ndarray]:
    context = MemoryContext()
    context.arguments = {"recording": context.assets.write(content, "audio/wav")}
    made = input_audio.run(context, name="recording", label=None)["audio"]
    assert isinstance(made, AssetRef) and made.media_type == "audio/wav"
    return read_plain(context.assets.read(made))


def test_a_sound_is_written_anew_as_one_plain_channel() -> None:
    rate, samples = taken(wav(tone(), -tone(), rate=44_100, bits=24, after=chunk(b"data", b"more")))
    assert rate == 44_100 and np.abs(samples).max() <= 1


@pytest.mark.parametrize("content", [b"no sound", wav(tone())[:-4], wav(tone(), form=2)])
def test_what_is_no_sound_is_the_users_to_mend(content: bytes) -> None:
    with pytest.raises(UserError) as refused:
        taken(content)
    assert refused.value.code == "sound_unreadable"


def test_without_a_sound_it_says_which_is_needed() -> None:
    with pytest.raises(UserError, match="input_missing"):
        input_audio.run(MemoryContext(), name="recording", label="Your recording")


def test_an_output_delivers_what_it_is_given_and_makes_nothing() -> None:
    ref = AssetRef("a" * 64, "audio/wav", 1)
    assert output_audio.run(MemoryContext(), audio=ref, name=None, label=None) == {}


def test_what_is_said_is_written_down_part_by_part_and_streamed(models: ModelManager) -> None:
    real_models("whisper-base")
    context = MemoryContext(models=models)
    silence = np.zeros(27 * RATE)
    said = np.concatenate([spoken("Good morning, everybody."), silence, spoken("The boat leaves at nine.")])
    ref = context.assets.write(as_wav(said), "audio/wav")
    text = speech_transcribe.run(context, audio=ref, model="whisper-base")["text"]
    assert isinstance(text, str)
    assert text.startswith("Good morning") and text.rstrip(".").endswith("nine")
    shown = [piece for _, piece in context.streamed]
    assert len(shown) == 2 and shown[-1] == text and text.startswith(shown[0])
    assert context.checks >= 2


def test_a_sound_that_is_not_plain_is_not_written_down() -> None:
    context = MemoryContext()
    ref = context.assets.write(wav(tone(), tone()), "audio/wav")
    with pytest.raises(UserError, match="sound_unreadable"):
        speech_transcribe.run(context, audio=ref, model="whisper-base")
