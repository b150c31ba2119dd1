"""Views: a text as a filter should read it. Disguises are undone; every character knows where it came from.

Undone is what hides a text from who looks at it (`looks.py`: compatibility forms, invisible characters, look-alikes,
traditional Chinese, controls of direction, escapes, markup), and case, spaced letters, drawn-out letters, digits for letters, text
that runs backwards, rot13, syllables of pinyin among Chinese characters, bytes in variation selectors, and base64, hex or
percent encoding (three layers deep).
"""

import re
import string
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from itertools import compress

from runtime.packs.safety.around import ahead, back, last_border, next_border
from runtime.packs.safety.encodings import (
    BASE64,
    HEX,
    PLAIN,
    Part,
    Stretch,
    blobs_of,
    hidden_in_selectors,
    layers_below,
    open_blobs,
    said_by,
)
from runtime.packs.safety.looks import Look, clean, held, looks, lowered, unescape, within
from runtime.packs.safety.mixed_pinyin import spelled_out

_LEET = str.maketrans("023456789@$€", "ozeasgtbgase")
# These end sentences and join words as well: they stand for a letter only before one.
_STROKE = re.compile(r"[!|+](?=[a-z])")
_STROKES = {"!": "i", "|": "l", "+": "t"}
# The sign comes first, for the search may then leap from sign to sign.
_HAS_LEET = re.compile(r"[0-9@$€!|+](?:(?=[a-z])|(?<=[a-z][0-9@$€]))")
_DRAWN_OUT, _REPEATED = re.compile(r"([a-z])\1\1+"), re.compile(r"([a-z])\1+")
# That letters are drawn out, or digits put for some, is believed so many letters around a place where it shows. Less
# than a stream holds back: what a sign changes that comes later must not have been shown before.
NEAR = 120
# A capital I behind a small letter, which is drawn like an l ("kiII"). The letter comes first, so that the search leaps to it.
_TALL = re.compile(r"I(?<=[a-z]I)I*")
# Single letters, or signs that are put for some, with a gap between them, at least four: "b o m b", "b.o.m.b".
_LETTER = re.compile(r"[^\W_]|[@$€]")
_SPACED = re.compile(
    r"(?<![^\W_])[^\W_](?:[^\w@$€]|_){1,4}+(?:(?:[^\W_]|[@$€])(?:[^\w@$€]|_){1,4}+){2,}(?:[^\W_]|[@$€])(?![^\W_])"
)
# What every such run has inside, read from either end: two that stand alone. Other things have it, too.
_ALONE = re.compile(r"[\W_][\w@$€][\W_]{1,4}[\w@$€][\W_]")
# The same for any signs, as many as a short encoded text has.
_APART = re.compile(r"(?<!\S)(?:\S\s{1,3}){11,}\S(?!\S)")
# What stands where an encoding without signs does, in a text or in what it is when turned.
_PLAIN_SIGNS = ((BASE64, BASE64), (HEX, re.compile(r"(?:[0-9a-fn-sA-FN-S]{2}[\s:]?+){5}")))
_GAP, _SIGNS = re.compile(r"\s+"), re.compile(r"(?:(?![@$€])[\W_])+")
# In fewer letters without borders nothing is looked for; formulas have many such runs.
SHORTEST_RUN = 6
_LATIN = re.compile(r"[A-Za-z]")
_SMALL, _LARGE = string.ascii_lowercase, string.ascii_uppercase
_HALF_ROUND = bytes.maketrans(
    (_SMALL + _LARGE).encode(), (_SMALL[13:] + _SMALL[:13] + _LARGE[13:] + _LARGE[:13]).encode()
)
_NO_LATIN = bytes(set(range(256)) - set((_SMALL + _LARGE).encode()))


