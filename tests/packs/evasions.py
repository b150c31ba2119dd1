"""Evasions: ways to write a text so that a person or a model still understands it and a naive filter does not."""

import base64
import codecs
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import product


class Way(StrEnum):
    """What an evasion does, and so what another can do on top of it."""

    LETTERS = "letters"  # each letter in a costume that keeps its case
    COARSE = "coarse"  # each letter in a costume that loses something: over an encoding it would destroy it
    GAPS = "gaps"  # something between the letters
    CODE = "code"  # an encoding
    TURN = "turn"  # backwards, or by another alphabet
    SPELLING = "spelling"  # another spelling of the same words


@dataclass(frozen=True, slots=True)
class Evasion:
    name: str
    way: Way
    write: Callable[[str], str]
    languages: tuple[str, ...] = ("en", "zh")
    plain: bool = True  # whether each word can still be read where it stands


LETTER = re.compile(r"[^\W_]")
_LOOK_ALIKE = str.maketrans("aceopxyijsAEOPCTHKMBX", "асеорхуіјѕАЕОРСТНКМВХ")


def _each(change: Callable[[str], str]) -> Callable[[str], str]:
    return lambda text: "".join(map(change, text))


def _shifted(small: int, large: int) -> Callable[[str], str]:
    """Latin letters moved to another block of Unicode."""

    def change(char: str) -> str:
        if "a" <= char <= "z":
            return chr(small + ord(char) - ord("a"))
        return chr(large + ord(char) - ord("A")) if "A" <= char <= "Z" else char

    return _each(change)


def _after_each(sign: str) -> Callable[[str], str]:
    return _each(lambda char: char + sign if not char.isspace() else char)


def _gapped(gap: str, word_gap: str) -> Callable[[str], str]:
    return lambda text: word_gap.join(gap.join(word) for word in text.split())


def _tags(text: str) -> str:
    return "".join(chr(0xE0000 + ord(char)) if " " <= char <= "~" else char for char in text)


def _drawn_out(text: str) -> str:
    return re.sub(r"([aeiou])(?=[a-z])", r"\1\1\1\1", text, count=3)


def _base64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


def _selectors(text: str) -> str:
    return "☺" + "".join(
        chr(0xFE00 + byte) if byte < 16 else chr(0xE0100 + byte - 16) for byte in text.encode()
    )


@cache
def _traditional() -> Callable[[str], str]:
    from opencc import OpenCC

    convert: Callable[[str], str] = OpenCC("s2tw").convert
    return convert


def spelled(text: str, style: str = "NORMAL") -> str:
    """Chinese in pinyin."""
    from pypinyin import Style, lazy_pinyin

    return " ".join(lazy_pinyin(text, style=Style[style]))


EN, ZH = ("en",), ("zh",)
EVASIONS = (
    Evasion("capitals", Way.COARSE, str.upper, EN),
    Evasion("full width", Way.LETTERS, _each(lambda c: chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c), EN),
    Evasion("bold of mathematics", Way.LETTERS, _shifted(0x1D41A, 0x1D400), EN),
    Evasion("letters in circles", Way.LETTERS, _shifted(0x24D0, 0x24B6), EN),
    Evasion("look-alikes", Way.LETTERS, lambda text: text.translate(_LOOK_ALIKE), EN),
    Evasion("zero-width spaces", Way.LETTERS, _after_each("\u200b")),
    Evasion("soft hyphens", Way.LETTERS, _after_each("\u00ad")),
    Evasion("struck through", Way.LETTERS, _after_each("\u0336")),
    Evasion("variation selectors", Way.LETTERS, _after_each("\ufe0f")),
    Evasion("tag characters", Way.LETTERS, _tags, EN),
    Evasion("right-to-left override", Way.TURN, lambda text: "\u202e" + text[::-1] + "\u202c", plain=False),
    Evasion("regional indicators", Way.COARSE, lambda text: _shifted(0x1F1E6, 0x1F1E6)(text), EN),
    Evasion("letters in squares", Way.COARSE, lambda text: _shifted(0x1F170, 0x1F170)(text), EN),
    Evasion("leetspeak", Way.COARSE, lambda text: text.translate(str.maketrans("aeiost", "4310$7")), EN),
    Evasion("drawn-out letters", Way.COARSE, _drawn_out, EN),
    Evasion("spaced letters", Way.GAPS, _gapped(" ", "  ")),
    Evasion("evenly spaced letters", Way.GAPS, _gapped(" ", " ")),
    Evasion("dotted letters", Way.GAPS, _gapped(".", " ")),
    Evasion("one letter a line", Way.GAPS, _gapped("\n", "\n\n")),
    Evasion("emoji between letters", Way.GAPS, _gapped("😀", " ")),
    Evasion("base64", Way.CODE, _base64, plain=False),
    Evasion("hex", Way.CODE, lambda text: text.encode().hex(), plain=False),
    Evasion("hex with blanks", Way.CODE, lambda text: text.encode().hex(" "), plain=False),
    Evasion("percent", Way.CODE, lambda text: "".join(f"%{byte:02x}" for byte in text.encode()), plain=False),
    Evasion("bytes behind an emoji", Way.CODE, _selectors, plain=False),
    Evasion("backwards", Way.TURN, lambda text: text[::-1], plain=False),
    Evasion("rot13", Way.TURN, lambda text: codecs.encode(text, "rot13"), EN, plain=False),
    Evasion("traditional characters", Way.SPELLING, lambda text: _traditional()(text), ZH),
    Evasion("pinyin", Way.SPELLING, spelled, ZH),
    Evasion("pinyin with tones", Way.SPELLING, lambda text: spelled(text, "TONE"), ZH),
    Evasion("pinyin with numbers", Way.SPELLING, lambda text: spelled(text, "TONE3"), ZH),
)

# What can be done to what an evasion wrote so that the text can still be had back from it.
_OVER = {
    Way.LETTERS: set(Way) - {Way.SPELLING},
    Way.COARSE: {Way.LETTERS, Way.GAPS, Way.CODE, Way.TURN},
    Way.GAPS: {Way.LETTERS, Way.CODE, Way.TURN},
    Way.CODE: {Way.LETTERS, Way.CODE, Way.TURN},
    Way.TURN: {Way.LETTERS, Way.COARSE, Way.GAPS, Way.CODE, Way.TURN},
    Way.SPELLING: {Way.LETTERS},
}


def nested(language: str) -> Iterator[Evasion]:
    """Every evasion over every other, where something of the text is left."""
    ours = [evasion for evasion in EVASIONS if language in evasion.languages]
    for first, second in product(ours, ours):
        # Invisible bytes wear no costume, and a word in traditional characters is spelled in no other way.
        hidden = first.name == "bytes behind an emoji" and second.way is not Way.CODE
        if second.way in _OVER[first.way] and not hidden:
            plain = first.plain and second.plain
            name = f"{second.name} over {first.name}"
            yield Evasion(name, second.way, _both(first, second), (language,), plain)


def _both(first: Evasion, second: Evasion) -> Callable[[str], str]:
    return lambda text: second.write(first.write(text))
