"""Views: a text as a filter should read it. Disguises are undone; every character knows where it came from.

Undone are compatibility forms, case, invisible characters, tag characters, look-alikes from other alphabets, spaced
letters, digits for letters, and base64, hex or percent encoding (three layers deep).
"""

import base64
import binascii
import re
import unicodedata
from collections.abc import Callable, Iterator
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
_BASE64 = re.compile(r"[A-Za-z0-9+/_-]{16,}={0,2}")
_HEX = re.compile(r"(?:[0-9a-fA-F]{2}[\s:]?){8,}")
_PERCENT = re.compile(r"(?:%[0-9a-fA-F]{2}|[\w.~+-]){6,}")
MAX_LAYERS = 3
MAX_BLOBS = 20
MAX_DECODED = 8_192


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


def views(text: str) -> Iterator[View]:
    """Every way to read the text, the plain one first."""
    plain = normalise(text)
    yield from _disguises(plain)
    for start, end, decoded in _decoded(text):
        inner = normalise(decoded)
        length = len(inner.text)
        yield from _disguises(View(inner.text, (start,) * length, (end,) * length))


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


def _decoded(text: str) -> list[tuple[int, int, str]]:
    """What encoded parts say, with the place of each in `text`."""
    found: list[tuple[int, int, str]] = []
    layer = [(0, text)]
    for depth in range(MAX_LAYERS):
        below: list[tuple[int, str]] = []
        for origin, content in layer:
            for pattern, decode in _ENCODINGS:
                for blob in pattern.finditer(content):
                    said = decode(blob[0])
                    if said is None or len(found) >= MAX_BLOBS:
                        continue
                    start, end = (blob.start(), blob.end()) if depth == 0 else found[origin][:2]
                    below.append((len(found), said))
                    found.append((start, end, said))
        layer = below
    return found


def _from_base64(blob: str) -> str | None:
    body = blob.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return _readable(base64.b64decode(body + "=" * (-len(body) % 4)))
    except binascii.Error:
        return None


def _from_hex(blob: str) -> str | None:
    return _readable(bytes.fromhex(re.sub(r"[\s:]", "", blob)))


def _from_percent(blob: str) -> str | None:
    said = unquote(blob, errors="ignore")
    return _readable(said.replace("+", " ").encode()) if "%" in blob and said != blob else None


def _readable(raw: bytes) -> str | None:
    """The bytes as text, when they are one: nearly all printable, with letters."""
    try:
        said = raw[:MAX_DECODED].decode("utf-8")
    except UnicodeDecodeError:
        return None
    printable = sum(char.isprintable() or char.isspace() for char in said)
    letters = sum(char.isalpha() for char in said)
    return said if len(said) >= 4 and printable >= 0.95 * len(said) and letters >= len(said) / 2 else None


_ENCODINGS: tuple[tuple[re.Pattern[str], Callable[[str], str | None]], ...] = (
    (_BASE64, _from_base64),
    (_HEX, _from_hex),
    (_PERCENT, _from_percent),
)