@dataclass(frozen=True, slots=True)
class View(Look):
    """A look, or what else may be read in one.

    In a `run` word borders are lost. A `turned` view is one in which text reads backwards or by another alphabet: most
    of them say nothing, and short words appear in them by chance. In a `collapsed` one every letter stands once.
    """

    run: bool = False
    turned: bool = False
    collapsed: bool = False

    @classmethod
    def of(cls, look: Look) -> "View":
        return cls(look.text, look.starts, look.ends, look.mixed, look.closed)

    @property
    def backwards(self) -> bool:
        return not self.mixed and len(self.starts) > 1 and self.starts[0] > self.starts[-1]

    def saying(self, text: str) -> "View":
        """Another text of the same length in the same places."""
        return replace(self, text=text)

    def turn(self) -> "View":
        return replace(self, turned=True)


@dataclass(frozen=True)
class Reading:
    """Every way to read a text, the plain one first, and what of it cannot be read yet.

    `own` are those of the text itself, `parts` what is encoded in it. `unread` are encoded parts past a limit. From
    `open_from` to its end the text may be encoded and still go on.
    """

    own: tuple[View, ...]
    parts: tuple[Part, ...]
    unread: tuple[tuple[int, int], ...]
    open_from: int | None

    @cached_property
    def views(self) -> tuple[View, ...]:
        return (*self.own, *(view for part in self.parts for view in views_of(part)))


@dataclass(frozen=True, slots=True)
class Spaced:
    """A run of single letters with gaps between: where the gaps that join them are, and where the letters."""

    start: int
    gaps: tuple[tuple[int, int], ...]
    letters: tuple[int, ...]

    @classmethod
    def all_in(cls, lowered: str) -> tuple["Spaced", ...]:
        return tuple(cls._of(lowered, *run.span()) for run in _SPACED.finditer(lowered))

    @classmethod
    def _of(cls, text: str, start: int, end: int) -> "Spaced":
        # Wider gaps between words than between letters keep the words apart.
        gaps = tuple(gap.span() for gap in _SIGNS.finditer(text, start, end) if "  " not in gap[0])
        return cls(start, gaps, tuple(letter.start() for letter in _LETTER.finditer(text, start, end)))


@dataclass(frozen=True, slots=True)
class Shape:
    """What a text may hide, told by signs that are the same from either end and by the alphabet turned half round.

    So each is looked for once, and not in every way to read the text: most have none of it. Where letters are spaced is
    another matter from the other end.
    """

    encoded: tuple[re.Pattern[str], ...]
    apart: bool
    spaced: bool
    drawn_out: bool
    runs: tuple[Spaced, ...]

    @classmethod
    def of(cls, clean: View) -> "Shape":
        low = lowered(clean.text)
        spaced = _ALONE.search(clean.text) is not None
        return cls(
            tuple(plain for plain, sign in _PLAIN_SIGNS if sign.search(clean.text)),
            _APART.search(clean.text) is not None,
            spaced,
            _DRAWN_OUT.search(low) is not None,
            Spaced.all_in(low) if spaced else (),
        )

    def of_backwards(self, text: str) -> "Shape":
        return replace(self, runs=Spaced.all_in(lowered(text))) if self.spaced else self


# The filters of one gate read the same text one after the other.
@lru_cache(maxsize=2)
def read(text: str) -> Reading:
    wholes = _wholes(text)
    first = [_hidden(part, part.start, part.end) for part in hidden_in_selectors(text)]
    seen = looks(text)
    for raw in seen.unescaped:
        hidden = hidden_in_selectors(raw.text)
        first += [_hidden(part, *raw.span(part.start, part.end)) for part in hidden]
    begun = [] if seen.open_from is None else [seen.open_from]
    for whole, shape in wholes:
        # Escapes that were turned with their text: what they say may take up more of it than a stream holds back.
        if whole.turned and len(whole.text) != len(text) and not (whole.mixed or whole.closed):
            begun += [place for place in (held(whole, text, whole.backwards),) if place is not None]
        sources = [(whole, shape.encoded), *((view, PLAIN) for view in _together(whole, shape))]
        for source, plain in sources:
            blobs = blobs_of(source.text, plain)
            first += [Stretch(*source.span(*blob.span()), partial(said_by, blob)) for blob in blobs]
            # What is shown in another order than written is open with its line.
            if not (source.mixed or source.closed):
                begun += [source.span(*blob.span())[0] for blob in open_blobs(blobs, source.backwards)]
    parts, unread = layers_below(first)
    own = tuple(view for whole in wholes for view in _disguises(*whole))
    return Reading(own, tuple(parts), unread, min(begun, default=None))


