"""Evasions: ways to write a text so that a person or a model still understands it and a naive filter does not."""

import base64
import codecs
import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from itertools import product
from urllib.parse import quote


class Way(StrEnum):
    """What an evasion does, and so what another can do on top of it."""

    LETTERS = "letters"  # each letter in a costume that keeps its case
    COARSE = "coarse"  # each letter in a costume that loses something: over an encoding it would destroy it
    GAPS = "gaps"  # something between the letters
    CODE = "code"  # an encoding
    TURN = "turn"  # backwards, or by another alphabet
    SPELLING = "spelling"  # another spelling of the same words
    ORDER = "order"  # written in another order than it is shown in


@dataclass(frozen=True, slots=True)
class Evasion:
    name: str
    way: Way
    write: Callable[[str], str]
    languages: tuple[str, ...] = ("en", "zh")
    plain: bool = True  # whether each word can still be read where it stands


LETTER = re.compile(r"[^\W_]")
_LOOK_ALIKE = str.maketrans("aceopxyijsAEOPCTHKMBX", "асеорхуіјѕАЕОРСТНКМВХ")
_STROKED = str.maketrans("bdghiklmoprtyzBDGHILOTYZ", "ƀđǥħɨƙłɱøƥɍŧɏƶɃĐǤĦƗŁØŦɎƵ")
_JAPANESE = str.maketrans(
    "弹卖图团单变实对应恶气药发关战传儿广处戏铁黑险验乐带宝样桥浓盐",
    "弾売図団単変実対応悪気薬発関戦伝児広処戯鉄黒険験楽帯寳様橋濃塩",
)


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


def _bytes_in(encoding: str, write: Callable[[bytes], str]) -> Callable[[str], str]:
    return lambda text: write(text.encode(encoding, errors="replace"))


def _escaped(form: str) -> Callable[[str], str]:
    return _each(lambda char: form.format(ord(char)))


def _in_json(text: str) -> str:
    units = text.encode("utf-16-be", errors="surrogatepass")
    return "".join(f"\\u{units[place : place + 2].hex()}" for place in range(0, len(units), 2))


def _of_bytes(form: str) -> Callable[[str], str]:
    return lambda text: "".join(form.format(byte) for byte in text.encode())


def _vowels_in(form: str) -> Callable[[str], str]:
    return lambda text: re.sub("[aeiou]", lambda vowel: form.format(ord(vowel[0])), text)


def _some_words_shown(text: str) -> str:
    """Every other word written from its end, so that a control of direction shows it right."""
    words = text.split(" ") if " " in text else [text[:2], text[2:]]
    turned = [f"\u202e{word[::-1]}\u202c" if n % 2 else word for n, word in enumerate(words)]
    return (" " if " " in text else "").join(turned)


