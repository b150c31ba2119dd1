"""Views: a text as a filter should read it. Disguises are undone; every character knows where it came from.

Undone are compatibility forms, case, invisible characters, tag characters, look-alikes from other alphabets,
traditional Chinese, spaced letters, drawn-out letters, digits for letters, text that runs backwards, rot13, bytes in
variation selectors, and base64, hex or percent encoding (three layers deep).
"""

import codecs
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from runtime.packs.safety.encodings import (
    Part,
    blobs_of,
    hidden_in_selectors,
    layers_below,
    opening,
    parts_of,
)
from runtime.packs.safety.letters import plain

_LEET = str.maketrans("023456789@$€", "ozeasgtbgase")
# These end sentences and join words as well: they stand for a letter only before one.
_STROKE = re.compile(r"[!|+](?=[a-z])")
_STROKES = {"!": "i", "|": "l", "+": "t"}
_HAS_LEET = re.compile(r"[a-z][0-9@$€]|[0-9@$€!|+][a-z]")
_DRAWN_OUT = re.compile(r"([a-z])\1{2,}")
# Single letters with the same kind of gap between them, at least four: "b o m b", "b.o.m.b".
_SPACED = re.compile(r"(?<![^\W_])(?:[^\W_][\s.\-_*|/,+~·]{1,3}){3,}[^\W_](?![^\W_])")
# The same for any signs, as many as a short encoded text has.
_APART = re.compile(r"(?<!\S)(?:\S[ \t]{1,3}){11,}\S(?!\S)")
_ORDINARY = re.compile(r"[\t\n\r\x0b\x0c -~]*")
_BLANKS = {ord(char): " " for char in "\t\n\r\x0b\x0c"}
_LATIN = re.compile(r"[A-Za-z]{3}")


@dataclass(frozen=True, slots=True)
class View:
    """Text to search. Character i stands for `original[starts[i]:ends[i]]`.

    In a `run` word borders are lost. A `turned` view is one in which text reads backwards or by another alphabet: most
    of them say nothing, and short words appear in them by chance.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    run: bool = False
    turned: bool = False

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the original that `text[start:end]` stands for; `end` is greater than `start`."""
        return min(self.starts[start:end]), max(self.ends[start:end])

    def saying(self, text: str, turned: bool = False) -> "View":
        """Another text of the same length in the same places."""
        return View(text, self.starts, self.ends, self.run, self.turned or turned)


@dataclass(frozen=True, slots=True)
class Reading:
    """Every way to read a text, the plain one first, and what of it cannot be read yet.

    `unread` are encoded parts past a limit. From `open_from` to its end the text may be encoded and still go on.
    """

    views: tuple[View, ...]
    unread: tuple[tuple[int, int], ...]
    open_from: int | None


# The filters of one gate read the same text one after the other.
@lru_cache(maxsize=2)
def read(text: str) -> Reading:
    clean = _clean(text)
    first = list(hidden_in_selectors(text))
    begun: list[int] = []
    for whole in (clean, *_turned(clean)):
        for source in (whole, *_together(whole)):
            blobs = blobs_of(source.text)
            first += [Part(*source.span(part.start, part.end), part.said) for part in parts_of(blobs)]
            if (place := opening(blobs)) is not None:
                begun.append(min(source.starts[place:]))
    parts, unread = layers_below(first)
    views = (view for source in (clean, *map(_standing_for, parts)) for view in _views(source))
    return Reading(tuple(views), unread, min(begun, default=None))


def normalise(text: str) -> View:
    """Case, width, accents, look-alikes and invisible characters undone; blanks become single spaces as they stand."""
    return _lowered(_clean(text))


def _clean(text: str) -> View:
    """The text without costumes, case and line breaks kept: both mean something to what is encoded."""
    if _ORDINARY.fullmatch(text):
        return View(text, range(len(text)), range(1, len(text) + 1))
    letters = [plain(char) for char in text]
    if set(map(len, letters)) == {1}:
        return View("".join(letters), range(len(text)), range(1, len(text) + 1))
    starts = [place for place, letter in enumerate(letters) for _ in letter]
    return View("".join(letters), starts, [place + 1 for place in starts])


