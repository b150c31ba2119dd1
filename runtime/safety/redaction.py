"""Redaction: takes marked places out of a text. The one way to do it, for filters and for people alike."""

from collections.abc import Iterable, Iterator
from typing import TypeAlias

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