def _nested_directions(text: str) -> str:
    """An override in an isolate in an embedding, the middle third turned twice."""
    third = max(len(text) // 3, 1)
    first, middle, last = text[:third], text[third : 2 * third], text[2 * third :]
    return f"\u202a{first}\u2067\u202e{last[::-1]}\u202d{middle}\u202c\u202c\u2069\u202c"


def _in_the_middle(sign: str, end: str = "") -> Callable[[str], str]:
    """One sign inside every word, or two around a letter inside of it."""

    def write(found: re.Match[str]) -> str:
        word = found[0]
        half = len(word) // 2
        return word[:half] + sign + word[half : half + bool(end)] + end + word[half + bool(end) :]

    return lambda text: re.sub(r"[^\W_]{2,}", write, text)


def _code_points(text: str) -> str:
    return "".join(f"U+{ord(char):04X}" if char.isalnum() else char for char in text)


def _styled(char: str) -> str:
    """As a style sheet escapes it, the blank behind included. Nobody need write so what is no letter."""
    return f"\\{ord(char):x} " if char.isalpha() else char


def _by_name(char: str) -> str:
    return f"\\N{{{unicodedata.name(char)}}}" if char.isalnum() else char


def _backslashed(text: str) -> str:
    """A backslash inside each word, where none begins another escape."""
    return re.sub(r"(?<=[A-Za-z])(?=[g-tv-wyzG-MO-TV-WYZ])", lambda _: "\\", text, count=3)


_BRAILLE = str.maketrans("abcdefghijklmnopqrstuvwxyz", "⠁⠃⠉⠙⠑⠋⠛⠓⠊⠚⠅⠇⠍⠝⠕⠏⠟⠗⠎⠞⠥⠧⠺⠭⠽⠵")
_UPSIDE_DOWN = str.maketrans("abcdefghijklmnopqrstuvwxyz", "ɐqɔpǝɟƃɥᴉɾʞlɯuodbɹsʇnʌʍxʎz")


def _upside_down(text: str) -> str:
    return text.lower().translate(_UPSIDE_DOWN)[::-1]


def _in_braille(text: str) -> str:
    return text.lower().translate(_BRAILLE)


def _half_spelled(text: str) -> str:
    """Every other character of Chinese in pinyin."""
    from pypinyin import lazy_pinyin

    pairs = zip(text, lazy_pinyin(text, errors=list), strict=True)
    return "".join(syllable if n % 2 else char for n, (char, syllable) in enumerate(pairs))


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
    Evasion("letters with strokes and hooks", Way.LETTERS, lambda text: text.translate(_STROKED), EN),
    Evasion("zero-width spaces", Way.LETTERS, _after_each("\u200b")),
    Evasion("soft hyphens", Way.LETTERS, _after_each("\u00ad")),
    Evasion("struck through", Way.LETTERS, _after_each("\u0336")),
    Evasion("variation selectors", Way.LETTERS, _after_each("\ufe0f")),
    Evasion("tag characters", Way.LETTERS, _tags, EN),
    Evasion("right-to-left override", Way.TURN, lambda text: "\u202e" + text[::-1] + "\u202c", plain=False),
    Evasion("overrides around words", Way.ORDER, _some_words_shown),
    Evasion("nested directions", Way.ORDER, _nested_directions),
    Evasion("Hangul fillers", Way.LETTERS, _in_the_middle("\u3164")),
    Evasion("Braille blanks", Way.LETTERS, _in_the_middle("\u2800")),
    Evasion("tags between letters", Way.LETTERS, _in_the_middle("\U000e0061\U000e0062")),
    Evasion("letters of Braille", Way.COARSE, _in_braille, EN),
    Evasion("upside down", Way.COARSE, _upside_down, EN, plain=False),
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
    Evasion("entities", Way.CODE, _escaped("&#{};")),
    Evasion("entities in hex", Way.CODE, _escaped("&#x{:X};")),
    Evasion("entities for vowels", Way.CODE, _vowels_in("&#{};"), EN),
    Evasion(
        "entities by name", Way.CODE, _each(lambda c: f"&{c}opf;" if c.isascii() and c.isalpha() else c), EN
    ),
    Evasion("escapes of JSON", Way.CODE, _in_json),
    Evasion("escapes of bytes", Way.CODE, _of_bytes("\\x{:02x}")),
    Evasion("escapes of bytes in octal", Way.CODE, _of_bytes("\\{:03o}")),
    Evasion("quoted printable", Way.CODE, _of_bytes("={:02X}")),
    Evasion("quoted printable for vowels", Way.CODE, _vowels_in("={:02X}"), EN),
    Evasion("soft line breaks", Way.CODE, _in_the_middle("=\n")),
    Evasion("soft line breaks of mail", Way.CODE, _in_the_middle("=\r\n")),
    Evasion("code points", Way.CODE, _code_points),
    Evasion("code points for vowels", Way.CODE, _vowels_in("U+{:04X}"), EN),
    Evasion("escapes of style sheets", Way.CODE, _escaped("\\{:06x}")),
    Evasion("short escapes of style sheets", Way.CODE, _each(_styled)),
    Evasion("escapes by name", Way.CODE, _each(_by_name)),
    Evasion("percent of code units", Way.CODE, lambda text: _in_json(text).replace("\\u", "%u")),
    Evasion("elements in words", Way.CODE, _in_the_middle("<b></b>")),
    Evasion("elements around letters", Way.CODE, _in_the_middle('<i class="a>b">', "</i>")),
    Evasion("elements around words", Way.CODE, lambda text: re.sub(r"\w+", r"<b>\g<0></b>", text)),
    Evasion("comments in words", Way.CODE, _in_the_middle("<!-- so it goes -->")),
    Evasion("stars in words", Way.CODE, _in_the_middle("**")),
    Evasion("one star in words", Way.CODE, _in_the_middle("*", "*")),
    Evasion("lines in words", Way.CODE, _in_the_middle("__", "__")),
    Evasion("code in words", Way.CODE, _in_the_middle("`", "`")),
    Evasion("strokes in words", Way.CODE, _in_the_middle("~~", "~~")),
    Evasion("backslashes in words", Way.CODE, _backslashed, EN),
    Evasion("hex with commas", Way.CODE, lambda text: text.encode().hex(","), plain=False),
    Evasion(
        "hex as numbers", Way.CODE, lambda text: " ".join(f"0x{b:02x}" for b in text.encode()), plain=False
    ),
    Evasion("UTF-16 in hex", Way.CODE, _bytes_in("utf-16-le", bytes.hex), plain=False),
    Evasion(
        "UTF-16 in base64",
        Way.CODE,
        _bytes_in("utf-16-be", lambda b: base64.b64encode(b).decode()),
        plain=False,
    ),
    Evasion("percent of GBK", Way.CODE, _bytes_in("gbk", lambda b: quote(b, safe="")), ZH, plain=False),
    Evasion("GBK in hex", Way.CODE, _bytes_in("gbk", bytes.hex), ZH, plain=False),
    Evasion(
        "GBK in base64", Way.CODE, _bytes_in("gbk", lambda b: base64.b64encode(b).decode()), ZH, plain=False
    ),
    Evasion("backwards", Way.TURN, lambda text: text[::-1], plain=False),
    Evasion("rot13", Way.TURN, lambda text: codecs.encode(text, "rot13"), EN, plain=False),
    Evasion("traditional characters", Way.SPELLING, lambda text: _traditional()(text), ZH),
    Evasion("Japanese characters", Way.SPELLING, lambda text: text.translate(_JAPANESE), ZH),
    Evasion("pinyin", Way.SPELLING, spelled, ZH),
    Evasion("pinyin with tones", Way.SPELLING, lambda text: spelled(text, "TONE"), ZH),
    Evasion("pinyin with numbers", Way.SPELLING, lambda text: spelled(text, "TONE3"), ZH),
    Evasion("pinyin beside characters", Way.SPELLING, _half_spelled, ZH),
)