def _lowered(clean: View) -> View:
    return clean.saying(clean.text.lower().translate(_BLANKS))


def _turned(clean: View) -> Iterator[View]:
    """The text backwards, by the alphabet turned half round (rot13), and both."""
    wholes = [clean]
    if _LATIN.search(clean.text):
        wholes.append(clean.saying(codecs.encode(clean.text, "rot13"), turned=True))
        yield wholes[-1]
    for view in wholes:
        yield View(view.text[::-1], view.starts[::-1], view.ends[::-1], turned=True)


def _together(clean: View) -> Iterator[View]:
    """What stands apart, sign by sign, pulled together: encoded text survives that."""
    gaps = {
        place
        for run in _APART.finditer(clean.text)
        for place in range(*run.span())
        if clean.text[place].isspace()
    }
    if gaps:
        yield _without(clean, gaps)


def _standing_for(part: Part) -> View:
    """What an encoded part says; each character stands for the whole part."""
    clean = _clean(part.said)
    length = len(clean.text)
    return View(clean.text, (part.start,) * length, (part.end,) * length)


def _views(clean: View) -> Iterator[View]:
    for whole in (clean, *_turned(clean)):
        yield from _disguises(_lowered(whole))


def _disguises(lowered: View) -> Iterator[View]:
    yield lowered
    joined = _join_spaced(lowered)
    runs = list(_spaced_runs(lowered))
    yield from joined
    yield from runs
    for base in (*(joined or [lowered]), *runs):
        yield from _unleeted(base)
        yield from _shortened(base)


def _join_spaced(lowered: View) -> list[View]:
    """The view with spaced letters pulled together; none when it has no such letters.

    "make a b o m b" may be meant as "make abomb" or "make a bomb": both are given.
    """
    together: set[int] = set()
    article: set[int] = set()
    for run in _SPACED.finditer(lowered.text):
        gaps = [place for place in range(run.start(), run.end()) if not lowered.text[place].isalnum()]
        # Wider gaps between words than between letters keep the words apart.
        narrow = {place for place in gaps if not _is_wide(lowered.text, place)}
        together |= narrow
        article |= narrow - ({run.start() + 1} if run[0][0] in "ai" else set())
    return [
        _without(lowered, dropped)
        for dropped in ([together] if together == article else [together, article])
        if dropped
    ]


def _is_wide(text: str, place: int) -> bool:
    return text[place] == " " and (text[place - 1 : place] == " " or text[place + 1 : place + 2] == " ")


def _spaced_runs(lowered: View) -> Iterator[View]:
    """Each run of spaced letters by itself, all gaps gone: for whole sentences with a gap after every letter."""
    for run in _SPACED.finditer(lowered.text):
        kept = [place for place in range(run.start(), run.end()) if lowered.text[place].isalnum()]
        yield _pick(lowered, kept, run=True)


def _without(view: View, dropped: set[int]) -> View:
    return _pick(view, [place for place in range(len(view.text)) if place not in dropped])


def _pick(view: View, kept: Iterable[int], run: bool = False) -> View:
    kept = list(kept)
    text = "".join(view.text[place] for place in kept)
    starts, ends = [view.starts[place] for place in kept], [view.ends[place] for place in kept]
    return View(text, starts, ends, run or view.run, view.turned)


def _unleeted(view: View) -> Iterator[View]:
    """Digits and signs beside letters read as the letters that they imitate; a 1 may be two of them."""
    if not _HAS_LEET.search(view.text):
        return
    for one in "il" if "1" in view.text else "i":
        meant = view.text.translate(_LEET | {ord("1"): one})
        yield view.saying(_STROKE.sub(lambda stroke: _STROKES[stroke[0]], meant))


def _shortened(view: View) -> Iterator[View]:
    """Letters that are drawn out ("boooomb") once, and twice ("killlll")."""
    drawn_out = [run.span() for run in _DRAWN_OUT.finditer(view.text)]
    for kept in (1, 2) if drawn_out else ():
        yield _without(view, {place for start, end in drawn_out for place in range(start + kept, end)})
