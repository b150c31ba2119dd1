"""Displayed: in which order a line is shown, by Unicode's bidirectional algorithm (UAX 9).

Written for what hides text: overrides, embeddings, isolates and marks, nested and mixed with other scripts. Left out are
brackets (N0) and blanks at an end (L1), which move no letter.
"""

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LINE_ENDS = re.compile("[\n\r\x0b\x0c\x1c-\x1e\x85\u2028\u2029]")
_DEEPEST = 125
_ISOLATES, _EMBEDDINGS = frozenset({"LRI", "RLI", "FSI"}), frozenset({"LRE", "RLE", "LRO", "RLO"})
_NEUTRAL = frozenset({"B", "S", "WS", "ON", "PDI"}) | _ISOLATES
_NUMBERS = frozenset({"EN", "AN"})


@dataclass(slots=True)
class _Line:
    """Levels and classes of a line's places; a place without a level is shown nowhere."""

    kinds: list[str]
    base: int
    levels: list[int | None] = field(default_factory=list)
    opens: set[int] = field(default_factory=set)
    closes: set[int] = field(default_factory=set)


def lines_of(text: str) -> Iterator[tuple[int, int]]:
    start = 0
    for end in _LINE_ENDS.finditer(text):
        yield start, end.end()
        start = end.end()
    if start < len(text):
        yield start, len(text)


def ends_line(text: str) -> bool:
    return _LINE_ENDS.match(text[-1:]) is not None


def kind_of(char: str) -> str:
    return unicodedata.bidirectional(char) or "L"


def order(kinds: Sequence[str], base: int) -> list[int]:
    """The places of one line from left to right. `base`: 0 where lines begin at the left, 1 at the right."""
    line = _Line(list(kinds), base)
    _embed(line)
    shown = [place for place, level in enumerate(line.levels) if level is not None]
    for sequence in _sequences(line, shown):
        _resolve(line, sequence, shown)
    return _reordered(line, shown)


def _embed(line: _Line) -> None:
    """Levels by what is written to change them (X1 to X8). Beyond the deepest level it changes nothing."""
    stack: list[tuple[int, str | None, bool]] = [(line.base, None, False)]
    lost_isolates = lost_embeddings = 0
    for place, kind in enumerate(line.kinds):
        level, override, isolate = stack[-1]
        if kind == "PDI":
            if lost_isolates:
                lost_isolates -= 1
            elif any(entry[2] for entry in stack):
                lost_embeddings = 0
                while not stack.pop()[2]:
                    pass
                line.closes.add(place)
            level, override, _ = stack[-1]
        elif kind == "PDF":
            if not lost_isolates and lost_embeddings:
                lost_embeddings -= 1
            elif not lost_isolates and not isolate and len(stack) > 1:
                stack.pop()
        shown = kind not in _EMBEDDINGS and kind not in ("PDF", "BN")
        line.levels.append(level if shown else None)
        if kind in _ISOLATES or kind in _EMBEDDINGS:
            deeper = _deeper(level, _direction(line.kinds, place))
            if deeper > _DEEPEST or lost_isolates or lost_embeddings:
                lost_isolates += kind in _ISOLATES
                lost_embeddings += kind in _EMBEDDINGS and not lost_isolates
            else:
                stack.append((deeper, kind[0] if kind[2] == "O" else None, kind in _ISOLATES))
                if kind in _ISOLATES:
                    line.opens.add(place)
        if override and shown:
            line.kinds[place] = override


def _direction(kinds: Sequence[str], place: int) -> str:
    """L or R: what an embedding or isolate says, or the first letter in it."""
    if kinds[place] != "FSI":
        return kinds[place][0]
    inner = 0
    for kind in kinds[place + 1 :]:
        if not inner and kind in ("L", "R", "AL"):
            return "L" if kind == "L" else "R"
        if kind == "PDI" and not inner:
            break
        inner += (kind in _ISOLATES) - (kind == "PDI")
    return "L"


def _deeper(level: int, direction: str) -> int:
    return (level + 2) & ~1 if direction == "L" else (level + 1) | 1


