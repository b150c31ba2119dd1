"""Ogg: the one stream of a file, with its titles and pictures left out (RFC 3533, 7845); and packets as such a file."""

import struct
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from runtime.sound.wav import HIGHEST_RATE, LOWEST_RATE, MOST_CHANNELS, NotASound

MARK = b"OggS"
_FIXED = struct.Struct("<4sBBqIIIB")
_BEGINS, _ENDS = 2, 4
_OPUS, _VORBIS = b"OpusHead", b"\x01vorbis"
# What Opus counts in, whatever it was recorded at.
OPUS_RATE = 48_000
# Who made the file, and no titles.
_NO_OPUS_TAGS = b"OpusTags" + struct.pack("<II", 0, 0)
_NO_VORBIS_TAGS = b"\x03vorbis" + struct.pack("<II", 0, 0) + b"\x01"
MOST_PAGES = 100_000
# Setup of a Vorbis stream: some kilobytes.
MOST_HEADER = 1 << 20
_TURNED = bytes(int(f"{byte:08b}"[::-1], 2) for byte in range(256))


@dataclass(frozen=True, slots=True)
class Page:
    """One page: `granule` counts samples at its end, `lacing` tells where its packets end."""

    flags: int
    granule: int
    serial: int
    number: int
    lacing: bytes
    body: bytes


def read_ogg(content: bytes) -> tuple[bytes, float]:
    """The file with nothing but its one stream of Opus or Vorbis, and its seconds. Raises NotASound."""
    pages = list(_pages(content))
    if not pages or not pages[0].flags & _BEGINS or any(page.flags & _BEGINS for page in pages[1:]):
        raise NotASound("it holds no stream, or more than one")
    if any(page.serial != pages[0].serial for page in pages):
        raise NotASound("it holds more than one stream")
    head = pages[0].body
    if head.startswith(_OPUS):
        rate, headers = opus_rate(head), [head, _NO_OPUS_TAGS]
        _, rest = _headers(pages[1:], 1)
    elif head.startswith(_VORBIS):
        rate = _vorbis_rate(head)
        (_, setup), rest = _headers(pages[1:], 2)
        headers = [head, _NO_VORBIS_TAGS, setup]
    else:
        raise NotASound("it is coded in another way")
    if not rest:
        raise NotASound("it holds no samples")
    first = list(_paged(headers[:1], pages[0].serial, 0, _BEGINS))
    first += _paged(headers[1:], pages[0].serial, len(first), 0)
    audio = (replace(page, number=len(first) + number) for number, page in enumerate(rest))
    seconds = max(page.granule for page in rest) / rate
    return b"".join(map(_written, (*first, *audio))), seconds


