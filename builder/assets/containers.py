"""Reads picture files by their container, without decoding: what they are, how large, and what else they carry.

Only what a decoder needs is kept. Places and times (EXIF), comments, thumbnails, whatever changes how colours are
shown, and whatever stands behind the picture's end are dropped. Bytes may still hide inside the coded pixels, which
nothing here unpacks; they end where the pixels are written anew, in the worker's child.
"""

import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass


class NotAPicture(ValueError):
    """The bytes do not follow the container that they begin with."""


class Animated(ValueError):
    """The file holds more than one frame."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture file reduced to one still picture. Width and height are pixels, as its header says."""

    format: str
    media_type: str
    width: int
    height: int
    content: bytes


def read_container(content: bytes) -> Picture | None:
    """The picture; None when the bytes begin like no container that we take. Raises NotAPicture, Animated."""
    try:
        if content.startswith(PNG):
            return _read_png(content)
        if content.startswith(b"\xff\xd8\xff"):
            return _read_jpeg(content)
        if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
            return _read_webp(content)
    except (struct.error, IndexError):
        raise NotAPicture("it ends too early") from None
    return None


# --- PNG (https://www.w3.org/TR/png-3/) ------------------------------------------------------------------------

PNG = b"\x89PNG\r\n\x1a\n"
_PNG_KEPT = frozenset({b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS"})


def _read_png(content: bytes) -> Picture:
    parts = [PNG]
    for kind, chunk in _png_chunks(content):
        if kind in (b"acTL", b"fdAT"):
            raise Animated
        if kind in _PNG_KEPT:
            parts.append(chunk)
    if len(parts) < 4 or parts[1][4:8] != b"IHDR" or len(parts[1]) != 25:
        raise NotAPicture("it lacks a header or a picture")
    width, height = struct.unpack(">II", parts[1][8:16])
    return Picture("PNG", "image/png", width, height, b"".join(parts))


def _png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    position = len(PNG)
    while True:
        (length,) = struct.unpack_from(">I", content, position)
        kind = content[position + 4 : position + 8]
        chunk = content[position : position + 12 + length]
        if len(chunk) != 12 + length or not kind.isalpha():
            raise NotAPicture("a chunk is cut off")
        yield kind, chunk
        if kind == b"IEND":
            return
        position += len(chunk)


# --- JPEG (ITU-T T.81, annex B) --------------------------------------------------------------------------------

_FRAMES = frozenset({0xC0, 0xC1, 0xC2})  # baseline, extended, progressive: what decoders read
_SCAN, _END = 0xDA, 0xD9
_JPEG_KEPT = _FRAMES | {0xC4, 0xDB, 0xDD, _SCAN}  # and tables, the restart interval
_JFIF = b"\xff\xe0\x00\x10JFIF\x00" + bytes(
    [1, 1, 0, 0, 1, 0, 1, 0, 0]
)  # version 1.1, square pixels, no thumbnail
_NEXT_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")


def _read_jpeg(content: bytes) -> Picture:
    parts, size, turned = [b"\xff\xd8"], None, 1
    for marker, segment in _jpeg_segments(content):
        if marker in _FRAMES:
            if size:
                raise Animated
            height, width = struct.unpack_from(">HH", segment, 5)
            size = (width, height)
        elif marker == 0xE1:
            turned = _orientation(segment[4:])
        elif 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            raise NotAPicture("it is stored in a way that browsers do not read")
        if marker in _JPEG_KEPT:
            parts.append(segment)
        else:
            parts.append(_colour_segment(marker, segment[4:]))
    if size is None:
        raise NotAPicture("it has no frame")
    if turned != 1:
        parts.insert(1, _orientation_segment(turned))
    return Picture("JPEG", "image/jpeg", *size, b"".join(parts) + b"\xff\xd9")


def _jpeg_segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Each segment, a scan with its coded data, until the picture's end."""
    position = 2
    while True:
        while content[position] == 0xFF and content[position + 1] == 0xFF:
            position += 1  # padding
        if content[position] != 0xFF:
            raise NotAPicture("a segment does not begin where it should")
        marker = content[position + 1]
        if marker == _END:
            return
        (length,) = struct.unpack_from(">H", content, position + 2)
        end = position + 2 + length
        if length < 2 or end > len(content):
            raise NotAPicture("a segment is cut off")
        if marker == _SCAN:
            following = _NEXT_MARKER.search(content, end)
            if following is None:
                raise NotAPicture("it ends too early")
            end = following.start()
        yield marker, content[position:end]
        position = end


def _colour_segment(marker: int, body: bytes) -> bytes:
    """What decoders conclude the storage of colours from, JFIF's and Adobe's segments, written anew; else nothing."""
    if marker == 0xE0 and body.startswith(b"JFIF\x00"):
        return _JFIF
    if marker == 0xEE and body.startswith(b"Adobe") and len(body) >= 12:
        # Version 100, no flags, and which transform the colours went through.
        return b"\xff\xee\x00\x0eAdobe" + bytes([0, 100, 0, 0, 0, 0, body[11]])
    return b""


def _orientation(exif: bytes) -> int:
    """How a viewer should turn the picture (EXIF tag 0x0112: 1 to 8); 1, upright, when it does not say."""
    if not exif.startswith(b"Exif\x00\x00"):
        return 1
    body = exif[6:]
    order = {b"II": "<", b"MM": ">"}.get(body[:2])
    if order is None:
        return 1
    try:
        (first,) = struct.unpack_from(order + "I", body, 4)
        (count,) = struct.unpack_from(order + "H", body, first)
        for index in range(count):
            tag, _kind, _count, value = struct.unpack_from(order + "HHIH", body, first + 2 + 12 * index)
            if tag == 0x0112:
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass  # damaged metadata: it is dropped either way
    return 1


def _orientation_segment(turned: int) -> bytes:
    """An EXIF segment that holds the orientation and nothing else."""
    entry = struct.pack(">HHIHH", 0x0112, 3, 1, turned, 0)
    body = b"Exif\x00\x00" + b"MM\x00\x2a" + struct.pack(">IH", 8, 1) + entry + struct.pack(">I", 0)
    return b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body


# --- WebP (RFC 9649) -------------------------------------------------------------------------------------------

_WEBP_KEPT = frozenset({b"VP8 ", b"VP8L", b"ALPH"})
_ALPHA = 0x10


def _read_webp(content: bytes) -> Picture:
    chunks = dict(_webp_chunks(content))
    if b"ANIM" in chunks or b"ANMF" in chunks:
        raise Animated
    lossy, lossless = chunks.get(b"VP8 "), chunks.get(b"VP8L")
    if (lossy is None) == (lossless is None):
        raise NotAPicture("it holds no picture, or two")
    width, height = _vp8_size(lossy) if lossy is not None else _vp8l_size(lossless or b"")
    body = b"WEBP"
    if b"VP8X" in chunks:
        # The extended header announces what follows; of that, only an alpha channel may remain.
        flags = chunks[b"VP8X"][0] & _ALPHA
        body += _chunk(b"VP8X", bytes([flags]) + bytes(3) + _canvas(width, height))
    body += b"".join(_chunk(kind, data) for kind, data in chunks.items() if kind in _WEBP_KEPT)
    return Picture("WEBP", "image/webp", width, height, b"RIFF" + struct.pack("<I", len(body)) + body)


def _webp_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    (length,) = struct.unpack_from("<I", content, 4)
    end = 8 + length
    if end > len(content):
        raise NotAPicture("it ends too early")
    position = 12
    while position < end:
        (size,) = struct.unpack_from("<I", content, position + 4)
        data = content[position + 8 : position + 8 + size]
        if len(data) != size or position + 8 + size > end:
            raise NotAPicture("a chunk is cut off")
        yield content[position : position + 4], data
        position += 8 + size + size % 2


def _chunk(kind: bytes, data: bytes) -> bytes:
    return kind + struct.pack("<I", len(data)) + data + bytes(len(data) % 2)


def _canvas(width: int, height: int) -> bytes:
    return (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")


def _vp8_size(data: bytes) -> tuple[int, int]:
    if data[3:6] != b"\x9d\x01\x2a":
        raise NotAPicture("its picture does not begin as it should")
    width, height = struct.unpack_from("<HH", data, 6)
    return width & 0x3FFF, height & 0x3FFF


def _vp8l_size(data: bytes) -> tuple[int, int]:
    if data[0] != 0x2F:
        raise NotAPicture("its picture does not begin as it should")
    (bits,) = struct.unpack_from("<I", data, 1)
    return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
