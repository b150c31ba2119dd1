"""Spectrum: half a minute of sound as Whisper's network sees it, and where a longer one is cut."""

from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# What the network was trained on: samples a second, seconds that it hears at once, and bands of pitch.
RATE = 16_000
SECONDS = 30
BANDS = 80
_WINDOW, _STEP = 400, 160
# A longer sound is cut at the quietest moment of the last so many seconds of a part, so that no word is.
_SEAM = 6.0
_MOMENT = 0.2
# Seconds around a part that are resampled with it: at its ends the method rings.
_MARGIN = 0.25


def parts(
    samples: "NDArray[np.int16]", rate: int, overlap: float = 0.0
) -> "Iterator[tuple[float, NDArray[np.int16]]]":
    """The sound in parts of at most half a minute, each with the second at which it begins.

    Nothing is heard twice, but the `overlap` seconds before each cut.
    """
    first = 0
    while len(samples) - first > SECONDS * rate:
        last = first + _quietest(samples[first : first + SECONDS * rate], rate)
        yield first / rate, samples[first:last]
        first = last - round(overlap * rate)
    yield first / rate, samples[first:]


def _quietest(part: "NDArray[np.int16]", rate: int) -> int:
    import numpy as np

    moment = max(1, round(_MOMENT * rate))
    start = len(part) - round(_SEAM * rate)
    loud = np.cumsum(np.concatenate([[0.0], part[start:].astype(np.float64) ** 2]))
    return start + int(np.argmin(loud[moment:] - loud[:-moment])) + moment // 2


def spectrum(part: "NDArray[np.int16]", rate: int) -> "NDArray[np.float32]":
    """1 x 80 x 3000: the energy of each band in steps of a hundredth of a second, as Whisper scales it."""
    import numpy as np

    heard = np.zeros(SECONDS * RATE)
    level = _resampled(part.astype(np.float64) / 32_768, rate)[: len(heard)]
    heard[: len(level)] = level
    framed = np.lib.stride_tricks.sliding_window_view(np.pad(heard, _WINDOW // 2, mode="reflect"), _WINDOW)
    window = np.hanning(_WINDOW + 1)[:-1]
    energy = np.abs(np.fft.rfft(framed[::_STEP][: SECONDS * RATE // _STEP] * window, axis=1)) ** 2
    scaled = np.log10(np.maximum(_bands() @ energy.T, 1e-10))
    scaled = (np.maximum(scaled, scaled.max() - 8) + 4) / 4
    return np.ascontiguousarray(scaled[None], dtype=np.float32)


def _resampled(level: "NDArray[np.float64]", rate: int) -> "NDArray[np.float64]":
    """At 16,000 samples a second, by way of the frequencies that both rates can hold."""
    import numpy as np

    if rate == RATE:
        return level
    margin = round(_MARGIN * rate)
    padded = np.pad(level, margin)
    count = round(len(padded) * RATE / rate)
    found = np.fft.rfft(padded)
    kept = np.zeros(count // 2 + 1, dtype=complex)
    both = min(len(kept), len(found))
    kept[:both] = found[:both]
    start = round(_MARGIN * RATE)
    made: NDArray[np.float64] = np.fft.irfft(kept, count) * (count / len(padded))
    return made[start : start + round(len(level) * RATE / rate)]


@cache
def _bands() -> "NDArray[np.float64]":
    """80 x 201 weights: triangles of equal area, evenly spaced in pitch as Slaney's mel scale has it."""
    import numpy as np

    straight, bend, growth = 200 / 3, 1_000.0, np.log(6.4) / 27

    def pitch(hertz: float) -> float:
        return hertz / straight if hertz < bend else bend / straight + float(np.log(hertz / bend)) / growth

    pitches = np.linspace(0, pitch(RATE / 2), BANDS + 2)
    above = bend * np.exp(growth * (pitches - bend / straight))
    edges = np.where(pitches < bend / straight, pitches * straight, above)
    lines = np.linspace(0, RATE / 2, _WINDOW // 2 + 1)
    away, gaps = edges[:, None] - lines[None], np.diff(edges)
    rising, falling = -away[:-2] / gaps[:-1, None], away[2:] / gaps[1:, None]
    weights = np.maximum(0, np.minimum(rising, falling)) * (2 / (edges[2:] - edges[:-2]))[:, None]
    return np.asarray(weights, dtype=np.float64)
