"""Homophones: Chinese with each character put for another of the same sound, as somebody writes who only heard it."""

import random
from functools import cache


@cache
def _alike() -> dict[str, list[str]]:
    """The common characters (the first level of GB 2312), by their sound."""
    from pypinyin import lazy_pinyin

    found: dict[str, list[str]] = {}
    for high in range(0xB0, 0xD8):
        for low in range(0xA1, 0xFF):
            try:
                char = bytes((high, low)).decode("gb2312")
            except UnicodeDecodeError:
                continue
            # A character that sounds otherwise in most words would be no homophone to a reader.
            found.setdefault(lazy_pinyin(char)[0], []).append(char)
    return found


def written_by_ear(text: str) -> str:
    """Always alike for the same text."""
    from pypinyin import lazy_pinyin

    chance = random.Random(text)
    written = []
    for char, sound in zip(text, lazy_pinyin(text, errors=list), strict=True):
        others = [other for other in _alike().get(sound, ()) if other != char]
        written.append(chance.choice(others) if others else char)
    return "".join(written)