def views_of(part: Part) -> Iterator[View]:
    """Every way to read what an encoded part says."""
    return (_standing_for(part, view) for view in undisguised(part.said))


def undisguised(text: str) -> Iterator[View]:
    """Every way to read a text itself, whatever is encoded in it."""
    return (view for whole in _wholes(text) for view in _disguises(*whole))


def _hidden(part: Part, start: int, end: int) -> Stretch:
    return Stretch(start, end, lambda: (part.said,))


def collapse(text: str) -> str:
    """Every letter once, as in a collapsed view."""
    return _REPEATED.sub(r"\1", text)


def normalise(text: str) -> View:
    """Case, width, accents, look-alikes and invisible characters undone; blanks become single spaces as they stand."""
    return _lowered(_clean(text))


def _clean(text: str) -> View:
    return View.of(clean(text))


def _lowered(clean: View) -> View:
    return clean.saying(lowered(clean.text))


def _wholes(text: str) -> list[tuple[View, Shape]]:
    """The text as it may be looked at: as it stands, by the alphabet turned half round (rot13), and all of these backwards."""
    first, *others = (View.of(look) for look in looks(text).each)
    found = _turns(first, text)
    # Escapes of a text that was turned with them.
    found += [
        (view.turn(), Shape.of(view)) for whole, _ in found if whole.turned and (view := _unescaped(whole))
    ]
    return [*found, *(whole for other in others for whole in _turns(other, other.text))]


def _unescaped(view: View) -> View | None:
    look = unescape(view)
    return None if look is None else View.of(look)


def _turns(clean: View, original: str) -> list[tuple[View, Shape]]:
    shape = Shape.of(clean)
    wholes = [(clean, shape)]
    if _LATIN.search(clean.text):
        rotated = _rotated(clean)
        wholes.append((rotated, shape))
        # Letters that wore a costume when the others were turned were not turned with them.
        if _latin_letters(original) < _latin_letters(clean.text):
            other = _clean(_rot13(original)).turn()
            wholes.append((other, Shape.of(other)))
    there = shape.of_backwards(clean.text[::-1])
    backwards = [
        (
            replace(
                whole, text=whole.text[::-1], starts=whole.starts[::-1], ends=whole.ends[::-1], turned=True
            ),
            there if of_whole is shape else of_whole.of_backwards(whole.text[::-1]),
        )
        for whole, of_whole in wholes
    ]
    # Digits that were put for turned letters have to be undone before those are turned back.
    undone = [_rotated(view) for view in _unleeted(_lowered(clean).turn())]
    return [*wholes, *backwards, *((view, Shape.of(view)) for view in undone)]


def _rotated(view: View) -> View:
    return view.saying(_rot13(view.text)).turn()


def _latin_letters(text: str) -> int:
    return len(text.encode(errors="surrogatepass").translate(None, _NO_LATIN))


def _rot13(text: str) -> str:
    # In UTF-8 no other character has a byte of a Latin letter.
    return text.encode(errors="surrogatepass").translate(_HALF_ROUND).decode(errors="surrogatepass")


def _together(clean: View, shape: Shape) -> Iterator[View]:
    """What stands apart, sign by sign, pulled together: encoded text survives that."""
    if not shape.apart:
        return
    gaps = [
        gap.span() for run in _APART.finditer(clean.text) for gap in _GAP.finditer(clean.text, *run.span())
    ]
    if gaps:
        yield _without(clean, gaps)


def _standing_for(part: Part, inner: View) -> View:
    """A view of what an encoded part says: each character stands for the whole part. One that may go on is open."""
    length = len(inner.text)
    return replace(inner, starts=(part.start,) * length, ends=(part.end,) * length, mixed=False, closed=True)


