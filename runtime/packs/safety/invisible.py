"""Invisible: which characters show nothing, and which are blanks in disguise, as Unicode itself has it."""

import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

# Marks that sit on a letter, format characters, controls without a shape.
_CATEGORIES = frozenset({"Mn", "Me", "Cf", "Cc"})
# No property says that a character is drawn empty, only its name. The two hieroglyphs are younger than some tables.
_EMPTY = (" BLANK", " FILLER", " NULL NOTEHEAD")
_YOUNGER = frozenset({0x13441, 0x13442})
# Fillers that are drawn between words, and those that take no room.
_NO_FILLER = _CATEGORIES | {"Po"}
_TAGS = range(0xE0020, 0xE007F)


def is_invisible(char: str) -> bool:
    """Whether it shows nothing and takes no room, or only sits on another character."""
    return unicodedata.category(char) in _CATEGORIES or _ignorable().match(char) is not None


def is_filler(char: str) -> bool:
    """Whether it is drawn as nothing, mostly with room for something: a blank to the eye, a letter to a program."""
    if char.isascii() or char.isspace() or unicodedata.category(char) in _NO_FILLER:
        return False
    return ord(char) in _YOUNGER or unicodedata.name(char, "").endswith(_EMPTY)


def tagged(char: str) -> str | None:
    """What a tag character says: ASCII that nobody sees and models do read."""
    return chr(ord(char) - _TAGS.start + 0x20) if ord(char) in _TAGS else None


@cache
def _ignorable() -> "regex.Pattern[str]":
    # Python's own tables lack the property, and its letters among them (Hangul fillers) have no other sign.
    import regex

    return regex.compile(r"\p{Default_Ignorable_Code_Point}")
