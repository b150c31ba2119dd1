"""Decode: a stream of Opus, Vorbis, MP3 or FLAC as samples of one channel. Run in the worker's child alone."""

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

from runtime.sound.recorded import MAX_SECONDS, TooLong
from runtime.sound.wav import BLOCK, HIGHEST_RATE, LOWEST_RATE, MOST_CHANNELS, NotASound

if TYPE_CHECKING:
    import numpy as np
    import soundfile
    from numpy.typing import NDArray

# The library knows two dozen more, which no browser or telephone writes.
_FORMS = frozenset(
    {("OGG", "OPUS"), ("OGG", "VORBIS"), ("FLAC", "PCM_16"), ("FLAC", "PCM_24"), ("FLAC", "PCM_S8")}
)
_MP3 = "MP3"


def decoded(content: bytes, check: Callable[[], None]) -> "tuple[int, NDArray[np.int16]]":
    """Rate and samples, all channels mixed. `check` is called between blocks. Raises NotASound, TooLong."""
    import soundfile

    try:
        with soundfile.SoundFile(BytesIO(content)) as file:
            if (file.format, file.subtype) not in _FORMS and file.format != _MP3:
                raise NotASound("it is coded in another way")
            channels, rate = file.channels, file.samplerate
            if not 1 <= channels <= MOST_CHANNELS or not LOWEST_RATE <= rate <= HIGHEST_RATE:
                raise NotASound(f"{channels} channels, {rate} samples a second")
            return rate, _samples(file, rate, check)
    except soundfile.SoundFileError as fault:
        raise NotASound("it cannot be decoded") from fault


def _samples(file: "soundfile.SoundFile", rate: int, check: Callable[[], None]) -> "NDArray[np.int16]":
    """What a file says of its length is not believed: it is read until there is no more, or too much."""
    import numpy as np

    pieces: list[NDArray[np.int16]] = []
    count = 0
    while True:
        check()
        block = file.read(BLOCK, dtype="float32", always_2d=True)
        if not len(block):
            break
        count += len(block)
        if count > MAX_SECONDS * rate:
            raise TooLong(count / rate)
        levels = block.mean(axis=1, dtype=np.float64)
        if not np.isfinite(levels).all():
            raise NotASound("a sample is no number")
        pieces.append(np.clip(np.rint(levels * 32_768), -32_768, 32_767).astype(np.int16))
    if not pieces:
        raise NotASound("it holds no samples")
    return np.concatenate(pieces)
