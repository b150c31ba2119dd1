"""The texts inside a value: itself when it is one, else every text that its list or structure holds."""

from collections.abc import Callable, Iterable, Iterator

from runtime.safety.filters import Match
from runtime.values import Data


def check_texts(data: Data, check: Callable[[str], Iterable[Match]]) -> list[Match]:
    """The matches of `check` over all texts of `data`; only in a plain text do offsets mean something."""
    if isinstance(data, str):
        return list(check(data))
    return [Match(match.category, match.score) for text in _inside(data) for match in check(text)]


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
