"""Views: a text as a filter should read it. Disguises are undone; every character knows where it came from.

Undone are compatibility forms, case, invisible characters, tag characters, look-alikes from other alphabets, spaced
letters, digits for letters, and base64, hex or percent encoding (three layers deep).
"""

import base64
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import unquote

# Letters of other alphabets that look like Latin ones, by what they look like. Written for this project.
_LOOK_ALIKES = {
    "a": "аαɑᴀ", "b": "ьвβʙ", "c": "сϲᴄ", "d": "ԁᴅ", "e": "еєεҽᴇ", "f": "ғꜰ", "g": "ɡԍɢ", "h": "һнʜ", "i": "іιıɪӏ",
    "j": "јᴊ", "k": "кκᴋ", "l": "ⅼʟ", "m": "мᴍ", "n": "пηɴո", "o": "оοσօᴏ", "p": "рρᴘ", "q": "ԛ", "r": "гʀᴦ", "s": "ѕꜱ",
    "t": "тτᴛ", "u": "υսᴜ", "v": "νѵᴠ", "w": "ԝωᴡ", "x": "хχ", "y": "уүγʏ", "z": "ᴢ",
}  # fmt: skip
_LATIN = {ord(other): latin for latin, others in _LOOK_ALIKES.items() for other in others}
_LEET = {
    "0": "o",
    "1": "i",
    "3": "e",
    "4": "a",
    "5": "s",
    "7": "t",
    "8": "b",
    "9": "g",
    "@": "a",
    "$": "s",
    "!": "i",
    "|": "l",
    "+": "t",
    "€": "e",
}

# Single letters with the same kind of gap between them, at least four: "b o m b", "b.o.m.b".
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][\s.\-_*|/,+~·]{1,3}){3,}[^\W_](?![^\W_])")
_BASE64 = re.compile(r"(?:[A-Za-z0-9+/_-]{16,}\r?\n)*[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[\s:]?){8,}")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2}|[\w.~+-]){6,}")
# Past these a text is not read in vain to its end: what lies beyond is reported as unread.
MAX_LAYERS = 3
MAX_PARTS = 500
MAX_DECODED = 100_000
# The text so far may end inside a sign of its encoding: "%4", half a byte in hex.
LONGEST_SIGN = 2
# Bytes that look like text by chance, in what is none, are seldom more in a row.
SHORTEST_STRETCH = 12


@dataclass(frozen=True, slots=True)
class View:
    """Text to search. Character i stands for `original[starts[i]:ends[i]]`. In a `run` word borders are lost."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    run: bool = False

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the original that `text[start:end]` stands for; `end` is greater than `start`."""
        return min(self.starts[start:end]), max(self.ends[start:end])


@dataclass(frozen=True, slots=True)
class Part:
    """What the encoded `text[start:end]` says."""

    start: int
    end: int
    said: str


@dataclass(frozen=True, slots=True)
class Reading:
    """Every way to read a text, the plain one first, and what of it cannot be read yet.

    `unread` are encoded parts past a limit. From `open_from` to its end the text may be encoded and still go on.
    """

    views: Iterable[View]
    unread: tuple[tuple[int, int], ...]
    open_from: int | None


def read(text: str) -> Reading:
    parts, unread = _decoded(text)
    encoded = [blob.start() for pattern, _ in _ENCODINGS for blob in pattern.finditer(text) if _is_open(blob)]
    return Reading(_views(text, parts), unread, min(encoded, default=None))


def _is_open(blob: re.Match[str]) -> bool:
    at_end = blob.end() >= len(blob.string) - LONGEST_SIGN
    return at_end and (blob.re is not _PERCENT or "%" in blob[0])


def _views(text: str, parts: Iterable[Part]) -> Iterator[View]:
    yield from _disguises(normalise(text))
    for part in parts:
        inner = normalise(part.said)
        length = len(inner.text)
        yield from _disguises(View(inner.text, (part.start,) * length, (part.end,) * length))


def normalise(text: str) -> View:
    """Case, width, accents, look-alikes and invisible characters undone; blanks become single spaces as they stand."""
    if text.isascii():
        places = tuple(range(len(text) + 1))
        return View(text.lower().translate(_BLANKS), places[:-1], places[1:])
    letters: list[str] = []
    starts: list[int] = []
    for place, char in enumerate(text):
        for letter in _plain(char):
            letters.append(letter)
            starts.append(place)
    return View("".join(letters), tuple(starts), tuple(place + 1 for place in starts))


_BLANKS = {ord(char): " " for char in "\t\n\r\x0b\x0c"}


def _plain(char: str) -> str:
    """What one character is read as; empty when it is invisible."""
    code = ord(char)
    if 0xE0020 <= code <= 0xE007E:  # tag characters: an invisible ASCII that models do read
        return chr(code - 0xE0000).lower()
    for first, last in ((0x1F1E6, 0x1F1FF), (0x1F150, 0x1F169), (0x1F170, 0x1F189)):  # letters drawn as emoji
        if first <= code <= last:
            return chr(ord("a") + code - first)
    kept = (
        part for part in unicodedata.normalize("NFKD", char) if unicodedata.category(part) not in _INVISIBLE
    )
    plain = "".join(kept).casefold().translate(_LATIN)
    return " " if plain.isspace() else plain