# What can be done to what an evasion wrote so that the text can still be had back from it.
_OVER = {
    Way.LETTERS: set(Way) - {Way.SPELLING},
    Way.COARSE: {Way.LETTERS, Way.GAPS, Way.CODE, Way.TURN, Way.ORDER},
    Way.GAPS: {Way.LETTERS, Way.CODE, Way.TURN},
    # Turned once more, its controls would show it in another order.
    Way.ORDER: {Way.CODE},
    Way.CODE: {Way.LETTERS, Way.CODE, Way.TURN},
    Way.TURN: {Way.LETTERS, Way.COARSE, Way.GAPS, Way.CODE, Way.TURN},
    Way.SPELLING: {Way.LETTERS},
}


def nested(language: str) -> Iterator[Evasion]:
    """Every evasion over every other, where something of the text is left."""
    ours = [evasion for evasion in EVASIONS if language in evasion.languages]
    for first, second in product(ours, ours):
        if second.way in _OVER[first.way] and not _destroys(second, first):
            plain = first.plain and second.plain
            name = f"{second.name} over {first.name}"
            yield Evasion(name, second.way, _both(first, second), (language,), plain)


# Neither stands inside of itself, nor is it markup when it is read from its end.
_TAGS = ("elements in words", "elements around letters", "elements around words", "comments in words")
_EMPHASES = ("stars in words", "one star in words", "lines in words", "code in words", "strokes in words")


def _destroys(second: Evasion, first: Evasion) -> bool:
    """Whether nothing is left of what the first wrote, or nobody could tell what."""
    if first.name == "bytes behind an emoji":  # invisible bytes wear no costume
        return second.way is not Way.CODE or "GBK" in second.name
    if "GBK" in second.name:  # it has no letters for costumes
        return first.way in (Way.LETTERS, Way.ORDER)
    if first.name == "upside down":  # half of those letters are turned by rot13, and a second time
        return second.name in ("upside down", "rot13")
    if first.name in _TAGS:
        return second.name in (*_TAGS, "backwards")
    if first.name in _EMPHASES and second.name in _EMPHASES:
        return True
    # A letter that wears its stroke is not turned, and some of its codes have three digits that are all octal.
    if first.name == "letters with strokes and hooks":
        return second.name in ("upside down", "short escapes of style sheets")
    if first.name == "hex with blanks" and second.name in _EMPHASES:  # around a word they are no part of it
        return True
    if (
        "style sheets" in first.name and "style sheets" in second.name
    ):  # digits that are none when they are escaped
        return True
    return first.name == "tags between letters" and second.name in ("tags between letters", "tag characters")


def _both(first: Evasion, second: Evasion) -> Callable[[str], str]:
    return lambda text: second.write(first.write(text))
