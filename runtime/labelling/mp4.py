"""MP4: boxes within boxes. The AIGC label stands in moov.udta.meta, its key in `keys`, its text in `ilst`."""

from collections.abc import Iterator
from dataclasses import dataclass

KEY = b"AIGC"
_UTF8 = 1  # the type of a text in `ilst`
_TO_THE_END = bytes(4)  # the size of a last box that is as long as the file has bytes


@dataclass(frozen=True, slots=True)
class Box:
    """Where a box and its body lie in the bytes that it was found in."""

    kind: bytes
    start: int
    body: int
    end: int


def is_mp4(content: bytes) -> bool:
    return content[4:8] == b"ftyp"


def embed_aigc(content: bytes, text: bytes) -> bytes:
    """The same film with this label, and no other user data.

    Media data stays where it lies, because tables point at it: a new moov is written at the end, and the old one
    becomes free room. ValueError for what is no plain MP4, or runs on in fragments.
    """
    boxes = list(_boxes(content, 0, len(content)))
    films = [box for box in boxes if box.kind == b"moov"]
    if len(films) != 1 or any(box.kind == b"moof" for box in boxes):
        raise ValueError("the MP4 has no single moov box")
    moov = films[0]
    kept = b"".join(
        content[box.start : box.end]
        for box in _boxes(content, moov.body, moov.end)
        if box.kind not in (b"udta", b"meta")
    )
    written = _box(b"moov", kept + _user_data(text))
    freed = b"" if moov is boxes[-1] else _box(b"free", bytes(moov.end - moov.start - 8))
    return content[: moov.start] + freed + _closed(content, boxes[-1], moov.end) + written


def aigc(content: bytes) -> bytes | None:
    """The label's text; None when there is none. ValueError when the boxes contradict each other."""
    for path in ((b"moov", b"udta", b"meta"), (b"moov", b"meta")):
        meta = _descend(content, path)
        found = _item(content, meta) if meta else None
        if found is not None:
            return found
    return None


def _closed(content: bytes, last: Box, start: int) -> bytes:
    """The bytes from `start` on; a last box that ran to the end of the file gets its size, for something comes behind it."""
    if start >= last.end or content[last.start : last.start + 4] != _TO_THE_END:
        return content[start:]
    size = last.end - last.start
    if size >= 1 << 32:
        raise ValueError("the last box of the MP4 is too large for its size to be written")
    return content[start : last.start] + _number(size) + content[last.start + 4 :]


def _descend(content: bytes, path: tuple[bytes, ...]) -> Box | None:
    start, end = 0, len(content)
    found: Box | None = None
    for kind in path:
        found = next((box for box in _boxes(content, start, end) if box.kind == kind), None)
        if found is None:
            return None
        start, end = found.body, found.end
    return found


def _item(content: bytes, meta: Box) -> bytes | None:
    # In MP4 a meta box begins with a version; in QuickTime it does not.
    skipped = 0 if content[meta.body + 4 : meta.body + 8] == b"hdlr" else 4
    inside = {box.kind: box for box in _boxes(content, meta.body + skipped, meta.end)}
    if b"keys" not in inside or b"ilst" not in inside:
        return None
    for number, name in enumerate(_keys(content, inside[b"keys"]), start=1):
        if name != KEY:
            continue
        for item in _boxes(content, inside[b"ilst"].body, inside[b"ilst"].end):
            if int.from_bytes(item.kind, "big") == number:
                data = next((b for b in _boxes(content, item.body, item.end) if b.kind == b"data"), None)
                return content[data.body + 8 : data.end] if data else None
    return None


def _keys(content: bytes, box: Box) -> Iterator[bytes]:
    position = box.body + 8  # a version and a count
    while position + 8 <= box.end:
        length = int.from_bytes(content[position : position + 4], "big")
        if length < 8 or position + length > box.end:
            raise ValueError("a key of the MP4 does not fit its box")
        yield content[position + 8 : position + length]
        position += length


def _boxes(content: bytes, start: int, end: int) -> Iterator[Box]:
    position = start
    while position + 8 <= end:
        length, body = int.from_bytes(content[position : position + 4], "big"), position + 8
        if length == 1:
            length, body = int.from_bytes(content[body : body + 8], "big"), body + 8
        elif length == 0 and start == 0:
            # The last box of the file may run to its end; none within another may.
            length = end - position
        stop = position + length
        if position + length < body or stop > end:
            raise ValueError("a box of the MP4 does not fit")
        yield Box(content[position + 4 : position + 8], position, body, stop)
        position = stop


def _user_data(text: bytes) -> bytes:
    handler = _box(b"hdlr", bytes(8) + b"mdta" + bytes(12) + b"\0")
    keys = _box(b"keys", bytes(4) + _number(1) + _box(b"mdta", KEY))
    value = _box(b"data", _number(_UTF8) + bytes(4) + text)
    items = _box(b"ilst", _box(_number(1), value))
    return _box(b"udta", _box(b"meta", bytes(4) + handler + keys + items))


def _box(kind: bytes, body: bytes) -> bytes:
    return _number(len(body) + 8) + kind + body


def _number(value: int) -> bytes:
    return value.to_bytes(4, "big")