def _sequences(line: _Line, shown: Sequence[int]) -> Iterator[list[int]]:
    """Runs of one level, put together across the isolates between them (X10)."""
    found: list[list[int]] = []
    waiting: list[list[int]] = []
    current: list[int] | None = None
    for place in shown:
        if place in line.closes:
            current = waiting.pop()
        elif current is None or line.levels[current[-1]] != line.levels[place]:
            current = []
            found.append(current)
        current.append(place)
        if place in line.opens:
            waiting.append(current)
            current = None
    return iter(found)


def _resolve(line: _Line, sequence: Sequence[int], shown: Sequence[int]) -> None:
    """Levels of one sequence by the classes of its characters (W1 to W7, N1, N2, I1, I2)."""
    level = line.levels[sequence[0]] or 0
    begins, ends = _outer(line, sequence, shown)
    kinds = _weak([line.kinds[place] for place in sequence], begins)
    own = "R" if level % 2 else "L"
    at = 0
    while at < len(kinds):
        if kinds[at] not in _NEUTRAL:
            at += 1
            continue
        end = at
        while end < len(kinds) and kinds[end] in _NEUTRAL:
            end += 1
        before = _strong(kinds[at - 1]) if at else begins
        after = _strong(kinds[end]) if end < len(kinds) else ends
        kinds[at:end] = [before if before == after else own] * (end - at)
        at = end
    for place, kind in zip(sequence, kinds, strict=True):
        if level % 2:
            line.levels[place] = level + (kind != "R")
        else:
            line.levels[place] = level + {"L": 0, "R": 1}.get(kind, 2)


def _outer(line: _Line, sequence: Sequence[int], shown: Sequence[int]) -> tuple[str, str]:
    """The directions on both sides of a sequence: of the higher of the levels that meet there."""
    level = line.levels[sequence[0]] or 0
    first, last = bisect_left(shown, sequence[0]), bisect_left(shown, sequence[-1])
    before = line.levels[shown[first - 1]] if first else line.base
    alone = sequence[-1] in line.opens or last + 1 == len(shown)
    after = line.base if alone else line.levels[shown[last + 1]]
    return ("R" if max(level, before or 0) % 2 else "L", "R" if max(level, after or 0) % 2 else "L")


def _weak(kinds: list[str], begins: str) -> list[str]:
    """Numbers and what stands beside them (W1 to W7)."""
    previous = strong = begins
    for at, kind in enumerate(kinds):
        if kind == "NSM":
            kind = "ON" if previous == "PDI" or previous in _ISOLATES else previous
        if kind in ("L", "R", "AL"):
            strong = kind
        elif kind == "EN" and strong == "AL":
            kind = "AN"
        kinds[at] = previous = kind
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    for at in range(1, len(kinds) - 1):
        before, kind, after = kinds[at - 1 : at + 2]
        if before == after and before in _NUMBERS and (kind == "CS" or (kind == "ES" and before == "EN")):
            kinds[at] = before
    kinds = _beside_numbers(_beside_numbers(kinds)[::-1])[::-1]
    strong = begins
    for at, kind in enumerate(kinds):
        if kind in ("ES", "ET", "CS"):
            kinds[at] = "ON"
        elif kind in ("L", "R"):
            strong = kind
        elif kind == "EN" and strong == "L":
            kinds[at] = "L"
    return kinds


def _beside_numbers(kinds: list[str]) -> list[str]:
    """What ends a number, such as a percent sign, counts as part of it."""
    for at in range(1, len(kinds)):
        if kinds[at] == "ET" and kinds[at - 1] == "EN":
            kinds[at] = "EN"
    return kinds


def _strong(kind: str) -> str:
    return "R" if kind in _NUMBERS else kind


def _reordered(line: _Line, shown: Sequence[int]) -> list[int]:
    """From the deepest level outwards, each run is turned (L2)."""
    levels = [line.levels[place] or 0 for place in shown]
    places = list(shown)
    for level in range(max(levels, default=0), 0, -1):
        at = 0
        while at < len(levels):
            end = at
            while end < len(levels) and levels[end] >= level:
                end += 1
            places[at:end] = places[at:end][::-1]
            levels[at:end] = levels[at:end][::-1]
            at = end + 1
    return places