def _disguises(clean: View, shape: Shape) -> Iterator[View]:
    low = _lowered(clean)
    yield low
    if not low.turned:
        if _TALL.search(clean.text):
            tall = _TALL.sub(lambda run: "l" * len(run[0]), clean.text)
            yield clean.saying(lowered(tall))
        yield from (View.of(within(low, look)) for look in spelled_out(low.text))
    joined = _join_spaced(low, shape.runs)
    runs = list(_spaced_runs(low, shape.runs))
    yield from joined
    yield from runs
    for base in (*(joined or [low]), *runs):
        for view in (base, *_unleeted(base)):
            if view is not base:
                yield view
            if view is not low or shape.drawn_out:
                yield from _collapsed(view)


def _join_spaced(low: View, spaced: Sequence[Spaced]) -> list[View]:
    """The view with spaced letters pulled together; none when it has no such letters.

    "make a b o m b" may be meant as "make abomb" or "make a bomb": both are given.
    """
    together: list[tuple[int, int]] = []
    article: list[tuple[int, int]] = []
    for run in spaced:
        is_article = low.text[run.start] in "ai" and run.gaps[:1] and run.gaps[0][0] == run.start + 1
        together += run.gaps
        article += run.gaps[1:] if is_article else run.gaps
    return [
        _without(low, dropped)
        for dropped in ([together] if together == article else [together, article])
        if dropped
    ]


def _spaced_runs(low: View, spaced: Sequence[Spaced]) -> Iterator[View]:
    """Each run of spaced letters by itself, all gaps gone: for whole sentences with a gap after every letter."""
    for run in spaced:
        if len(run.letters) >= SHORTEST_RUN:
            text = "".join([low.text[place] for place in run.letters])
            starts = [low.starts[place] for place in run.letters]
            ends = [low.ends[place] for place in run.letters]
            yield replace(low, text=text, starts=starts, ends=ends, run=True)


def _without(view: View, dropped: Iterable[tuple[int, int]]) -> View:
    """The view less some parts of it. Of text that stands apart every second character goes: no slice for each."""
    kept = bytearray(b"\1") * len(view.text)
    for first, last in dropped:
        kept[first:last] = bytes(last - first)
    text = "".join(compress(view.text, kept))
    return replace(view, text=text, starts=[*compress(view.starts, kept)], ends=[*compress(view.ends, kept)])


def _unleeted(view: View) -> Iterator[View]:
    """Digits and signs beside letters read as the letters that they imitate; in plain text a 1 may be two of them."""
    for near in _near(view, _HAS_LEET):
        for one in "il" if "1" in near.text and not near.turned else "i":
            meant = near.text.translate(_LEET | {ord("1"): one})
            yield near.saying(_STROKE.sub(lambda stroke: _STROKES[stroke[0]], meant))


def _collapsed(view: View) -> Iterator[View]:
    """When letters are drawn out ("boooomb"), every letter once: which were meant twice nobody can tell."""
    for near in _near(view, _DRAWN_OUT):
        repeated = [(run.start() + 1, run.end()) for run in _REPEATED.finditer(near.text)]
        yield replace(_without(near, repeated), collapsed=True)


def _near(view: View, sign: re.Pattern[str]) -> Iterator[View]:
    """What stands near the signs in a view: those with fewer than `NEAR` letters between are in one part of it."""
    text = view.text
    groups: list[tuple[int, int]] = []
    begin = end = -1
    for found in sign.finditer(text):
        here, after = found.span()
        # Most stand so near that letters need not be counted.
        if begin >= 0 and (here - end < NEAR or sum(map(str.isalnum, text[end:here])) < NEAR):
            end = after
        else:
            if begin >= 0:
                groups.append((begin, end))
            begin, end = here, after
    if begin >= 0:
        groups.append((begin, end))
    for first, last in groups:
        start, end = back(text, first, NEAR), ahead(text, last, NEAR)
        if not view.run:  # no half of a word: it may be another
            start, end = next_border(text, start, first), last_border(text, last, end)
        closed = view.closed or (start > 0 if view.backwards else end < len(text))
        yield replace(
            view,
            text=text[start:end],
            starts=view.starts[start:end],
            ends=view.ends[start:end],
            closed=closed,
        )
