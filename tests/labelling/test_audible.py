"""The sign before a sound that a model made: heard first, always the same, and the sound behind it untouched."""

import io
import wave

import numpy as np
import pytest

from runtime.labelling.audible import RHYTHM, SHORT, begins, precede, rhythm
from runtime.sound.wav import read_plain
from tests.sound.sounds import tone, wav
from tests.sound.spoken import as_wav


@pytest.mark.parametrize("rate", [8_000, 24_000, 44_100])
def test_the_sound_follows_the_sign_unchanged(rate: int) -> None:
    plain = as_wav(tone(0.3, rate), rate)
    marked = precede(plain)
    _, before = read_plain(plain)
    got, samples = read_plain(marked)
    assert got == rate
    assert (samples[: len(rhythm(rate))] == rhythm(rate)).all()
    assert (samples[len(rhythm(rate)) :] == before).all()
    assert begins(marked) and not begins(plain)
    with wave.open(io.BytesIO(marked)) as other:
        assert other.getnframes() == len(samples)


def test_the_sign_is_short_long_short_short_and_long_enough_to_be_heard() -> None:
    rate = 8_000
    loud = np.abs(rhythm(rate).reshape(-1, rate // 100)).max(axis=1) > 1_000  # hundredths of a second
    edges = np.flatnonzero(np.diff(np.concatenate([[0], loud.astype(int), [0]])))
    lengths = (edges[1::2] - edges[::2]) / 100
    assert np.abs(lengths - [tone * SHORT for tone, _ in RHYTHM]).max() < 0.03
    assert [tone for tone, _ in RHYTHM] == [1, 3, 1, 1]


@pytest.mark.parametrize(
    "content",
    [
        wav(tone(), tone()),
        wav(tone(), bits=8),
        wav(tone(), bits=32, kind=3),
        b"RIFF\x10\0\0\0WAVEdata\x04\0\0\0abcd",
    ],
)
def test_what_is_not_plain_gets_no_sign(content: bytes) -> None:
    assert not begins(content)
    with pytest.raises(ValueError, match="plain"):
        precede(content)
