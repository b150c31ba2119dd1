"""How a sound is cut and what the network sees of it."""

import numpy as np
import pytest

from runtime.sound.spectrum import BANDS, SECONDS, parts, spectrum
from tests.sound.sounds import tone


def sixteen(levels: np.ndarray) -> np.ndarray:
    return np.rint(levels * 32_767).astype(np.int16)


@pytest.mark.parametrize("seconds", [0.1, 29.9, 30, 30.1, 61, 95])
@pytest.mark.parametrize("rate", [8_000, 11_025])
def test_every_sample_is_in_exactly_one_part(seconds: float, rate: int) -> None:
    samples = np.arange(round(seconds * rate), dtype=np.int64).astype(np.int16)
    found = list(parts(samples, rate))
    assert (np.concatenate([part for _, part in found]) == samples).all()
    assert all(len(part) <= SECONDS * rate for _, part in found)
    assert [round(start * rate) for start, _ in found] == np.cumsum([0, *(len(part) for _, part in found)])[
        :-1
    ].tolist()


def test_a_long_sound_is_cut_where_it_is_quietest() -> None:
    rate = 8_000
    levels = tone(40, rate)
    levels[round(26.9 * rate) : round(27.3 * rate)] *= 0.01
    (_, first), _ = parts(sixteen(levels), rate)
    assert 26.9 < len(first) / rate < 27.3


@pytest.mark.parametrize("rate", [8_000, 16_000, 24_000, 44_100, 48_000])
def test_a_tone_stands_in_the_same_band_at_every_rate(rate: int) -> None:
    seen = spectrum(sixteen(tone(2, rate, 1_000)), rate)
    assert seen.shape == (1, BANDS, 3_000) and seen.dtype == np.float32
    loudest = seen[0, :, 20:180].argmax(axis=0)
    assert set(loudest.tolist()) == {26}
    assert seen[0, :, 300:].max() < seen[0, 26, 20:180].min()


def test_how_loud_it_is_makes_no_difference() -> None:
    loud, soft = (spectrum(sixteen(tone(1, level=level)), 16_000) for level in (0.8, 0.08))
    assert np.abs((loud - loud.max()) - (soft - soft.max())).max() < 0.05
