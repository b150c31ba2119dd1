"""Pinyin beside characters: "zha弹" and "怎么zhi作zhadan" spelled out, so that entries are found as they are in pinyin."""

import re
from collections.abc import Iterator

from runtime.packs.safety.looks import Look, near

# Characters so far from a syllable may be of one entry with it. More of them would only sound alike by chance.
REACH = 6
_INITIAL = r"(?:[zcs]h|[bpmfdtnlgkhjqxrzcsyw])"
_FINAL = (
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|in|un|vn|ia|ie|iu|ui|uo|ua|ue|ve|er"
    r"|a|o|e|i|u|v)"
)
_SYLLABLES = rf"(?<![a-z])(?:{_INITIAL}{_FINAL}[1-5]?){{1,6}}(?![a-z])"
_HAN = r"[\u4e00-\u9fff]"
_MIXED = re.compile(rf"(?:(?<={_HAN})|(?<={_HAN} )){_SYLLABLES}|{_SYLLABLES}(?= ?{_HAN})")
_PIECE = re.compile(rf"{_HAN}+|[a-z]+")
# A character alone may be read in more ways than one, the first of which is the commonest.
READINGS = 3
# The character comes first, for a search finds the next of a class sooner than the next that fits a sequence.
_BESIDE = re.compile(rf"{_HAN}(?: ?[a-z]|(?<=[a-z].)|(?<=[a-z][1-5 ].)|(?<=[a-z][1-5] .))")


def spelled_out(text: str) -> Iterator[Look]:
    """What stands around syllables of pinyin beside Chinese characters, all of it in pinyin, places in `text`."""
    if text.isascii() or _BESIDE.search(text) is None:
        return
    for start, end in near(_MIXED, text, REACH):
        found = (_spelled(text, start, end, reading) for reading in range(READINGS))
        yield from {look.text: look for look in found}.values()


def _spelled(text: str, start: int, end: int, reading: int) -> Look:
    said: list[str] = []
    starts: list[int] = []
    for piece in _PIECE.finditer(text, start, end):
        is_latin = piece[0].isascii()
        spelled = [*piece[0]] if is_latin else _readings(piece[0], reading)
        # Each syllable is a word, and so is what was typed in one go.
        for place, letters in enumerate(spelled, piece.start()):
            word = letters if is_latin else f" {letters}"
            said.append(word)
            starts += [place] * len(word)
        said.append(" ")
        starts.append(piece.end() - 1)
    return Look("".join(said), starts, [place + 1 for place in starts])


def _readings(characters: str, reading: int) -> list[str]:
    """A syllable for each character: as all of them together are read, or another way of each that has one."""
    from pypinyin import Style, lazy_pinyin, pinyin

    if not reading:
        return lazy_pinyin(characters)
    each = (pinyin(char, style=Style.NORMAL, heteronym=True)[0] for char in characters)
    return [ways[min(reading, len(ways) - 1)] for ways in each]
