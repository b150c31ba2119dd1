"""Homophones: Chinese read by its sound, so that what was heard right and written down with other characters is found.

A network that hears writes 沙人 for 杀人. The lists and patterns are spelled in syllables without tones, and so is what
was heard; they are compared syllable by syllable, and never across the border of one. Sounds that many speakers do not
keep apart (zh and z, ch and c, sh and s, ng and n at an end) count as one.
"""

import re
import tomllib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from runtime.packs.safety.entries import Entry
from runtime.packs.safety.prompt_attack import CHINESE_PATTERNS
from runtime.packs.safety.taken_apart import Words
from runtime.packs.safety.views import View, normalise
from runtime.packs.safety.word_list import Script, WordList, read_entries
from runtime.safety.filters import Match

# Other words sound alike by chance, so a match by sound is a little less sure than one by its characters.
SCORE = 0.8
# A phrase of two syllables sounds like many another: with 2, "密码必须" is a curse.
SHORTEST = 3

_LISTS = (
    Path(__file__).with_name("lists") / "zh.toml",
    Path(__file__).with_name("lists") / "profanity" / "zh.toml",
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_BEGINS = re.compile(r"^([zcs])h")
_ENDS = re.compile(r"ng$")
# 怎摩 and 甚摩, as networks and old books write 怎么 and 什么.
_MUFFLED = re.compile(r"(?<=\b[sz]en )mo\b")
_PIECE = re.compile(r"[\u4e00-\u9fff]+|[^\W_\u4e00-\u9fff]+")


def find_homophones(text: str) -> Iterator[Match]:
    """What the Chinese lists and patterns find in the sound of a text, without places."""
    if not _HAN.search(text):
        return
    said = syllables(text)
    heard = Words(View(said, range(len(said)), range(1, len(said) + 1)))
    found = {category for words in _lists() for category, *_ in words.search(heard)}
    found |= {category for category, pattern in _patterns() if pattern.search(f"{said} ")}
    yield from (Match(category, SCORE) for category in sorted(found))


def syllables(text: str) -> str:
    """A text as it sounds: syllables without tones and other words in small letters, a blank between."""
    spelled: list[str] = []
    # Signs between are not heard: whoever writes down what was said chooses them.
    for piece in _PIECE.findall(normalise(text).text):
        spelled += spell(piece) if _HAN.match(piece) else [piece]
    return _MUFFLED.sub("me", " ".join(spelled))


def spell(characters: str) -> list[str]:
    """Syllables as they are compared."""
    from pypinyin import lazy_pinyin

    return [merged(syllable) for syllable in lazy_pinyin(characters)]


def merged(syllable: str) -> str:
    return _ENDS.sub("n", _BEGINS.sub(r"\1", syllable))


@cache
def _lists() -> tuple[WordList, ...]:
    data = [tomllib.loads(path.read_text(encoding="utf-8")) for path in _LISTS]
    return tuple(WordList(_by_sound(_long_enough(read_entries(item))), Script.WORDS) for item in data)


def _by_sound(entries: Iterable[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
    return ((" ".join(spell(text)), entry) for text, entry in entries)


def _long_enough(entries: Iterable[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
    for text, entry in entries:
        if entry.pair or entry.category is None or len(_HAN.findall(text)) >= SHORTEST:
            yield text, entry


@cache
def _patterns() -> tuple[tuple[str, re.Pattern[str]], ...]:
    return tuple((category, re.compile(by_sound(pattern.pattern))) for category, pattern in CHINESE_PATTERNS)


_TOKEN = re.compile(r"[\u4e00-\u9fff]+|[a-z][a-z ]*[a-z]|\.(?=[{*+?])")


def by_sound(pattern: str) -> str:
    """A pattern for characters as one for syllables: each is a group, so that what follows it still counts it."""

    def groups(token: re.Match[str]) -> str:
        if token[0] == ".":
            return r"(?:\S+ )"
        words = spell(token[0]) if _HAN.match(token[0]) else token[0].split()
        return "".join(f"(?:{word} )" for word in words)

    spelled = _TOKEN.sub(groups, pattern)
    return rf"(?<!\S)(?:{spelled})"
