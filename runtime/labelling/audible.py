"""Audible: the sign that a person hears before a sound which a model made: the rhythm short long, short short.

It is "AI" in Morse code, and the rhythm that GB 45438-2025 is reported to name for sounds. It comes first, so that no
piece of the sound is ever heard without it.
"""

import struct
from typing import TYPE_CHECKING

from runtime.labelling.riff import find

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

# Seconds: a long tone is three short ones, as is the pause between two letters.
SHORT = 0.12
HERTZ = 880
LEVEL = 0.3
# Tones and the pauses behind them, in short ones.
RHYTHM = ((1, 1), (3, 3), (1, 1), (1, 4))
# A tone that begins at once clicks.
_RISE = 0.01


def precede(content: bytes) -> bytes:
    """The plain sound behind the rhythm. ValueError for a sound in any other form than one channel of 16 bits."""
    form, data = find(content, b"fmt "), find(content, b"data")
    if form is None or data is None or len(form) != 16:
        raise ValueError("it is no plain sound")
    kind, channels, rate, _, _, bits = struct.unpack("<HHIIHH", form)
    if (kind, channels, bits) != (1, 1, 16) or not 4_000 <= rate <= 200_000:
        raise ValueError("it is no plain sound")
    samples = rhythm(rate).tobytes() + data
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(samples)) + samples + bytes(len(samples) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def rhythm(rate: int) -> "NDArray[np.int16]":
    """The sign, in samples of 16 bits, `rate` a second."""
    import numpy as np

    pieces = []
    for tone, pause in RHYTHM:
        at = np.arange(round(tone * SHORT * rate)) / rate
        edge = np.minimum(np.minimum(at, at[-1] - at) / _RISE, 1)
        pieces += [LEVEL * edge * np.sin(2 * np.pi * HERTZ * at), np.zeros(round(pause * SHORT * rate))]
    made: NDArray[np.int16] = np.rint(np.concatenate(pieces) * 32_767).astype("<i2")
    return made


def begins(content: bytes) -> bool:
    """Whether a plain sound begins with the sign, sample by sample."""
    form, data = find(content, b"fmt "), find(content, b"data")
    if form is None or data is None or len(form) < 8:
        return False
    (rate,) = struct.unpack_from("<I", form, 4)
    return 4_000 <= rate <= 200_000 and data.startswith(rhythm(rate).tobytes())