def opus_file(head: bytes, packets: Iterable[bytes]) -> tuple[bytes, float]:
    """Packets of Opus as an Ogg file, and its seconds. Raises NotASound."""
    opus_rate(head)
    pages = [*_paged([head], 1, 0, _BEGINS), *_paged([_NO_OPUS_TAGS], 1, 1, 0)]
    played, waiting = 0, bytearray()
    lacing = bytearray()
    for packet in packets:
        laces = bytes([255] * (len(packet) // 255) + [len(packet) % 255])
        if len(laces) > 255:
            raise NotASound("a packet is too long")
        if len(lacing) + len(laces) > 255:
            pages.append(Page(0, played, 1, len(pages), bytes(lacing), bytes(waiting)))
            lacing, waiting = bytearray(), bytearray()
        lacing += laces
        waiting += packet
        played += _opus_samples(packet)
    if not played:
        raise NotASound("it holds no samples")
    pages.append(Page(_ENDS, played, 1, len(pages), bytes(lacing), bytes(waiting)))
    return b"".join(map(_written, pages)), played / OPUS_RATE


def opus_rate(head: bytes) -> int:
    """Checks the head of a stream of Opus. Raises NotASound."""
    if len(head) != 19 or not head.startswith(_OPUS) or head[18] != 0:
        raise NotASound("it has more channels than two")
    if not 1 <= head[9] <= MOST_CHANNELS:
        raise NotASound(f"{head[9]} channels")
    return OPUS_RATE


def _vorbis_rate(head: bytes) -> int:
    if len(head) != 30:
        raise NotASound("its description is cut off")
    channels, rate = struct.unpack_from("<BI", head, 11)
    if not 1 <= channels <= MOST_CHANNELS or not LOWEST_RATE <= rate <= HIGHEST_RATE:
        raise NotASound(f"{channels} channels, {rate} samples a second")
    return int(rate)


def _opus_samples(packet: bytes) -> int:
    """How many samples a packet plays, by its first bytes (RFC 6716, 3.1)."""
    if not packet:
        raise NotASound("a packet is empty")
    kind, code = packet[0] >> 3, packet[0] & 3
    if kind < 12:
        frame = (480, 960, 1920, 2880)[kind & 3]
    elif kind < 16:
        frame = (480, 960)[kind & 1]
    else:
        frame = (120, 240, 480, 960)[kind & 3]
    if code == 3 and len(packet) < 2:
        raise NotASound("a packet is cut off")
    return frame * ((1, 2, 2)[code] if code < 3 else packet[1] & 63)


def _headers(pages: list[Page], count: int) -> tuple[list[bytes], list[Page]]:
    """The next so many packets, which end a page, and the pages behind them."""
    found: list[bytes] = []
    packet, size = bytearray(), 0
    for number, page in enumerate(pages):
        place = 0
        for lace in page.lacing:
            packet += page.body[place : place + lace]
            place += lace
            if lace < 255:
                found.append(bytes(packet))
                packet = bytearray()
        size += len(page.body)
        if len(found) == count and not packet:
            return found, pages[number + 1 :]
        if len(found) >= count or size > MOST_HEADER * 16:
            break
    raise NotASound("its description does not end")


def _paged(packets: Iterable[bytes], serial: int, number: int, flags: int) -> Iterator[Page]:
    """Packets of a header, over as many pages as they need."""
    laces, body = bytearray(), b"".join(packets)
    if len(body) > MOST_HEADER:
        raise NotASound("its description is too long")
    for packet in packets:
        laces += bytes([255] * (len(packet) // 255) + [len(packet) % 255])
    place = 0
    for first in range(0, len(laces), 255):
        part = bytes(laces[first : first + 255])
        # A page that goes on with a packet of the page before says so.
        goes_on = 1 if first and laces[first - 1] == 255 else 0
        ends = any(lace < 255 for lace in part)
        yield Page(flags | goes_on, 0 if ends else -1, serial, number, part, body[place : place + sum(part)])
        place += sum(part)
        number, flags = number + 1, 0


def _pages(content: bytes) -> Iterator[Page]:
    position, count = 0, 0
    while position < len(content):
        count += 1
        if count > MOST_PAGES:
            raise NotASound("it is made of crumbs")
        try:
            mark, version, flags, granule, serial, number, told, segments = _FIXED.unpack_from(
                content, position
            )
        except struct.error:
            raise NotASound("it ends too early") from None
        start = position + _FIXED.size + segments
        lacing = content[position + _FIXED.size : start]
        end = start + sum(lacing)
        if mark != MARK or version or len(lacing) != segments or end > len(content):
            raise NotASound("a page is cut off")
        page = Page(flags, granule, serial, number, lacing, content[start:end])
        if _checksum(_head(page, 0) + page.body) != told:
            raise NotASound("a page is damaged")
        yield page
        position = end


def _head(page: Page, checksum: int) -> bytes:
    return (
        _FIXED.pack(MARK, 0, page.flags, page.granule, page.serial, page.number, checksum, len(page.lacing))
        + page.lacing
    )


def _written(page: Page) -> bytes:
    return _head(page, _checksum(_head(page, 0) + page.body)) + page.body


def _checksum(data: bytes) -> int:
    """Ogg's CRC is zlib's with every byte and the sum read from the other end, and without its inversions."""
    turned = zlib.crc32(data.translate(_TURNED), 0xFFFFFFFF) ^ 0xFFFFFFFF
    return int.from_bytes(turned.to_bytes(4, "little").translate(_TURNED), "big")
