"""Looks: what a text says to whoever looks at it, case and line breaks kept; every character knows where it came from.

Mostly that is one text: without costumes and without what is invisible. There are more where it has escapes or markup (as a page
would show it), blanks in disguise or tags (with and without), controls of direction (in the order that is shown) and
letters that stand on their heads.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

from runtime.packs.safety.directed import Directed, directed_in
from runtime.packs.safety.displayed import ends_line, kind_of, order
from runtime.packs.safety.escapes import MAX_ESCAPES, in_long_lines, unescaped
from runtime.packs.safety.letters import HEADS, letterings, on_its_feet, plain
from runtime.packs.safety.markup import without_markup
from runtime.safety.filters import HELD_BACK

_ORDINARY = re.compile(r"[\t\n\r\x0b\x0c -~]*")
_BLANKS = "\t\n\r\x0b\x0c"
_ON_HEAD = re.compile(f"[{HEADS}{HEADS.upper()}]")
# So many characters around a letter on its head may stand on theirs too, b and q among them.
NEAR_A_HEAD = 60


@dataclass(frozen=True, slots=True)
class Look:
    """Text to search. Character i stands for `original[starts[i]:ends[i]]`.

    Places only rise, or only fall where the text runs backwards. In a `mixed` one they do neither: it is in the order
    in which lines are shown. One that is `closed` stays as it is when the text goes on.
    """

    text: str
    starts: Sequence[int]
    ends: Sequence[int]
    mixed: bool = False
    closed: bool = False

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The part of the original that `text[start:end]` stands for; `end` is greater than `start`."""
        if self.mixed:
            return min(self.starts[start:end]), max(self.ends[start:end])
        first, last = self.starts[start], self.starts[end - 1]
        return min(first, last), max(self.ends[start], self.ends[end - 1])


@dataclass(frozen=True, slots=True)
class Looks:
    """Every way to look at a text, the plain one first. From `open_from` to its end more text may change them.

    `unescaped` is the text with its escapes undone or without its markup, and theirs in turn, and nothing else.
    """

    each: tuple[Look, ...]
    unescaped: tuple[Look, ...]
    open_from: int | None


# The filters of one gate look at the same text one after the other.
@lru_cache(maxsize=2)
def looks(text: str) -> Looks:
    each: list[Look] = []
    begun: list[int] = []
    raws = [_as_it_is(text)]
    undone = {text}
    bare: set[str] = set()
    for depth, raw in _levels(raws):
        directed = [*directed_in(raw.text)]
        begun += [raw.span(part.start, part.end)[0] for part in directed if not part.settled]
        found = [within(raw, look) for look in _looks_of(raw.text, directed)]
        each += found
        for source in (raw, *found) if depth < MAX_ESCAPES else ():
            # What is left of markup in a text without it, or comes of an escape there, is shown as it stands.
            is_bare = raw.text in bare
            markup = [] if is_bare else [*without_markup(source.text)]
            escapes = unescaped(source.text)
            bare |= {inner[0] for inner in ([escapes] if is_bare else markup) if inner}
            for inner in filter(None, (escapes, None if is_bare else in_long_lines(source.text), *markup)):
                if inner[0] not in undone:
                    undone.add(inner[0])
                    raws.append(within(source, Look(*inner)))
    if len(each) > 1:
        # What is shown in another order than written is open with its part.
        growing = (look for look in each if not (look.mixed or look.closed))
        begun += [place for look in growing if (place := held(look, text)) is not None]
    return Looks(tuple(each), tuple(raws[1:]), min(begun, default=None))


def _levels(raws: list[Look]) -> Iterator[tuple[int, Look]]:
    """What stands in a list that grows meanwhile, and how often it had grown before that came."""
    done = 0
    for depth in range(MAX_ESCAPES + 1):
        level = raws[done:]
        done = len(raws)
        yield from ((depth, raw) for raw in level)


def within(outer: Look, inner: Look) -> Look:
    """What was found in the text of another look, in places of the original."""
    if outer.starts == range(len(outer.text)):
        return inner
    # In a text that runs backwards the last sign of an escape is the first of the original.
    spans = [
        (outer.starts[first], outer.ends[first]) if end == first + 1 else outer.span(first, end)
        for first, end in zip(inner.starts, inner.ends, strict=True)
    ]
    starts, ends = [start for start, _ in spans], [end for _, end in spans]
    return Look(inner.text, starts, ends, outer.mixed or inner.mixed, outer.closed or inner.closed)


