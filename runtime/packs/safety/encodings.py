"""Encodings: what the encoded parts of a text say, layer by layer, and which of them cannot be read."""

import re
from binascii import a2b_base64
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, unquote_to_bytes

from runtime.packs.safety.escapes import MAX_ESCAPES, unescaped
from runtime.packs.safety.looks import clean

# Looked for where a run of its characters begins, not again at each of them: most words are too short. A run as short
# as a long word is none of small letters alone.
BASE64 = re.compile(
    r"(?<![A-Za-z0-9+/_-])(?:(?:[A-Za-z0-9+/_-]{16,}\r?\n)*[A-Za-z0-9+/_-]{16,}(?:\r?\n[A-Za-z0-9+/_-]{1,15}(?==|\r?\n|\Z))?={0,2}"
    r"|(?=[a-z_-]*+[A-Z0-9+/])[A-Za-z0-9+/_-]{10,15}(?![A-Za-z0-9+/_-])={0,2})"
)
# It ends with a digit: read from its other end, it does not begin with a blank that has been shown.
HEX = re.compile(r"[0-9a-fA-F]{2}(?:[\s:]?+[0-9a-fA-F]{2}){4,}+")
# Encodings that no sign tells.
PLAIN = (BASE64, HEX)
_HEX_NUMBERS = re.compile(r"(?:0x[0-9a-fA-F]{2}(?:, ?|[\s:;-])?+){5,}+")
# With commas or hyphens between, a letter is among them or all are of ASCII: most tables and dates are neither.
_HEX_COMMAS, _HEX_HYPHENS = (
    re.compile(
        rf"[0-9a-fA-F]{{2}}(?={sign})(?:(?<![0-9]{{2}})|(?=[0-9 {sign}]{{0,120}}[a-fA-F]))(?:{sign} ?[0-9a-fA-F]{{2}}){{4,}}+"
        rf"|[2-7][0-9a-fA-F](?:{sign} ?[2-7][0-9a-fA-F]){{4,}}+"
    )
    for sign in ",-"
)
# Between two signs stand letters that need none, but not the whole text before: that may have been shown.
_PERCENT = re.compile(r"[\w.~+-]{0,63}(?:%[0-9a-fA-F]{2}[\w.~+-]{0,63})+")
_WITH_SIGNS = (("%", _PERCENT), (",", _HEX_COMMAS), ("-", _HEX_HYPHENS), ("0x", _HEX_NUMBERS))
# Bytes hidden behind an emoji: each is one of 256 invisible selectors.
_SELECTORS = re.compile("[\ufe00-\ufe0f\U000e0100-\U000e01ef]{4,}")
# Past these a text is not read in vain to its end: what lies beyond is reported as unread.
MAX_LAYERS = 3
MAX_PARTS = 500
MAX_DECODED = 100_000
# The text so far may end inside a sign of its encoding: "%4", ", 0x4". Base64 may go on in another line.
LONGEST_SIGN = 5
_NEXT_LINE = re.compile(r"\r?(?:\n[A-Za-z0-9+/_-]{0,15})?\Z")
_HEX_DIGITS = re.compile(r"[0-9a-fA-F\s:]*+")
_LINE_BEFORE = re.compile(r"={0,2}[A-Za-z0-9+/_-]{0,15}\r?\n")
# Bytes that look like text by chance, in what is none, are seldom more in a row.
SHORTEST_STRETCH = 12
SHORTEST_TEXT = 2


@dataclass(frozen=True, slots=True)
class Part:
    """What the encoded part at [start, end) of the original says."""

    start: int
    end: int
    said: str


@dataclass(frozen=True, slots=True)
class Stretch:
    """What of the original may be encoded, and each text that it may say, in the order of its parts."""

    start: int
    end: int
    read: Callable[[], Iterable[str]]


def blobs_of(text: str, plain: Sequence[re.Pattern[str]] = PLAIN) -> list[re.Match[str]]:
    """The stretches of a text that may be encoded; of the `plain` ones, without a sign, those that there may be."""
    # Any word could be percent-encoded; without the sign none is.
    patterns = [*plain, *(pattern for sign, pattern in _WITH_SIGNS if sign in text)]
    return [blob for pattern in patterns for blob in pattern.finditer(text)]


def said_by(blob: re.Match[str]) -> Iterator[str]:
    """What a stretch says, one layer deep."""
    return _DECODE[blob.re](blob[0])


def open_blobs(blobs: Sequence[re.Match[str]], backwards: bool) -> Iterator[re.Match[str]]:
    """Those that may still go on: at the end of the text or, where it is read from there, at its beginning.

    What goes on when it is read in one way need not when it is read in the other: no sign of an encoding but base64's is the
    same from both ends, and digits of hex pair up from the end that is read first.
    """
    if not backwards:
        yield from filter(_may_go_on, blobs)
        return
    # One more digit before them, and all groups of them may be one.
    digits = _HEX_DIGITS.match(blobs[0].string) if blobs else None
    for blob in blobs:
        if _may_go_on_before(blob) or (blob.re is HEX and digits and blob.start() <= digits.end()):
            yield blob


