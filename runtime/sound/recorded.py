"""Recorded: a sound as a browser or a telephone saves it, recognised by how it begins and freed of all but its stream.

Nothing is decoded here. What a decoder finds in the stream is bounded again where it is decoded, in the worker's child.
"""

from dataclasses import dataclass

from runtime.sound import mpeg, ogg, wav, webm
from runtime.sound.wav import NotASound

MAX_SECONDS = 600
OGG, MP3, FLAC = "audio/ogg", "audio/mpeg", "audio/flac"
FLAC_MARK = b"fLaC"
_STREAM, _LAST = 0, 0x80


class TooLong(ValueError):
    """More seconds than are taken."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"{seconds:.0f} seconds")
        self.seconds = seconds


@dataclass(frozen=True, slots=True)
class Recorded:
    media_type: str
    content: bytes


def read_recorded(content: bytes) -> Recorded | None:
    """The sound; None when the bytes begin like none that we read. Raises NotASound, TooLong."""
    form = _form(content)
    if form is None:
        return None
    media_type, stream, seconds = form
    if seconds > MAX_SECONDS:
        raise TooLong(seconds)
    return Recorded(media_type, stream)


def _form(content: bytes) -> tuple[str, bytes, float] | None:
    found = wav.read_header(content)
    if found is not None:
        return wav.MEDIA_TYPE, wav.stripped(content, found), found.seconds
    if content.startswith(ogg.MARK):
        return OGG, *ogg.read_ogg(content)
    if content.startswith(webm.MARK):
        return OGG, *webm.as_ogg(content)
    if content.startswith(FLAC_MARK):
        return FLAC, *_read_flac(content)
    if mpeg.begins_like_mp3(content):
        return MP3, *mpeg.read_mp3(content)
    return None


def _read_flac(content: bytes) -> tuple[bytes, float]:
    """The stream with its description alone, and the seconds that it tells (RFC 9639)."""
    position, described, last = len(FLAC_MARK), b"", False
    while not last:
        head = content[position : position + 4]
        size = int.from_bytes(head[1:], "big")
        block = content[position + 4 : position + 4 + size]
        if len(head) < 4 or len(block) != size:
            raise NotASound("it ends too early")
        if position == len(FLAC_MARK):
            described = block
            if head[0] & ~_LAST != _STREAM or size != 34:
                raise NotASound("it does not describe itself")
        last = bool(head[0] & _LAST)
        position += 4 + size
    packed = int.from_bytes(described[10:18], "big")
    rate, channels, samples = packed >> 44, (packed >> 41 & 7) + 1, packed & ((1 << 36) - 1)
    if not 1 <= channels <= wav.MOST_CHANNELS or not wav.LOWEST_RATE <= rate <= wav.HIGHEST_RATE:
        raise NotASound(f"{channels} channels, {rate} samples a second")
    kept = FLAC_MARK + bytes([_LAST | _STREAM]) + len(described).to_bytes(3, "big") + described
    return kept + content[position:], samples / rate