def clean(text: str, letter: Callable[[str], str] = plain) -> Look:
    """The text without costumes, case and line breaks kept: both mean something to what is encoded."""
    if _ORDINARY.fullmatch(text):
        return _as_it_is(text)
    letter_of = {char: letter(char) for char in set(text)}
    letters = [*map(letter_of.__getitem__, text)]
    if all(len(said) == 1 for said in letter_of.values()):
        return Look("".join(letters), range(len(text)), range(1, len(text) + 1))
    starts = [place for place, said in enumerate(letters) for _ in said]
    return Look("".join(letters), starts, [place + 1 for place in starts])


def lowered(text: str) -> str:
    """In small letters, blanks as single spaces where they stand."""
    # Clean text has no capital of which two small letters are made.
    small = text.lower()
    for blank in _BLANKS:
        small = small.replace(blank, " ")
    return small


def unescape(look: Look) -> Look | None:
    """The look with its escapes undone, costumes of what they say included; None where it has none."""
    undone = unescaped(look.text) or in_long_lines(look.text)
    if undone is None:
        return None
    outer = within(look, Look(*undone))
    return within(outer, clean(outer.text))


def _as_it_is(text: str) -> Look:
    return Look(text, range(len(text)), range(1, len(text) + 1))


def _looks_of(text: str, directed: Iterable[Directed]) -> Iterator[Look]:
    seen = clean(text)
    yield seen
    if text.isascii():
        return
    letterings_of = letterings(text)
    yield from (clean(text, letter) for letter in letterings_of[1:])
    for part in directed:
        for letter in letterings_of:
            yield from filter(None, (_shown(text, part, letter, base) for base in (0, 1)))
    yield from _upside_down(text)


def _shown(text: str, part: Directed, letter: Callable[[str], str], base: int) -> Look | None:
    """As lines are shown that begin at the left (0) or at the right (1); None where that is as they are written."""
    letter_of = {char: letter(char) for char in set(text[part.start : part.end])}
    kind = {char: _kind(char, said) for char, said in letter_of.items()}
    places: list[int] = []
    done = part.start
    for start, end in part.moved:
        # What ends a line stays at its end (L1), so that a line reads as it does before it has ended.
        body = end - ends_line(text[start:end])
        places += range(done, start)
        places += (start + place for place in order([kind[char] for char in text[start:body]], base))
        places += range(body, end)
        done = end
    places += range(done, part.end)
    if all(before < after for before, after in pairwise(places)):
        return None
    said = [letter_of[text[place]] for place in places]
    starts = [place for place, meant in zip(places, said, strict=True) for _ in meant]
    return Look("".join(said), starts, [place + 1 for place in starts], mixed=True, closed=part.settled)


def _kind(char: str, said: str) -> str:
    kind = kind_of(char)
    # A tag is shown to nobody; who reads it reads a letter.
    return kind_of(said[0]) if kind == "BN" and said else kind


def _upside_down(text: str) -> Iterator[Look]:
    for start, end in near(_ON_HEAD, text, NEAR_A_HEAD):
        part = text[start:end]
        # No letter on its head that is yet to come would be near enough to be of the same part.
        closed = end < len(text) - NEAR_A_HEAD
        for letter in letterings(part):
            turned = clean(part, on_its_feet(letter))
            starts, ends = ([start + place for place in places] for places in (turned.starts, turned.ends))
            yield Look(turned.text, starts, ends, closed=closed)


def near(sign: re.Pattern[str], text: str, reach: int) -> Iterator[tuple[int, int]]:
    """Parts of a text with so many characters around a sign; what would touch is one part."""
    start = end = None
    for found in sign.finditer(text):
        if start is not None and end is not None and found.start() - reach > end:
            yield start, end
            start = None
        start = max(found.start() - reach, 0) if start is None else start
        end = min(found.end() + reach, len(text))
    if start is not None and end is not None:
        yield start, end


def held(look: Look, text: str, backwards: bool = False) -> int | None:
    """Where the part of a look begins that has as many letters as a stream holds back, when it is more of the text.

    The text goes on at its end, which is the beginning of a look that runs backwards.
    """
    left, count = HELD_BACK, 0
    for char in look.text if backwards else reversed(look.text):
        left -= char.isalnum()
        count += 1
        if not left:
            break
    if not count:
        return None
    start = look.starts[count - 1] if backwards else look.starts[len(look.text) - count]
    return start if sum(map(str.isalnum, text[start:])) > HELD_BACK else None
