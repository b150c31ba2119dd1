"""Redaction: takes marked places out of a text. The one way to do it, for filters and for people alike."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Self, TypeAlias

# Stands for what was taken out: the same in every language, and nothing of its length shows.
MARK = "■■■"

Span: TypeAlias = tuple[int, int]


def take_out(text: str, spans: Iterable[Span]) -> str:
    """The text with every span (code points, end excluded) replaced by the mark."""
    pieces: list[str] = []
    position = 0
    for start, end in merged(spans):
        pieces += [text[position:start], MARK]
        position = end
    return "".join([*pieces, text[position:]])


def merged(spans: Iterable[Span]) -> Iterator[Span]:
    """The spans in order, those that overlap or touch joined into one."""
    start, end = -1, -1
    for left, right in sorted(spans):
        if left > end:
            if end > start:
                yield start, end
            start = left
        end = max(end, right)
    if end > start:
        yield start, end


@dataclass(frozen=True, slots=True)
class Taken:
    """A text with spans taken out, and where each place of it has come to lie. `shifts`: by how much what follows
    the first n spans has moved.
    """

    text: str
    spans: tuple[Span, ...]
    shifts: tuple[int, ...]

    @classmethod
    def out_of(cls, text: str, spans: Iterable[Span]) -> Self:
        inside = tuple(merged(spans))
        shifts = accumulate((len(MARK) - (end - start) for start, end in inside), initial=0)
        return cls(take_out(text, inside), inside, tuple(shifts))

    def begin(self, place: int) -> int:
        """Where what begins at the place begins now: with the mark, when it began inside of a span."""
        passed = self._passed(place)
        return (self.spans[passed][0] if self._cuts(place, passed) else place) + self.shifts[passed]

    def end(self, place: int) -> int:
        """Where what ends at the place ends now: with the mark, when it ended inside of a span."""
        passed = self._passed(place)
        if self._cuts(place, passed):
            return self.spans[passed][0] + len(MARK) + self.shifts[passed]
        return place + self.shifts[passed]

    def _passed(self, place: int) -> int:
        """How many spans have ended there."""
        return bisect_right(self.spans, place, key=lambda span: span[1])

    def _cuts(self, place: int, passed: int) -> bool:
        return passed < len(self.spans) and self.spans[passed][0] < place
