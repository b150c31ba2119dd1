"""Directed: the parts of a text in which controls of direction move something, as far as they are taken to reach.

A line may be shown in any order, so that what comes last in it stands before its beginning. But its beginning may have
been let out before the first control came. So nothing is moved that stands further before a control than a stream
holds back, as if the line had been broken there, and nothing is joined to what stands further behind the line. Until more
than that stands there, the whole part is open.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, islice

from runtime.packs.safety.around import last_border, next_border
from runtime.packs.safety.displayed import CONTROLS, lines_of

# In letters. With those of the longest escape that is a control, of which nothing is undone before it ends
# (\u{00000000202e}), fewer than a stream holds back.
REACH = 112
# So many behind the first line of a part are of it, so that in lines of few letters no letter is in many parts.
BEHIND = 2 * REACH


@dataclass(frozen=True, slots=True)
class Directed:
    """A part of a text. `moved` is what of it is shown in an order of its own, line by line; the rest as it is written.

    One that is `settled` stays as it is when the text goes on.
    """

    start: int
    end: int
    moved: tuple[tuple[int, int], ...]
    settled: bool


@dataclass(frozen=True, slots=True)
class _Line:
    start: int
    control: int
    end: int


def directed_in(text: str) -> Iterator[Directed]:
    """They overlap, so that behind each line all that stands within reach is in one of them, in the order it is shown in."""
    if CONTROLS.search(text) is None:
        return
    found = ((start, CONTROLS.search(text, start, end), end) for start, end in lines_of(text))
    lines = [_Line(start, control.start(), end) for start, control, end in found if control]
    letters = [0, *accumulate(map(str.isalnum, text))]
    at = 0
    while at < len(lines):
        part = _part(text, lines, at, letters)
        yield part
        if not part.settled:
            return
        at += 1
        while at < len(lines) and letters[part.end] - letters[min(lines[at].end, part.end)] >= REACH:
            at += 1


def _part(text: str, lines: Sequence[_Line], at: int, letters: Sequence[int]) -> Directed:
    first = lines[at]
    start = next_border(text, _back(letters, first.control), first.control)
    end = min(bisect_left(letters, letters[first.end] + BEHIND, first.end), len(text))
    moved = [(max(first.start, start), first.end)]
    for line in islice(lines, at + 1, None):
        # What was settled when the control came stays as it is.
        if line.control > end:
            break
        begin = next_border(text, max(line.start, _back(letters, line.control)), line.control)
        moved.append((begin, line.end))
    last = moved[-1][1]
    settled = max(end, last) < len(text)
    return Directed(start, max(last, last_border(text, min(last, end), end)), tuple(moved), settled)


def _back(letters: Sequence[int], place: int) -> int:
    """So many letters before a place as are moved, at most."""
    return max(bisect_right(letters, letters[place] - REACH, 0, place) - 1, 0)
