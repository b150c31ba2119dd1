"""JPEG: segments before the scan. XMP stands in an APP1 segment, a C2PA credential in APP11."""

from collections.abc import Iterator

SIGNATURE = b"\xff\xd8\xff"
HEADER = b"http://ns.adobe.com/xap/1.0/\0"
APP0, APP1, APP11, SCAN, END = 0xE0, 0xE1, 0xEB, 0xDA, 0xD9
ROOM = 65_533  # bytes that a segment holds


def embed_xmp(content: bytes, packet: bytes) -> bytes:
    """The same picture with this packet, and no other, behind the JFIF header. ValueError when it does not fit."""
    body = HEADER + packet
    if len(body) > ROOM:
        raise ValueError("the packet is too long for a segment")
    segments, rest = _split(content)
    kept = [(marker, data) for marker, data in segments if not _is_xmp(marker, data)]
    first = 1 if kept and kept[0][0] == APP0 else 0
    return _joined([*kept[:first], (APP1, body), *kept[first:]], rest)


def xmp(content: bytes) -> bytes | None:
    segments, _ = _split(content)
    return next((data[len(HEADER) :] for marker, data in segments if _is_xmp(marker, data)), None)


def without_credential(content: bytes) -> bytes:
    segments, rest = _split(content)
    return _joined([(marker, data) for marker, data in segments if marker != APP11], rest)


def _is_xmp(marker: int, data: bytes) -> bool:
    return marker == APP1 and data.startswith(HEADER)


def _split(content: bytes) -> tuple[list[tuple[int, bytes]], bytes]:
    """The segments before the scan, as marker and data, and all bytes from the scan on."""
    found: list[tuple[int, bytes]] = []
    for marker, start, end in _segments(content):
        if marker in (SCAN, END):
            return found, content[start:]
        found.append((marker, content[start + 4 : end]))
    raise ValueError("the JPEG has no scan")


def _segments(content: bytes) -> Iterator[tuple[int, int, int]]:
    position = 2
    while position + 4 <= len(content):
        if content[position] != 0xFF:
            raise ValueError("the JPEG is broken between two segments")
        marker = content[position + 1]
        if marker == 0xFF:  # a filling byte
            position += 1
            continue
        end = position + 2 + int.from_bytes(content[position + 2 : position + 4], "big")
        yield marker, position, end
        position = end


def _joined(segments: list[tuple[int, bytes]], rest: bytes) -> bytes:
    written = [bytes([0xFF, marker]) + (len(data) + 2).to_bytes(2, "big") + data for marker, data in segments]
    return b"".join([b"\xff\xd8", *written, rest])