# Marks that sit on a letter, format characters, controls without a shape.
_INVISIBLE = frozenset({"Mn", "Me", "Cf"})


def _disguises(plain: View) -> Iterator[View]:
    yield plain
    joined = _join_spaced(plain)
    yield from joined
    yield from _spaced_runs(plain)
    for base in joined or [plain]:
        for one in ("i", "l"):
            changed = _unleet(base.text, one)
            if changed != base.text:
                yield View(changed, base.starts, base.ends)


def _join_spaced(plain: View) -> list[View]:
    """The view with spaced letters pulled together; none when it has no such letters.

    "make a b o m b" may be meant as "make abomb" or "make a bomb": both are given.
    """
    together: set[int] = set()
    article: set[int] = set()
    for run in _SPACED.finditer(plain.text):
        gaps = [place for place in range(run.start(), run.end()) if not plain.text[place].isalnum()]
        # Wider gaps between words than between letters keep the words apart.
        narrow = {place for place in gaps if not _is_wide(plain.text, place)}
        together |= narrow
        article |= narrow - ({run.start() + 1} if run[0][0] in "ai" else set())
    return [
        _without(plain, dropped)
        for dropped in ([together] if together == article else [together, article])
        if dropped
    ]


def _without(view: View, dropped: set[int]) -> View:
    kept = [place for place in range(len(view.text)) if place not in dropped]
    return _pick(view, kept)


def _pick(view: View, kept: list[int], run: bool = False) -> View:
    text = "".join(view.text[place] for place in kept)
    return View(
        text, tuple(view.starts[place] for place in kept), tuple(view.ends[place] for place in kept), run
    )


def _is_wide(text: str, place: int) -> bool:
    return text[place] == " " and (text[place - 1 : place] == " " or text[place + 1 : place + 2] == " ")


def _spaced_runs(plain: View) -> Iterator[View]:
    """Each run of spaced letters by itself, all gaps gone: for whole sentences with a gap after every letter."""
    for run in _SPACED.finditer(plain.text):
        kept = [place for place in range(run.start(), run.end()) if plain.text[place].isalnum()]
        yield _pick(plain, kept, run=True)


def _unleet(text: str, one: str) -> str:
    """Digits and signs beside letters read as the letters they imitate; `one` is what 1 stands for."""
    read = list(text)
    for place, char in enumerate(text):
        letter = one if char == "1" else _LEET.get(char)
        if letter and (_is_letter(text, place - 1) or _is_letter(text, place + 1)):
            read[place] = letter
    return "".join(read)


def _is_letter(text: str, place: int) -> bool:
    """A Latin letter, or a sign that imitates one."""
    if not 0 <= place < len(text):
        return False
    return "a" <= text[place] <= "z" or text[place] in _LEET


def _decoded(text: str) -> tuple[list[Part], tuple[tuple[int, int], ...]]:
    """What encoded parts say, layer by layer, and the places of those that are past a limit."""
    found: list[Part] = []
    unread: list[tuple[int, int]] = []
    room = MAX_DECODED
    layer = [Part(0, len(text), text)]
    for depth in range(MAX_LAYERS + 1):
        below = [part for outer in layer for part in _inside(outer, depth == 0)]
        layer = []
        for part in below:
            if depth == MAX_LAYERS or len(found) == MAX_PARTS or len(part.said) > room:
                unread.append((part.start, part.end))
            else:
                room -= len(part.said)
                layer.append(part)
                found.append(part)
    return found, tuple(unread[:1])


def _inside(outer: Part, is_text: bool) -> Iterator[Part]:
    """What the encoded parts of a text say; those of decoded text stand where that stood."""
    for pattern, decode in _ENCODINGS:
        for blob in pattern.finditer(outer.said):
            start, end = blob.span() if is_text else (outer.start, outer.end)
            yield from (Part(start, end, said) for said in decode(blob[0]))


def _from_base64(blob: str) -> Iterator[str]:
    """From each of the four places in a group: letters before the encoded part shift it."""
    body = re.sub(r"[\r\n]", "", blob).rstrip("=").replace("-", "+").replace("_", "/")
    for first in range(4):
        groups = body[first:]
        if len(groups) % 4 == 1:  # the end of a group that gives no byte
            groups = groups[:-1]
        yield from _readable(base64.b64decode(groups + "=" * (-len(groups) % 4)))


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


def _readable(raw: bytes) -> Iterator[str]:
    """The bytes as text when nearly all of them are, else the stretches of text among them."""
    said = raw.decode("utf-8", errors="replace")
    stretches = _SHOWN.findall(said)
    if len(said) >= 4 and sum(map(len, stretches)) >= 0.95 * len(said):
        stretches = [said]
    else:
        stretches = [found for found in stretches if len(found.encode()) >= SHORTEST_STRETCH]
    yield from (found for found in stretches if sum(map(str.isalpha, found)) >= len(found) / 2)


_ENCODINGS: tuple[tuple[re.Pattern[str], Callable[[str], Iterator[str]]], ...] = (
    (_BASE64, _from_base64),
    (_HEX, _from_hex),
    (_PERCENT, _from_percent),
)
