"""The texts inside a value: itself when it is one, else every text that its list or structure holds."""

from collections.abc import Callable, Iterable, Iterator

from runtime.packs.safety import categories
from runtime.packs.safety.views import Reading
from runtime.safety.filters import Match
from runtime.values import Data


def check_texts(data: Data, check: Callable[[str], Iterable[Match]]) -> list[Match]:
    """The matches of `check` over all texts of `data`; only in a plain text do offsets mean something."""
    if isinstance(data, str):
        return list(check(data))
    matches = (match for text in _inside(data) for match in check(text) if not match.open)
    return [Match(match.category, match.score) for match in matches]


def past_reading(text: str, reading: Reading, begun: Iterable[int] = ()) -> Iterator[Match]:
    """Encoded parts that nobody could read stop a text as if they held the worst; one that may go on is open.

    So is what else has begun, at these places.
    """
    for start, end in reading.unread:
        yield Match(categories.ENCODED.id, 1.0, start, end)
    places = [*begun, *([] if reading.open_from is None else [reading.open_from])]
    if places:
        yield Match(categories.ENCODED.id, 1.0, min(places), len(text), open=True)


def joined(matches: Iterable[Match]) -> Iterator[Match]:
    """Matches of one kind that overlap as one: the same seen in several ways to read a text. Of the same place, the surest."""
    kinds: dict[tuple[str, float], list[tuple[int, int]]] = {}
    for match in matches:
        if match.open:
            yield match
        elif match.start is not None and match.end is not None:
            kinds.setdefault((match.category, match.score), []).append((match.start, match.end))
    surest: dict[tuple[str, int, int], float] = {}
    for (category, score), spans in sorted(kinds.items(), key=lambda kind: kind[0][1]):
        surest |= {(category, start, end): score for start, end in _merged(spans)}
    for (category, start, end), score in surest.items():
        yield Match(category, score, start, end)


def _merged(spans: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    spans.sort()
    start, end = spans[0]
    for first, last in spans[1:]:
        if first >= end:
            yield start, end
            start, end = first, last
        else:
            end = max(end, last)
    yield start, end


def _inside(data: Data) -> Iterator[str]:
    waiting = [data]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            yield item
        elif isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
