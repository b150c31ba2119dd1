"""Around: what stands near a place of a text, counted in letters and digits, as a stream counts what it holds back."""

import re

_BORDER = re.compile(r"[\W_]")


def back(text: str, place: int, letters: int) -> int:
    """So many letters before a place."""
    # As many characters at once as letters are wanted: of text that is nothing but letters one step is enough.
    while place and letters:
        start = max(place - letters, 0)
        letters -= sum(map(str.isalnum, text[start:place]))
        place = start
    return place


def ahead(text: str, place: int, letters: int) -> int:
    """So many letters behind a place."""
    while place < len(text) and letters:
        end = min(place + letters, len(text))
        letters -= sum(map(str.isalnum, text[place:end]))
        place = end
    return place


def next_border(text: str, start: int, first: int) -> int:
    """Where a part that begins at `start` begins without half a word, which may be another; not behind `first`."""
    if not start or not text[start - 1].isalnum():
        return start
    border = _BORDER.search(text, start, first)
    return border.start() if border else start


def last_border(text: str, last: int, end: int) -> int:
    """Where a part that ends at `end` ends without half a word; not before `last`."""
    if end == len(text) or not text[end].isalnum():
        return end
    border = end
    while border > last and text[border - 1].isalnum():
        border -= 1
    return border if border > last else end
