"""Entries of word lists, and what places where they were found amount to: phrases, and halves of pairs that meet."""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

PHRASE_SCORE = 1.0
PAIR_SCORE = 0.9


@dataclass(frozen=True, slots=True)
class Pair:
    """An intent near an object: at most `within` words (Chinese: characters) may stand between them."""

    number: int
    category: str
    within: int
    either_order: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """What a found text means: a phrase of a category, one half (0 or 1) of a pair; without a category, nothing bad."""

    category: str | None
    pair: Pair | None = None
    half: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry at [start, end) of the searched text; `first` and `last` count words (Chinese: characters)."""

    entry: Entry
    start: int
    end: int
    first: int
    last: int


def unmasked(hits: Sequence[Hit]) -> list[Hit]:
    """The hits that do not lie inside a harmless phrase."""
    harmless = sorted((hit.start, hit.end) for hit in hits if hit.entry.category is None)
    starts = [start for start, _ in harmless]
    # How far the harmless phrases that begin up to each start reach.
    reached = list(accumulate((end for _, end in harmless), max))

    def is_masked(hit: Hit) -> bool:
        begun = bisect_right(starts, hit.start)
        return bool(begun) and hit.end <= reached[begun - 1]

    return [hit for hit in hits if hit.entry.category and not is_masked(hit)]


def judge(hits: Sequence[Hit], reach: int | None = None) -> Iterator[tuple[str, float, int, int]]:
    """Phrases as they are; halves of a pair where they stand near each other. `reach` overrides every `within`."""
    halves: dict[Pair, tuple[list[Hit], list[Hit]]] = {}
    for hit in hits:
        assert hit.entry.category is not None
        if hit.entry.pair is None:
            yield hit.entry.category, PHRASE_SCORE, hit.start, hit.end
        else:
            halves.setdefault(hit.entry.pair, ([], []))[hit.entry.half].append(hit)
    for pair, (firsts, seconds) in halves.items():
        within = pair.within if reach is None else reach
        for start, end in _meetings(firsts, seconds, within):
            yield pair.category, PAIR_SCORE, start, end
        if pair.either_order:
            for start, end in _meetings(seconds, firsts, within):
                yield pair.category, PAIR_SCORE, start, end


def waiting(
    hits: Sequence[Hit], backwards: bool, size: int, reach: int, within: int | None = None
) -> Iterator[Hit]:
    """Halves of pairs whose other halves may yet come, in a text of `size` words (Chinese: characters) that goes on.

    `reach` is how long another half may be, in what is counted. A text that is read backwards goes on at its beginning.
    """
    for hit in hits:
        pair = hit.entry.pair
        if pair is not None and (pair.either_order or hit.entry.half == int(backwards)):
            between = hit.first if backwards else size - 1 - hit.last
            if between <= (pair.within if within is None else within) + reach:
                yield hit


def _meetings(befores: Sequence[Hit], afters: Sequence[Hit], within: int) -> Iterator[tuple[int, int]]:
    """From where to where one of `befores` is followed by one of `afters` with at most `within` between."""
    ordered = sorted(afters, key=lambda hit: hit.first)
    firsts = [hit.first for hit in ordered]
    for before in befores:
        near = slice(bisect_left(firsts, before.last + 1), bisect_right(firsts, before.last + 1 + within))
        for after in ordered[near]:
            yield before.start, after.end
