"""Letters: what one character is read as, whatever alphabet, script or costume it comes in. Case is kept."""

import unicodedata
from functools import cache, lru_cache

from runtime.packs.safety.invisible import is_filler, is_invisible, tagged

# Letters of other alphabets that are put for Latin ones although no list of look-alikes has all of them: Cyrillic and
# Greek by habit rather than by shape, small capitals. Written for this project.
_HABITS = {
    "a": "аαɑᴀ", "b": "ьвβʙ", "c": "сϲᴄ", "d": "ԁᴅ", "e": "еєεҽᴇ", "f": "ғꜰ", "g": "ɡԍɢ", "h": "һнʜ", "i": "іιıɪӏ",
    "j": "јᴊ", "k": "кκᴋ", "l": "ⅼʟ", "m": "мᴍ", "n": "пηɴո", "o": "оοσօᴏ", "p": "рρᴘ", "q": "ԛ", "r": "гʀᴦ", "s": "ѕꜱ",
    "t": "тτᴛ", "u": "υսᴜ", "v": "νѵᴠ", "w": "ԝωᴡ", "x": "хχ", "y": "уүγʏ", "z": "ᴢ",
}  # fmt: skip
# Letters drawn as emoji: regional indicators, and white letters on dark squares and circles.
_DRAWN = ((0x1F1E6, 0x1F1FF), (0x1F150, 0x1F169), (0x1F170, 0x1F189))
# The cells of Braille for a to z.
_BRAILLE = dict(zip("⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵", "abcdefghijklmnopqrstuvwxyz", strict=True))
_HAN = ((0x3400, 0x4DC0), (0x4E00, 0xA000))


# As many characters as the largest scripts that one text is likely to use.
@lru_cache(maxsize=1 << 15)
def plain(char: str) -> str:
    """What one character is read as; empty when it is invisible. Blanks of all kinds stay blanks, digits are ASCII."""
    code = ord(char)
    if (said := tagged(char)) is not None:
        return said
    for first, last in _DRAWN:
        if first <= code <= last:
            return chr(ord("a") + code - first)
    if char.isspace():
        return char if char.isascii() else " "
    if is_filler(char):
        return " "
    decomposed = unicodedata.normalize("NFKD", char)
    kept = (_digit(part) for part in decomposed if not is_invisible(part))
    return "".join(kept).translate(_table())


def thin(char: str) -> str:
    """The same to an eye that sees neither tags nor blanks in disguise."""
    return "" if is_hidden(char) else plain(char)


@lru_cache(maxsize=1 << 15)
def is_hidden(char: str) -> bool:
    """Whether an eye sees nothing where a program reads a blank or a letter."""
    return is_filler(char) or tagged(char) is not None


def _digit(char: str) -> str:
    """Digits of all scripts and in all circles as the ten that programs count with."""
    value = unicodedata.digit(char, None)
    return char if value is None else str(value)


@cache
def _table() -> dict[int, str]:
    """Look-alikes as the Latin letters that they look like, traditional characters as their simplified ones."""
    braille = {ord(cell): latin for cell, latin in _BRAILLE.items()}
    return {**_look_alikes(), **braille, **_simplified(), ord("ß"): "ss", ord("ẞ"): "SS"}


def _look_alikes() -> dict[int, str]:
    from confusable_homoglyphs.confusables import confusables_data

    found: dict[int, str] = {}
    for other, alike in confusables_data.items():
        latin = next((item["c"] for item in alike if len(item["c"]) == 1 and _is_latin(item["c"])), None)
        if latin and len(other) == 1 and not other.isascii() and not _is_han(other):
            # The list gives every upright stroke as a small L; a capital one is meant as an I.
            found[ord(other)] = "I" if latin == "l" and other.isupper() else latin
    small = {ord(other): latin for latin, others in _HABITS.items() for other in others}
    large = {ord(up): latin.upper() for code, latin in small.items() if len(up := chr(code).upper()) == 1}
    return {**large, **found, **small}


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _is_han(char: str) -> bool:
    return any(first <= ord(char) < last for first, last in _HAN)


def _simplified() -> dict[int, str]:
    """One character for one: where a phrase decides, the commoner reading."""
    from opencc import OpenCC

    every = [chr(code) for first, last in _HAN for code in range(first, last)]
    converted = OpenCC("t2s").convert("\n".join(every)).split("\n")
    return {ord(char): simple for char, simple in zip(every, converted, strict=True) if char != simple}
