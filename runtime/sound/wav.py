"""WAV: what a file says of itself, its samples, and the one plain form in which a sound travels on.

Plain is one channel of 16-bit samples and nothing else in the file: what a filter hears is then what a person hears,
on one loudspeaker as on two, and no chunk carries anything past it.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MEDIA_TYPE = "audio/wav"
# Samples a second that every browser plays.
LOWEST_RATE, HIGHEST_RATE = 8_000, 48_000
MOST_CHANNELS = 2
_INTEGER, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
# The form's number is the first two bytes of this identity.
_SUBFORM = bytes.fromhex("000000001000800000aa00389b71")
_BITS = {_INTEGER: (8, 16, 24, 32), _FLOAT: (32, 64)}
# Chunks that a gate or the writer puts beside a sound: the labels of what a model made.
LABELS = frozenset({b"AIGC", b"_PMX", b"C2PA"})
# A recorder writes a dozen. Millions of empty ones would keep whoever counts them busy for seconds.
MOST_CHUNKS = 1_000
# Frames that are decoded at a time: so many bytes of a file become eight times as many while they are mixed.
BLOCK = 1 << 18


class NotASound(ValueError):
    """The bytes do not follow the container that they begin with, or hold what nothing here plays."""


@dataclass(frozen=True, slots=True)
class Wav:
    """What a WAV file says of itself. `rate` is samples a second of each channel; `start` and `size` are bytes."""

    is_float: bool
    channels: int
    rate: int
    bits: int
    start: int
    size: int

    @property
    def frames(self) -> int:
        """Samples of each channel."""
        return self.size // (self.channels * self.bits // 8)

    @property
    def seconds(self) -> float:
        return self.frames / self.rate


def read_header(content: bytes) -> Wav | None:
    """What the file is; None when it begins like no WAV file. Decodes nothing. Raises NotASound."""
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        return None
    form: bytes | None = None
    for kind, start, size in _chunks(content):
        if kind == b"fmt ":
            if form is not None:
                raise NotASound("it describes itself twice")
            form = content[start : start + size]
        elif kind == b"data":
            if form is None:
                raise NotASound("its samples come before their description")
            return _described(form, start, size)
    raise NotASound("it holds no samples")


def stripped(content: bytes, wav: Wav) -> bytes:
    """The same samples in a file that holds nothing else: no names, places, pictures or second data."""
    kind = _FLOAT if wav.is_float else _INTEGER
    return _file(kind, wav.channels, wav.rate, wav.bits, content[wav.start : wav.start + wav.size])


def read_plain(content: bytes) -> tuple[int, "NDArray[np.int16]"]:
    """Rate and samples of a file in the plain form, labels of ours aside. Raises NotASound for any other."""
    import numpy as np

    wav = read_header(content)
    if wav is None or wav.is_float or (wav.channels, wav.bits) != (1, 16):
        raise NotASound("it is not in the plain form")
    kinds = [kind for kind, _, _ in _chunks(content)]
    beside = set(kinds) - {b"fmt ", b"data"}
    if len(set(kinds)) != len(kinds) or not beside <= LABELS or _length(content) != len(content):
        raise NotASound("it holds more than one sound")
    return wav.rate, np.frombuffer(content, "<i2", wav.frames, wav.start)


def write_plain(samples: "NDArray[np.int16]", rate: int) -> bytes:
    return _file(_INTEGER, 1, rate, 16, samples.astype("<i2").tobytes())


def mixed(content: bytes, wav: Wav) -> "NDArray[np.int16]":
    """The samples of all channels as one. Raises NotASound for floats that are no numbers."""
    import numpy as np

    mono = np.empty(wav.frames, dtype=np.int16)
    width = wav.channels * wav.bits // 8
    for first in range(0, wav.frames, BLOCK):
        last = min(first + BLOCK, wav.frames)
        piece = content[wav.start + first * width : wav.start + last * width]
        levels = _levels(piece, wav).reshape(-1, wav.channels).mean(axis=1)
        if not np.isfinite(levels).all():
            raise NotASound("a sample is no number")
        mono[first:last] = np.clip(np.rint(levels * 32_768), -32_768, 32_767)
    return mono


def _levels(piece: bytes, wav: Wav) -> "NDArray[np.float64]":
    """Samples from -1 to 1, channels in turn."""
    import numpy as np

    if wav.is_float:
        return np.frombuffer(piece, f"<f{wav.bits // 8}").astype(np.float64)
    if wav.bits == 8:
        return (np.frombuffer(piece, np.uint8).astype(np.float64) - 128) / 128
    if wav.bits == 24:
        wide = np.zeros((len(piece) // 3, 4), dtype=np.uint8)
        wide[:, 1:] = np.frombuffer(piece, np.uint8).reshape(-1, 3)
        return wide.reshape(-1).view("<i4").astype(np.float64) / 2**31
    return np.frombuffer(piece, f"<i{wav.bits // 8}").astype(np.float64) / 2.0 ** (wav.bits - 1)


def _chunks(content: bytes) -> Iterator[tuple[bytes, int, int]]:
    """Kind, start and size of each chunk within what the file says is its length."""
    end = _length(content)
    if end > len(content):
        raise NotASound("it ends too early")
    position, count = 12, 0
    while position + 8 <= end:
        count += 1
        if count > MOST_CHUNKS:
            raise NotASound("it is made of crumbs")
        kind = content[position : position + 4]
        size = int.from_bytes(content[position + 4 : position + 8], "little")
        if position + 8 + size > end:
            raise NotASound("a chunk is cut off")
        yield kind, position + 8, size
        position += 8 + size + size % 2


def _length(content: bytes) -> int:
    """Bytes of the file, as it says itself."""
    return 8 + int.from_bytes(content[4:8], "little")


def _described(form: bytes, start: int, size: int) -> Wav:
    try:
        kind, channels, rate, _, width, bits = struct.unpack_from("<HHIIHH", form)
        if kind == _EXTENSIBLE:
            if form[26:40] != _SUBFORM:
                raise NotASound("its samples are coded")
            (kind,) = struct.unpack_from("<H", form, 24)
    except struct.error:
        raise NotASound("its description is cut off") from None
    if kind not in _BITS or bits not in _BITS[kind]:
        raise NotASound("its samples are coded")
    if not 1 <= channels <= MOST_CHANNELS or not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise NotASound(f"{channels} channels, {rate} samples a second")
    if width != channels * bits // 8 or size == 0 or size % width:
        raise NotASound("its samples do not add up")
    return Wav(kind == _FLOAT, channels, rate, bits, start, size)


def _file(kind: int, channels: int, rate: int, bits: int, data: bytes) -> bytes:
    width = channels * bits // 8
    form = struct.pack("<HHIIHH", kind, channels, rate, rate * width, width, bits)
    body = b"WAVEfmt " + struct.pack("<I", len(form)) + form
    body += b"data" + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)
    return b"RIFF" + struct.pack("<I", len(body)) + body
