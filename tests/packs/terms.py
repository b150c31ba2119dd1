"""Terms: every entry of the shipped list of harmful words as a text that the filter must find."""

import tomllib
from functools import cache
from pathlib import Path

from runtime.packs.safety import words
from runtime.packs.safety.word_list import SHORTEST_PINYIN, find_words
from tests.packs.evasions import Evasion, spelled

# Shorter entries are ordinary words by chance in text that is turned, and too little to be taken for encoded.
SHORTEST_TURNED = {"en": 5, "zh": 3}
SHORTEST_BYTES = 7
SHORTEST_ENCODED = 10
FOLDER = Path(words.__file__).with_name("lists")


@cache
def terms(language: str) -> list[tuple[str, str]]:
    """(category, text): each phrase, and of each pair every half once, beside a half of the other kind."""
    found: list[tuple[str, str]] = []
    data = tomllib.loads((FOLDER / f"{language}.toml").read_text(encoding="utf-8"))
    for category, body in data["categories"].items():
        found += [(category, text) for text in body.get("phrases", ())]
        for pair in body.get("pairs", ()):
            first, second = pair["first"], pair["second"]
            for number in range(max(len(first), len(second))):
                halves = (first[number % len(first)], second[number % len(second)])
                found.append((category, (" " if language == "en" else "").join(halves)))
    return found


def found_in(text: str, category: str) -> bool:
    """Whether the list finds this category in the text, or refuses it as encoded beyond reading."""
    matches = find_words(text, words.word_lists())
    return any(m.category == category and m.score >= 0.5 and not m.open for m in matches)


def all_found_in(text: str) -> set[str]:
    """Every category that the list finds in the text."""
    matches = find_words(text, words.word_lists())
    return {m.category for m in matches if m.score >= 0.5 and not m.open}


def is_long_enough(text: str, evasion: Evasion, language: str) -> bool:
    """Whether the filter looks for an entry of this length in this disguise at all."""
    if "pinyin" in evasion.name:
        return len(spelled(text).replace(" ", "")) >= SHORTEST_PINYIN
    if evasion.plain:
        return True
    if "base64" in evasion.name and len(evasion.write(text)) < SHORTEST_ENCODED:
        return False
    letters = sum(char.isalnum() for char in text)
    return letters >= SHORTEST_TURNED[language] and len(text.encode()) >= SHORTEST_BYTES
