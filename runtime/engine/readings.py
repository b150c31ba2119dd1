"""Readings: the ways in which a filter is shown a value, and where in the value each of its matches lies.

Whoever is given a list sees its items together. So its texts are read one by one and joined, and what could not pass
as one text does not pass in pieces. A structure is read as it is written, and its strings joined alike.
"""

import json
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import cast

from runtime.errors import UserError
from runtime.ports import Kind, PortType
from runtime.safety.filters import Match
from runtime.values import Data, Json
from runtime.words import Words

# With so many texts of a few words each, all their readings take less than three seconds of a core; with more, others would wait.
MOST_TEXTS = 3_000
# With a line's end between them, words stay words; with nothing, letters and the parts of a key or number meet. What
# stands before and after such parts would be taken for more of them, so a few at a time meet as well.
LINES = "lines"
NOTHING = "nothing"
GROUPS = {"pairs": 2, "threes": 3}
_BREAK = "\n"

Text = tuple[str, int | None, bool]  # with its item, and whether it is that


@dataclass(frozen=True, slots=True)
class Part:
    """A text of the value inside of a reading: where it begins there, how long it is, and in which item it stands.

    `own`: it is the item, or the value itself, so that a part of it can be taken out; else it is in a structure.
    """

    start: int
    length: int
    item: int | None = None
    own: bool = True


@dataclass(frozen=True, slots=True)
class Place:
    """Where a match lies: a span of an item, or without one the whole of it; `length` is that of the item's text."""

    item: int | None
    start: int | None = None
    end: int | None = None
    own: bool = False
    length: int = 0


@dataclass(frozen=True, slots=True)
class Reading:
    """What a filter is shown. `joined`: of several texts, and how; None for one item, or the only one."""

    data: Data
    item: int | None = None
    parts: tuple[Part, ...] = ()
    joined: str | None = None
    keys: bool = True

    def places(self, match: Match) -> Iterator[Place]:
        """Everything of the value that the match touches. A match of nothing but what joins is of the whole value."""
        if not self.parts:
            yield Place(self.item, match.start, match.end)
        elif match.start is None or match.end is None:
            yield from map(_whole, self.parts)
        else:
            yield from self._touched(match.start, match.end)

    def _touched(self, start: int, end: int) -> Iterator[Place]:
        touched = False
        at = max(bisect_right(self.parts, start, key=lambda part: part.start) - 1, 0)
        while at < len(self.parts) and (part := self.parts[at]).start < end:
            left, right = max(start - part.start, 0), min(end - part.start, part.length)
            if left < right:
                touched = True
                yield Place(part.item, left, right, True, part.length) if part.own else _whole(part)
            at += 1
        if not touched:
            yield Place(None)


def _whole(part: Part) -> Place:
    return Place(part.item, own=True, length=part.length) if part.own else Place(part.item)


def readings(port_type: PortType, data: Data) -> list[Reading]:
    """Every way in which the value is read: each item by itself, then its texts together.

    Raises UserError `too_many_texts`, so that nothing passes, for more than are read.
    """
    joined = port_type.kind in (Kind.TEXT, Kind.JSON)
    if joined and next(islice(strings(data, True), MOST_TEXTS, None), None) is not None:
        raise too_many()
    items: list[tuple[int | None, Data]]
    items = list(enumerate(cast(list[Json], data))) if port_type.many else [(None, data)]
    alone = [_alone(port_type.kind, number, item) for number, item in items]
    return [*alone, *_together(items)] if joined else alone


def too_many() -> UserError:
    return UserError(
        "too_many_texts",
        Words(
            "This has more than {most} texts, too many for the safety filters to read together.",
            "此处的文本超过 {most} 段，安全过滤器无法将其合在一起检查。",
        ).fill(most=f"{MOST_TEXTS:,}"),
        Words(
            "Nothing was let through. Join them into one text first, or give them on in smaller lists.",
            "内容未被放行。请先将其合并为一段文本，或拆成较短的列表分别传递。",
        ),
    )


def _alone(kind: Kind, number: int | None, item: Data) -> Reading:
    if isinstance(item, str):
        return Reading(item, number, (Part(0, len(item), number),))
    return Reading(json.dumps(item, ensure_ascii=False) if kind is Kind.JSON else item, number)


def _together(items: Sequence[tuple[int | None, Data]]) -> Iterator[Reading]:
    """The texts joined, in every way that differs from the others and from the only text there is."""
    structured = any(not isinstance(item, str) for _, item in items)
    known: set[str] = set()
    for keys in (True, False) if structured else (True,):
        texts = [
            (text, number, isinstance(item, str)) for number, item in items for text in strings(item, keys)
        ]
        if not texts or (len(texts) == 1 and not structured):
            return
        # Values stand in a column, and mostly without their keys; a key and its value meet in the whole.
        ways = [way for way in _ways(texts) if not keys or not structured or way[0] not in GROUPS]
        for name, breaks in ways:
            reading = _joined(texts, name, breaks, keys)
            if reading.data not in known:
                known.add(cast(str, reading.data))
                yield reading


def _ways(texts: Sequence[Text]) -> Iterator[tuple[str, Callable[[int], bool]]]:
    """How the texts are joined: by a name, and whether there is a break after the text with a number."""
    yield LINES, lambda number: True
    yield NOTHING, lambda number: False
    # Columns of numbers are ordinary, and two of them often look like a telephone or a card.
    numeric = [not any(char.isalpha() for char in text) for text, _, _ in texts]
    for name, size in GROUPS.items():
        for phase in range(size if len(texts) > size else 0):

            def breaks(number: int, size: int = size, phase: int = phase) -> bool:
                return number % size == phase or (numeric[number] and numeric[number + 1])

            yield name, breaks


def _joined(texts: Sequence[Text], name: str, breaks: Callable[[int], bool], keys: bool) -> Reading:
    parts: list[Part] = []
    pieces: list[str] = []
    place = 0
    for count, (text, number, own) in enumerate(texts):
        parts.append(Part(place, len(text), number, own))
        joint = _BREAK if count + 1 < len(texts) and breaks(count) else ""
        pieces += (text, joint)
        place += len(text) + len(joint)
    return Reading("".join(pieces), None, tuple(parts), name, keys)


def strings(data: Data, keys: bool) -> Iterator[str]:
    """The strings inside of the data in the order in which they are read, those of keys as well where they are asked for."""
    waiting = [data]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            inside = [part for pair in item.items() for part in (pair if keys else pair[1:])]
            waiting += reversed(inside)
        elif isinstance(item, list):
            waiting += reversed(item)
