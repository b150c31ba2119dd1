"""Small sounds made here: tones, and WAV files in every form that is taken."""

import struct

import numpy as np
from numpy.typing import NDArray

FLOAT, EXTENSIBLE = 3, 0xFFFE


def tone(
    seconds: float = 0.5, rate: int = 16_000, hertz: float = 440.0, level: float = 0.5
) -> NDArray[np.float64]:
    """Samples from -1 to 1."""
    made: NDArray[np.float64] = level * np.sin(2 * np.pi * hertz * np.arange(round(seconds * rate)) / rate)
    return made


def wav(
    *channels: NDArray[np.float64],
    rate: int = 16_000,
    bits: int = 16,
    kind: int = 1,
    before: bytes = b"",
    after: bytes = b"",
    **lies: int,
) -> bytes:
    """A WAV file of these channels. `before` and `after` are chunks beside the samples; `lies` are fields of `fmt `."""
    form = lies.get("form", kind)
    count = lies.get("channels", len(channels))
    width = len(channels) * bits // 8
    head = struct.pack(
        "<HHIIHH", EXTENSIBLE if kind == EXTENSIBLE else form, count, rate, rate * width, width, bits
    )
    if kind == EXTENSIBLE:
        head += struct.pack("<HHIH", 22, bits, 0, 1) + bytes.fromhex("000000001000800000aa00389b71")
    data = _coded(np.stack(channels, axis=1).reshape(-1), bits, kind)
    body = b"WAVE" + chunk(b"fmt ", head) + before + chunk(b"data", data) + after
    return b"RIFF" + struct.pack("<I", len(body)) + body


def chunk(name: bytes, data: bytes) -> bytes:
    return name + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _coded(levels: NDArray[np.float64], bits: int, kind: int) -> bytes:
    if kind == FLOAT:
        return levels.astype(f"<f{bits // 8}").tobytes()
    if bits == 8:
        return (np.clip(np.rint(levels * 128), -128, 127) + 128).astype(np.uint8).tobytes()
    whole = np.clip(np.rint(levels * 2.0 ** (bits - 1)), -(2.0 ** (bits - 1)), 2.0 ** (bits - 1) - 1)
    if bits == 24:
        return whole.astype("<i4").view(np.uint8).reshape(-1, 4)[:, :3].tobytes()
    return whole.astype(f"<i{bits // 8}").tobytes()
