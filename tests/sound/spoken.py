"""Spoken: English sentences read aloud by a small synthetic voice, so that no recording has to be carried."""

from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from runtime.sound.wav import write_plain

RATE = 24_000  # what the voice speaks at


@cache
def _voice() -> Any:
    from hibari import Hibari

    return Hibari(threads=1)


@cache
def spoken(text: str) -> NDArray[np.float64]:
    """Samples from -1 to 1, the same for the same text."""
    return np.asarray(_voice()(text, seed=0), dtype=np.float64)


def as_wav(levels: NDArray[np.float64], rate: int = RATE) -> bytes:
    """The plain form of it."""
    return write_plain(np.clip(np.rint(levels * 32_767), -32_768, 32_767).astype(np.int16), rate)
