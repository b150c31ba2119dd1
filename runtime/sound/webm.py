"""WebM: what browsers record, as an Ogg file of the same packets; nothing is decoded (RFC 8794, 9559)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from runtime.sound.ogg import opus_file
from runtime.sound.wav import NotASound

MARK = b"\x1a\x45\xdf\xa3"
# Elements that are walked into; all others are stepped over. A browser writes some before it knows their size.
_SEGMENT, _CLUSTER, _TRACKS, _TRACK, _GROUP = 0x18538067, 0x1F43B675, 0x1654AE6B, 0xAE, 0xA0
_WALKED = frozenset({_SEGMENT, _CLUSTER, _TRACKS, _TRACK, _GROUP})
_NUMBER, _KIND, _CODEC, _HEAD, _ENCODINGS = 0xD7, 0x83, 0x86, 0x63A2, 0x6D80
_BLOCKS = frozenset({0xA3, 0xA1})
_AUDIO = 2
_LACED = 0x06
MOST_ELEMENTS = 200_000


@dataclass(slots=True)
class _Track:
    values: dict[int, bytes] = field(default_factory=dict)

    def number(self, name: int) -> int:
        return int.from_bytes(self.values.get(name, b""), "big")


def as_ogg(content: bytes) -> tuple[bytes, float]:
    """The one track of Opus as an Ogg file, and its seconds. Raises NotASound, for a film too."""
    tracks: list[_Track] = []
    packets: list[bytes] = []
    for name, data in _elements(content):
        if name == _TRACK:
            tracks.append(_Track())
        elif name in (_NUMBER, _KIND, _CODEC, _HEAD, _ENCODINGS):
            if tracks and not packets:
                tracks[-1].values[name] = data
        elif name in _BLOCKS:
            packets.append(_packet(data, _only(tracks)))
    track = _only(tracks)
    return opus_file(track.values.get(_HEAD, b""), packets)


def _only(tracks: list[_Track]) -> _Track:
    if len(tracks) != 1 or tracks[0].number(_KIND) != _AUDIO:
        raise NotASound("it holds more than one sound")
    if tracks[0].values.get(_CODEC) != b"A_OPUS" or _ENCODINGS in tracks[0].values:
        raise NotASound("it is coded in another way")
    return tracks[0]


def _packet(block: bytes, track: _Track) -> bytes:
    number, place = _size(block, 0)
    if number != track.number(_NUMBER) or len(block) < place + 4 or block[place + 2] & _LACED:
        raise NotASound("a block is of another form")
    return block[place + 3 :]


def _elements(content: bytes) -> Iterator[tuple[int, bytes]]:
    position, count = 0, 0
    while position < len(content):
        count += 1
        if count > MOST_ELEMENTS:
            raise NotASound("it is made of crumbs")
        name, position = _name(content, position)
        size, position = _size(content, position)
        if name in _WALKED:
            yield name, b""
            continue
        if size is None or position + size > len(content):
            raise NotASound("it ends too early")
        yield name, content[position : position + size]
        position += size


def _name(content: bytes, position: int) -> tuple[int, int]:
    first = content[position]
    length = 9 - first.bit_length()
    if length > 4 or position + length > len(content):
        raise NotASound("an element has no name")
    return int.from_bytes(content[position : position + length], "big"), position + length


def _size(content: bytes, position: int) -> tuple[int | None, int]:
    """A number of one to eight bytes; none where all its bits are set, which means that nobody knew it yet."""
    if position >= len(content):
        raise NotASound("it ends too early")
    length = 9 - content[position].bit_length()
    if length > 8 or position + length > len(content):
        raise NotASound("an element has no size")
    value = int.from_bytes(content[position : position + length], "big") & ((1 << 7 * length) - 1)
    return (None if value == (1 << 7 * length) - 1 else value), position + length
