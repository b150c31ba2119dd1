"""Encodings: what the encoded parts of a text say, layer by layer, and which of them cannot be read."""

import re
from base64 import b64decode
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

# Looked for where a run of its characters begins, not again at each of them: most words are too short. A run as short
# as a long word is none of small letters alone.
BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_-])(?:(?:[A-Za-z0-9+/_-]{16,}\r?\n)*[A-Za-z0-9+/_-]{16,}={0,2}"
    r"|(?=[a-z_-]*+[A-Z0-9+/])[A-Za-z0-9+/_-]{10,15}(?![A-Za-z0-9+/_-])={0,2})"
)
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[\s:]?+){5,}+")
# Between two signs stand letters that need none, but not the whole text before: that may have been shown.
_PERCENT = re.compile(r"[\w.~+-]{0,63}(?:%[0-9a-fA-F]{2}[\w.~+-]{0,63})+")
# Bytes hidden behind an emoji: each is one of 256 invisible selectors.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
# Past these a text is not read in vain to its end: what lies beyond is reported as unread.
MAX_LAYERS = 3
MAX_PARTS = 500
MAX_DECODED = 100_000
# The text so far may end inside a sign of its encoding: "%4", half a byte in hex. Base64 may go on in another line.
LONGEST_SIGN = 2
_NEXT_LINE = re.compile(r"\r?(?:\n[A-Za-z0-9+/_-]{0,15})?\Z")
# Bytes that look like text by chance, in what is none, are seldom more in a row.
SHORTEST_STRETCH = 12
SHORTEST_TEXT = 2


@dataclass(frozen=True, slots=True)
class Part:
    """What the encoded part at [start, end) of the original says."""

    start: int
    end: int
    said: str


def blobs_of(text: str, in_base64: bool = True) -> list[re.Match[str]]:
    """The stretches of a text that may be encoded; `in_base64` is false where it is known that none is."""
    # Any word could be percent-encoded; without the sign none is.
    patterns = (*([BASE64] if in_base64 else []), _HEX, *([_PERCENT] if "%" in text else []))
    return [blob for pattern in patterns for blob in pattern.finditer(text)]


def parts_of(blobs: Iterable[re.Match[str]]) -> Iterator[Part]:
    """What the stretches say, one layer deep."""
    for blob in blobs:
        yield from (Part(*blob.span(), said) for said in _DECODE[blob.re](blob[0]))


def opening(blobs: Iterable[re.Match[str]]) -> int | None:
    """From where a text may be encoded to its end, and still go on."""
    return min((blob.start() for blob in blobs if _may_go_on(blob)), default=None)


def _may_go_on(blob: re.Match[str]) -> bool:
    if blob.end() >= len(blob.string) - LONGEST_SIGN:
        return True
    return blob.re is BASE64 and _NEXT_LINE.match(blob.string, blob.end()) is not None


def hidden_in_selectors(text: str) -> Iterator[Part]:
    for blob in _SELECTORS.finditer(text):
        said = bytes(_selected(ord(char)) for char in blob[0])
        for order in (said, said[::-1]):
            yield from (Part(*blob.span(), stretch) for stretch in _readable(order))


def _selected(code: int) -> int:
    return code - 0xFE00 if code <= 0xFE0F else code - 0xE0100 + 16


def layers_below(first: Iterable[Part]) -> tuple[list[Part], tuple[tuple[int, int], ...]]:
    """The parts and what is encoded in them in turn, and the place of one that is past a limit.

    Each is read to its depth before the next begins, in the order of the text: what comes later in a text takes no
    room from what came before, which may have been shown.
    """
    found: list[Part] = []
    unread: list[tuple[int, int]] = []
    room = MAX_DECODED
    waiting = [(part, 0) for part in sorted(first, key=lambda part: (part.start, part.end), reverse=True)]
    while waiting:
        part, depth = waiting.pop()
        if depth == MAX_LAYERS or len(found) == MAX_PARTS or len(part.said) > room:
            unread.append((part.start, part.end))
            continue
        room -= len(part.said)
        found.append(part)
        waiting += [(Part(part.start, part.end, said), depth + 1) for said in _inside(part.said)]
    return found, tuple(unread[:1])


def _inside(text: str) -> Iterator[str]:
    for part in (*hidden_in_selectors(text), *parts_of(blobs_of(text))):
        yield part.said


def _from_base64(blob: str) -> Iterator[str]:
    """From each of the four places in a group: letters before the encoded part shift it."""
    body = re.sub(r"[\r\n]", "", blob).rstrip("=").replace("-", "+").replace("_", "/")
    for first in range(4):
        groups = body[first:]
        if len(groups) % 4 == 1:  # the end of a group that gives no byte
            groups = groups[:-1]
        yield from _readable(b64decode(groups + "=" * (-len(groups) % 4)))


def _from_hex(blob: str) -> Iterator[str]:
    digits = re.sub(r"[\s:]", "", blob)
    for first in range(2):
        pairs = digits[first:]
        yield from _readable(bytes.fromhex(pairs[: len(pairs) // 2 * 2]))


def _from_percent(blob: str) -> Iterator[str]:
    said = unquote(blob, errors="ignore")
    if "%" in blob and said != blob:
        yield from _readable(said.replace("+", " ").encode())


# Neither control characters nor what stands for bytes that are no text.
_SHOWN = re.compile(r"[^\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]+")
_LONG = re.compile(
    _SHOWN.pattern.replace("+", f"{{{SHORTEST_STRETCH // 4},}}")
)  # a character is at most 4 bytes


def _readable(raw: bytes) -> Iterator[str]:
    """The bytes as text when nearly all of them are, else the stretches of text among them."""
    said = raw.decode("utf-8", errors="replace")
    # Counted first, since bytes that are no text come in a great many small stretches.
    may_be_whole = len(said) >= SHORTEST_TEXT and said.count("\ufffd") <= 0.05 * len(said)
    if may_be_whole and sum(map(len, _SHOWN.findall(said))) >= 0.95 * len(said):
        yield said
    else:
        long = (found for found in _LONG.findall(said) if len(found.encode()) >= SHORTEST_STRETCH)
        yield from (found for found in long if sum(map(str.isalpha, found)) >= len(found) / 2)


_DECODE: dict[re.Pattern[str], Callable[[str], Iterator[str]]] = {
    BASE64: _from_base64,
    _HEX: _from_hex,
    _PERCENT: _from_percent,
}