def _may_go_on(blob: re.Match[str]) -> bool:
    if blob.end() >= len(blob.string) - LONGEST_SIGN:
        return True
    return blob.re is BASE64 and _NEXT_LINE.match(blob.string, blob.end()) is not None


def _may_go_on_before(blob: re.Match[str]) -> bool:
    if blob.start() <= LONGEST_SIGN:
        return True
    return blob.re is BASE64 and _LINE_BEFORE.fullmatch(blob.string, 0, blob.start()) is not None


def hidden_in_selectors(text: str) -> Iterator[Part]:
    for blob in _SELECTORS.finditer(text):
        said = bytes(_selected(ord(char)) for char in blob[0])
        for order in (said, said[::-1]):
            yield from (Part(*blob.span(), stretch) for stretch in _readable(order))


def _selected(code: int) -> int:
    return code - 0xFE00 if code <= 0xFE0F else code - 0xE0100 + 16


def layers_below(first: Sequence[Stretch]) -> tuple[list[Part], tuple[tuple[int, int], ...]]:
    """The parts and what is encoded in them in turn, and the place of one that is past a limit.

    Each is read to its depth before the next begins, in the order of the text: what comes later in a text takes no
    room from what came before, which may have been shown. Nor does it when it gives cause to look at the whole in one
    more way: what says the same in the same place is read once. None is read once there can be no more.
    """
    found: list[Part] = []
    unread: list[tuple[int, int]] = []
    room = MAX_DECODED
    # Of those in the same place the last one first, as a stack of them would be read.
    places = {number: (stretch.start, stretch.end, -number) for number, stretch in enumerate(first)}
    place, depth_of = (-1, -1), dict[str, int]()
    for number in sorted(places, key=places.__getitem__):
        stretch = first[number]
        if place != (stretch.start, stretch.end):
            place, depth_of = (stretch.start, stretch.end), {}
        waiting = [(said, 0) for said in stretch.read()]
        while waiting:
            said, depth = waiting.pop()
            if depth_of.get(said, MAX_LAYERS + 1) <= depth:
                continue
            depth_of[said] = depth
            if depth == MAX_LAYERS or len(found) == MAX_PARTS or len(said) > room:
                unread.append(place)
                if len(found) == MAX_PARTS:
                    return found, tuple(unread[:1])
                continue
            room -= len(said)
            found.append(Part(*place, said))
            waiting += [(inner, depth + 1) for inner in _inside(said)]
    return found, tuple(unread[:1])


def _inside(text: str) -> Iterator[str]:
    for layer in (text, *without_escapes(text)):
        yield from (part.said for part in hidden_in_selectors(layer))
        for blob in blobs_of(layer):
            yield from said_by(blob)


def without_escapes(text: str) -> Iterator[str]:
    for _ in range(MAX_ESCAPES):
        undone = unescaped(text)
        if undone is None:
            return
        text = undone[0]
        yield text


def _from_base64(blob: str) -> Iterator[str]:
    """From each of the four places in a group: letters before the encoded part shift it."""
    body = blob.translate(_PLAIN_BASE64).rstrip("=")
    for first in range(4):
        groups = body[first:]
        if len(groups) % 4 == 1:  # the end of a group that gives no byte
            groups = groups[:-1]
        yield from _readable(a2b_base64(groups + _PADDING[len(groups) % 4]))


