"""Letters: what one character is read as, whatever alphabet, script or costume it comes in. Case is kept."""

import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
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
HEADS = "ɐɔǝɟƃɥᴉɾʞɯɹʇʌʍʎ"
_ON_HEADS = dict(zip(HEADS, "acefghijkmrtvwy", strict=True))
_TURNED = dict(zip("qpudbn", "bdnpqu", strict=True))
# What word processors, phones and models write for a hyphen; and for a middle dot, a comma, a slash and an upright stroke.
# Forms for other widths are plain by then.
_DASHES = "\u2010\u2011\u2012\u2013\u2014\u2015\u2043\u2212"
_OTHERS = {
    "\u00b7": "\u2022\u2027\u2219\u22c5\u30fb",
    ",": "\u3001",
    "/": "\u2044\u2215",
    "|": "\u00a6\u2502\u2758",
}
_HYPHEN_OF = str.maketrans(dict.fromkeys(_DASHES, "-"))
_SIGN_OF = _HYPHEN_OF | str.maketrans({other: sign for sign, others in _OTHERS.items() for other in others})
_DASH, _SIGN = (re.compile(f"[{''.join(map(chr, table))}]") for table in (_HYPHEN_OF, _SIGN_OF))
_RADICALS = (0x2E80, 0x2FE0)
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
    read = "".join(kept).translate(_table())
    # A stream counts letters of the text as it came: none that shows something may vanish (U+037A is a blank with a mark).
    return char if char.isalnum() and not any(map(str.isalnum, read)) and not is_invisible(char) else read


def with_hyphens(text: str) -> str:
    """Every dash as a hyphen, in the same place."""
    return text if text.isascii() or not _DASH.search(text) else text.translate(_HYPHEN_OF)


def with_plain_signs(text: str) -> str:
    """That, and what else stands between groups of digits as a keyboard has it."""
    return text if text.isascii() or not _SIGN.search(text) else text.translate(_SIGN_OF)


def without_fillers(char: str) -> str:
    return "" if is_blank_filler(char) else plain(char)


def without_tags(char: str) -> str:
    return "" if tagged(char) is not None else plain(char)


def thin(char: str) -> str:
    """What an eye sees of it: neither tags, which models do read, nor the room that some fillers take."""
    return "" if is_blank_filler(char) else without_tags(char)


is_blank_filler = lru_cache(maxsize=1 << 15)(is_filler)


def letterings(text: str) -> list[Callable[[str], str]]:
    """Ways to read each character of a text: mostly one, more where it has fillers or tags."""
    chars = set(text)
    fillers = any(map(is_blank_filler, chars))
    tags = any(tagged(char) is not None for char in chars)
    return [
        plain,
        *([without_fillers] if fillers else []),
        *([without_tags] if tags else []),
        *([thin] if fillers and tags else []),
    ]


def on_its_feet(letter: Callable[[str], str]) -> Callable[[str], str]:
    """The same reading of letters that may stand on their heads, turned round: d is a p then, and u an n."""

    def turned(char: str) -> str:
        low = char.lower()
        return _ON_HEADS.get(low) or "".join(_TURNED.get(said, said) for said in letter(char).lower())

    return turned


def _digit(char: str) -> str:
    """Digits of all scripts and in all circles as the ten that programs count with."""
    value = unicodedata.digit(char, None)
    return char if value is None else str(value)


@cache
def _table() -> dict[int, str]:
    """Look-alikes as the Latin letters that they look like, traditional characters and variants as their simplified ones."""
    braille = {ord(cell): latin for cell, latin in _BRAILLE.items()}
    return {**_look_alikes(), **braille, **_variants(), **_simplified(), ord("ß"): "ss", ord("ẞ"): "SS"}


def _look_alikes() -> dict[int, str]:
    from confusable_homoglyphs.confusables import confusables_data

    found: dict[int, str] = {}
    stroked: dict[int, str] = {}
    for other, alike in confusables_data.items():
        if len(other) > 1 or other.isascii() or _is_han(other):
            continue
        latin = next((item["c"] for item in alike if len(item["c"]) == 1 and _is_latin(item["c"])), None)
        if latin:
            # The list gives every upright stroke as a small L; a capital one is meant as an I.
            found[ord(other)] = "I" if latin == "l" and other.isupper() else latin
        elif latin := _stroked(other, (item["c"] for item in alike)):
            stroked[ord(other)] = "I" if latin == "l" and other.isupper() else latin
    small = {ord(other): latin for latin, others in _HABITS.items() for other in others}
    large = {ord(up): latin.upper() for code, latin in small.items() if len(up := chr(code).upper()) == 1}
    # Of a pair the list may have one alone.
    pairs = {ord(up): latin.upper() for code, latin in stroked.items() if len(up := chr(code).upper()) == 1}
    return {**pairs, **stroked, **large, **found, **small}


def _stroked(char: str, alike: Iterable[str]) -> str | None:
    """The Latin letter of which a letter differs by marks alone: strokes, hooks and tails, which are dropped elsewhere, too."""
    if not char.isalpha():
        return None
    for text in alike:
        bare = "".join(part for part in text if not is_invisible(part))
        if len(bare) == 1 and _is_latin(bare):
            return bare
        if bare == "rn":  # how the list writes an m
            return "m"
    return None


def _is_latin(char: str) -> bool:
    return char.isascii() and char.isalpha()


def _is_han(char: str) -> bool:
    return len(char) == 1 and any(first <= ord(char) < last for first, last in _HAN)


def _simplified() -> dict[int, str]:
    """One character for one: where a phrase decides, the commoner reading."""
    every = [chr(code) for first, last in _HAN for code in range(first, last)]
    return {ord(char): simple for char, simple in _converted(every, "t2s").items() if char != simple}


def _variants() -> dict[int, str]:
    """Characters of Japan, radicals and look-alikes of those that ordinary Chinese has, where it has none of theirs itself."""
    from confusable_homoglyphs.confusables import confusables_data

    every = [chr(code) for first, last in (*_HAN, _RADICALS) for code in range(first, last)]
    foreign = [char for char in every if not _is_everyday(char)]
    japanese = _converted(foreign, "jp2t")
    alike = {
        char: next((item["c"] for item in confusables_data.get(char, ()) if _is_everyday(item["c"])), char)
        for char in foreign
    }
    meant = {char: japanese[char] if japanese[char] != char else alike[char] for char in foreign}
    simple = _converted([*meant.values()], "t2s")
    return {ord(char): simple[other] for char, other in meant.items() if _is_everyday(simple[other])}


def _converted(every: Sequence[str], how: str) -> dict[str, str]:
    from opencc import OpenCC

    return dict(zip(every, OpenCC(how).convert("\n".join(every)).split("\n"), strict=True))


def _is_everyday(char: str) -> bool:
    """Whether simplified Chinese writes it: the standard of 1980 has every character in use."""
    try:
        return _is_han(char) and len(char.encode("gb2312")) == 2
    except UnicodeEncodeError:
        return False