def _from_hex(blob: str) -> Iterator[str]:
    digits = re.sub(r"0x|[\s:;,-]", "", blob)
    for first in range(2):
        pairs = digits[first:]
        yield from _readable(bytes.fromhex(pairs[: len(pairs) // 2 * 2]))


def _from_percent(blob: str) -> Iterator[str]:
    said = unquote(blob.replace("+", " "), errors="ignore")
    if "%" in blob and said != blob:
        yield from _readable(said.encode())
        yield from _in_other_codes(unquote_to_bytes(blob))


_PLAIN_BASE64 = str.maketrans({"-": "+", "_": "/", "\r": None, "\n": None})
_PADDING = ("", "===", "==", "=")
# Neither control characters nor what stands for bytes that are no text.
_SHOWN = re.compile(r"[^\x00-\x08\x0e-\x1f\x7f-\x9f\ufffd]+")
_LONG = re.compile(
    _SHOWN.pattern.replace("+", f"{{{SHORTEST_STRETCH // 4},}}")
)  # a character is at most 4 bytes


def _readable(raw: bytes) -> Iterator[str]:
    """The bytes as text when nearly all of them are, else the stretches of text among them."""
    if len(raw) < SHORTEST_STRETCH:
        yield from _readable_in_short(raw)
        return
    said = raw.decode("utf-8", errors="replace")
    # Counted first, since bytes that are no text come in a great many small stretches.
    may_be_whole = len(said) >= SHORTEST_TEXT and said.count("\ufffd") <= 0.05 * len(said)
    if may_be_whole and sum(map(len, _SHOWN.findall(said))) >= 0.95 * len(said):
        yield said
        # Chinese in its older code may be UTF-8 as well, of letters that hardly stand together.
        if not said.isascii() and len(_UNLIKELY.findall(said)) > len(said) / 2:
            yield from _in_other_codes(raw)
    else:
        long = (found for found in _LONG.findall(said) if len(found.encode()) >= SHORTEST_STRETCH)
        yield from (found for found in long if sum(map(str.isalpha, found)) >= len(found) / 2)
        yield from _in_other_codes(raw)


def _readable_in_short(raw: bytes) -> Iterator[str]:
    """The same of bytes among which no stretch is long enough, and in twenty of which nothing may be amiss.

    In lists of short lines without blanks there are a great many such, and hardly one of them says anything.
    """
    try:
        said = raw.decode()
    except UnicodeDecodeError:
        yield from _in_other_codes(raw)
        return
    if len(said) < SHORTEST_TEXT or not _SHOWN.fullmatch(said):
        yield from _in_other_codes(raw)
        return
    yield said
    if not said.isascii() and len(_UNLIKELY.findall(said)) > len(said) / 2:
        yield from _in_other_codes(raw)


# Of a character in UTF-16 one of the two bytes says whether it is Latin, Chinese, a sign of Chinese, an emoji, or one of
# those that show nothing.
_UPPER_BYTES = bytes(
    (0x00, 0x03, 0x20, 0x28, 0x30, 0x31, 0xD8, 0xD9, 0xDB, 0xDC, 0xDD, 0xDE, 0xFE, 0xFF, *range(0x4E, 0xA0))
)
_UNLIKELY = re.compile(
    r"[^\t\n\r -~\u2010-\u2027\u3000-\u303f\u4e00-\u9fff\uff00-\uffef\U0001f000-\U0001faff]"
)
_CHINESE = re.compile(r"[\u4e00-\u9fff]")


def _in_other_codes(raw: bytes) -> Iterator[str]:
    """The bytes in the older code of Chinese (GBK) or in UTF-16, when nearly all of them are Chinese or ASCII in it."""
    even = raw[: len(raw) // 2 * 2]
    for encoding, upper in (("utf-16-le", even[1::2]), ("utf-16-be", even[::2])):
        few = len(set(upper)) <= len(upper) / 3  # letters of a few blocks, in costumes maybe
        if few or len(upper.translate(None, _UPPER_BYTES)) <= 0.05 * len(upper):
            yield from _if_likely(even.decode(encoding, errors="replace"))
    try:
        said = raw.decode("gbk")
    except UnicodeDecodeError:
        return
    # Of two bytes by chance every third pair is a character, and every tenth one of the common ones.
    common = said.encode("gb2312", errors="ignore").decode("gb2312")
    if _CHINESE.search(common) and len(common) >= 0.95 * len(said):
        yield from _if_likely(said)


# What no reading makes likely; and all that is read as more than one character, seldom as more than eight.
_NEVER = re.compile(r"[\ua000-\ua48c\uac00-\ud7a3\ue000-\uf8ff\ufffd]")
_MAY_GROW = re.compile(r"[^\x00-\x7f\u3400-\u9fff\ua000-\ua48c\ue000-\uf8ff\ufffd]")
_GROWS, _LONGEST_GROWN, _GROWN = 8, "\ufdfa", 18
_SLICE = 256


def _if_likely(said: str) -> Iterator[str]:
    """It, where nearly all that it shows is likely. Bytes that are no text are read no further than until that is sure."""
    most = (
        len(said)
        + (_GROWS - 1) * len(_MAY_GROW.findall(said))
        + (_GROWN - _GROWS) * said.count(_LONGEST_GROWN)
    )
    if len(_NEVER.findall(said)) > 0.05 * most:
        return
    shown = unlikely = 0
    for start in range(0, len(said), _SLICE):
        piece = said[start : start + _SLICE]
        seen = clean(piece).text
        shown += len(seen)
        unlikely += len(_UNLIKELY.findall(seen))
        # What is left may at most be as much as this.
        most -= len(piece) + (_GROWS - 1) * len(_MAY_GROW.findall(piece))
        most -= (_GROWN - _GROWS) * piece.count(_LONGEST_GROWN)
        if unlikely > 0.05 * (shown + most):
            return
    if shown >= SHORTEST_TEXT and unlikely <= 0.05 * shown:
        yield said


_DECODE: dict[re.Pattern[str], Callable[[str], Iterator[str]]] = {
    BASE64: _from_base64,
    HEX: _from_hex,
    _HEX_NUMBERS: _from_hex,
    _HEX_COMMAS: _from_hex,
    _HEX_HYPHENS: _from_hex,
    _PERCENT: _from_percent,
}
