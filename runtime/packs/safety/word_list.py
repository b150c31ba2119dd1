"""Word lists: phrases, and pairs of an intent near an object, found in all views of a text in one pass each."""

import re
import string
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING

from runtime.packs.safety.texts import past_reading
from runtime.packs.safety.views import View, collapse, normalise, read
from runtime.safety.filters import Match
from runtime.values import Json

if TYPE_CHECKING:
    import ahocorasick

PHRASE_SCORE = 1.0
PAIR_SCORE = 0.9


class Script(StrEnum):
    """How entries stand in a text: as words with borders, without any borders, or as syllables of pinyin."""

    WORDS = "words"
    SOLID = "solid"
    PINYIN = "pinyin"


# A short entry is found inside innocent words where there are no borders, and by chance where letters are turned.
SHORTEST_IN_RUN = {Script.WORDS: 6, Script.SOLID: 2, Script.PINYIN: 10}
SHORTEST_HALF_IN_RUN = {Script.WORDS: 4, Script.SOLID: 2, Script.PINYIN: 4}
SHORTEST_TURNED = {Script.WORDS: 5, Script.SOLID: 3}
# What may stand between two halves of a pair where words cannot be counted, in letters.
REACH = 24
SHORTEST_PINYIN = 8

_WORD = re.compile(r"[^\W_]+")
_SYLLABLES = re.compile(r"[a-z]+")
_APART = {code: " " for code in range(128) if not chr(code).isalnum()}
_NO_SYLLABLES = bytes(set(range(256)) - set(string.ascii_lowercase.encode()))
_CONTAINS = {
    Script.WORDS: re.compile(r"[^\W_]"),
    Script.SOLID: re.compile(r"[\u3040-\u30ff\u3400-\u9fff]"),
    Script.PINYIN: re.compile(r"[a-z]{2}"),
}


@dataclass(frozen=True, slots=True)
class Pair:
    """An intent near an object: at most `within` words (Chinese: characters) may stand between them."""

    number: int
    category: str
    within: int
    either_order: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """What a found text means: a phrase of a category, one half (0 or 1) of a pair; without a category, nothing bad."""

    category: str | None
    pair: Pair | None = None
    half: int = 0


@dataclass(frozen=True, slots=True)
class Hit:
    """An entry at [start, end) of the searched text; `first` and `last` count words (Chinese: characters)."""

    entry: Entry
    start: int
    end: int
    first: int
    last: int


class Words:
    """A view taken apart, once for all lists that are searched in it."""

    def __init__(self, view: View) -> None:
        self.view = view

    @cached_property
    def each(self) -> list[str]:
        text = self.view.text
        # The same in a fraction of the time.
        return text.translate(_APART).split() if text.isascii() else _WORD.findall(text)

    @cached_property
    def syllables(self) -> str:
        """All that may be pinyin, without what stands between: in UTF-8 nothing else has these bytes."""
        return self.view.text.encode(errors="surrogatepass").translate(None, _NO_SYLLABLES).decode()


@dataclass(frozen=True, slots=True)
class Searched:
    """The text that is searched, and what it was made from, so that places are only looked up for what is found."""

    text: str
    places: Callable[[], Sequence[int]]


class WordList:
    """Entries of one script, ready to search."""

    def __init__(self, entries: Iterable[tuple[str, Entry]], script: Script) -> None:
        self.script = script
        bordered: dict[str, list[Entry]] = {}
        solid: dict[str, list[Entry]] = {}
        for text, entry in entries:
            for key in self._keys(text):
                squeezed = key.replace(" ", "")
                if script is Script.PINYIN and len(squeezed) < (2 if entry.pair else SHORTEST_PINYIN):
                    continue
                if script is not Script.PINYIN:
                    bordered.setdefault(key, []).append(entry)
                solid.setdefault(squeezed, []).append(entry)
        # Without borders the same entries are searched without blanks; for Chinese that is the same text.
        self._solid = _automaton(solid)
        self._bordered = _automaton(bordered) if script is Script.WORDS else self._solid

    def search(self, words: Words) -> Iterator[tuple[str, float, int, int]]:
        """(category, score, start, end) of every match, in places of the original text."""
        view = words.view
        if not self._reads(view) or not _contains(self.script, view.text):
            return
        if view.run:
            hits, searched = self._in_run(view)
        elif self.script is Script.WORDS:
            hits, searched = self._among_words(words)
        elif self.script is Script.SOLID:
            hits, searched = self._in_solid(words)
        else:
            hits, searched = self._among_syllables(words)
        if not hits:
            return
        places: Sequence[int] | None = None
        for category, score, start, end in self._judged(hits, view):
            if len(searched.text[start:end].strip()) < self._shortest(view):
                continue
            places = places or searched.places()
            # The borders of an entry of words are the blanks around it; only the words themselves count.
            inner = 1 if searched.text[start] == " " else 0
            yield category, score, *view.span(places[start + inner], places[end - inner - 1] + 1)

    def _reads(self, view: View) -> bool:
        """Pinyin is not looked for backwards, and only Latin letters are drawn out."""
        if self.script is Script.PINYIN:
            return not view.turned and not view.collapsed
        return self.script is Script.WORDS or not view.collapsed

    def _judged(self, hits: Sequence[Hit], view: View) -> Iterator[tuple[str, float, int, int]]:
        hits = unmasked(hits)
        if self.script is Script.SOLID or (self.script is Script.WORDS and not view.run):
            yield from judge(hits)
            return
        # Without borders a short half stands in many a word: it has to touch the other.
        yield from judge(hits, 0)
        shortest = SHORTEST_HALF_IN_RUN[self.script]
        yield from judge([h for h in hits if h.entry.pair and h.end - h.start >= shortest], REACH)

    @cached_property
    def _bordered_once(self) -> "ahocorasick.Automaton":
        return _once(self._bordered)

    @cached_property
    def _solid_once(self) -> "ahocorasick.Automaton":
        return _once(self._solid)

    def _shortest(self, view: View) -> int:
        if self.script is Script.PINYIN:
            return SHORTEST_PINYIN
        return SHORTEST_TURNED[self.script] if view.turned else 1

    def _keys(self, text: str) -> tuple[str, ...]:
        normal = normalise(text).text
        if self.script is Script.WORDS:
            words = " ".join(_WORD.findall(normal))
            return (f" {words} ",) if words else ()
        solid = (
            "".join(_WORD.findall(normal))
            if self.script is Script.SOLID
            else "".join(_SYLLABLES.findall(normal))
        )
        return (solid,) if solid else ()

    def _in_run(self, view: View) -> tuple[list[Hit], Searched]:
        shortest, half = SHORTEST_IN_RUN[self.script], min(3, SHORTEST_HALF_IN_RUN[self.script])
        hits = [
            Hit(entry, start, end, start, end - 1)
            for start, end, entries in _finds(self._solid_once if view.collapsed else self._solid, view.text)
            for entry in entries
            if end - start >= (half if entry.pair else shortest)
        ]
        return hits, Searched(view.text, lambda: range(len(view.text)))

    def _among_words(self, words: Words) -> tuple[list[Hit], Searched]:
        view = words.view
        text = f" {' '.join(words.each)} "
        found = list(_finds(self._bordered_once if view.collapsed else self._bordered, text))
        borders = [place for place, char in enumerate(text) if char == " "] if found else []
        hits = [
            Hit(entry, start, end, bisect_right(borders, start), bisect_right(borders, end - 2))
            for start, end, entries in found
            for entry in entries
        ]
        return hits, Searched(text, lambda: _word_places(view.text))

    def _in_solid(self, words: Words) -> tuple[list[Hit], Searched]:
        view = words.view
        text = "".join(words.each)
        hits = [
            Hit(entry, start, end, start, end - 1)
            for start, end, entries in _finds(self._solid, text)
            for entry in entries
        ]
        return hits, Searched(text, lambda: _places_of(_WORD, view.text))

    def _among_syllables(self, words: Words) -> tuple[list[Hit], Searched]:
        """Pinyin is written with blanks anywhere, and with the number of a tone; it begins and ends with a word."""
        view, text = words.view, words.syllables
        found = list(_finds(self._solid, text))
        if not found:
            return [], Searched(text, tuple)
        ends: set[int] = set()
        end = 0
        for word in _SYLLABLES.findall(view.text):
            end += len(word)
            ends.add(end)
        hits = [
            Hit(entry, start, end, start, end - 1)
            for start, end, entries in found
            if end in ends and (start == 0 or start in ends)
            for entry in entries
        ]
        return hits, Searched(text, lambda: _places_of(_SYLLABLES, view.text))


def read_entries(data: Mapping[str, Json]) -> Iterator[tuple[str, Entry]]:
    """The entries of a list as its file has them."""
    for text in data["harmless"]:
        yield text, Entry(None)
    for category, body in data["categories"].items():
        for text in body.get("phrases", ()):
            yield text, Entry(category)
        for number, item in enumerate(body.get("pairs", ())):
            pair = Pair(number, category, item["within"], item.get("either_order", False))
            for half, texts in enumerate((item["first"], item["second"])):
                for text in texts:
                    yield text, Entry(category, pair, half)


def load_lists(paths: Iterable[Path]) -> tuple[WordList, ...]:
    """The lists in the files; a Chinese one also as it is spelled in pinyin."""
    found = []
    for path in paths:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        entries = list(read_entries(data))
        if data["language"] == "zh":
            found += [WordList(entries, Script.SOLID), WordList(in_pinyin(entries), Script.PINYIN)]
        else:
            found.append(WordList(entries, Script.WORDS))
    return tuple(found)


def in_pinyin(entries: Iterable[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
    from pypinyin import lazy_pinyin

    for text, entry in entries:
        spelled = " ".join(lazy_pinyin(text))
        yield spelled, entry
        if "v" in spelled:  # ü without its dots is typed as v, or as u
            yield spelled.replace("v", "u"), entry


def find_words(text: str, lists: Iterable[WordList]) -> Iterator[Match]:
    """What the lists find in all views of a text."""
    found: dict[str, list[tuple[int, int, float]]] = {}
    reading = read(text)
    lists = tuple(lists)
    for words in map(Words, reading.views):
        for word_list in lists:
            for category, score, start, end in word_list.search(words):
                found.setdefault(category, []).append((start, end, score))
    for category, spans in found.items():
        yield from _merged(category, spans)
    yield from past_reading(text, reading)


def _merged(category: str, spans: list[tuple[int, int, float]]) -> Iterator[Match]:
    """Spans that overlap as one match: the same words seen in several views, or in several pairs."""
    spans.sort()
    start, end, score = spans[0]
    for first, last, other in spans[1:]:
        if first >= end:
            yield Match(category, score, start, end)
            start, end, score = first, last, other
        else:
            end, score = max(end, last), max(score, other)
    yield Match(category, score, start, end)


def _contains(script: Script, text: str) -> bool:
    if script is Script.SOLID and text.isascii():
        return False
    return _CONTAINS[script].search(text) is not None


def _word_places(text: str) -> list[int]:
    places = [0]
    for word in _WORD.finditer(text):
        places += [*range(word.start(), word.end()), word.end() - 1]
    return places


def _places_of(pattern: re.Pattern[str], text: str) -> list[int]:
    return [place for word in pattern.finditer(text) for place in range(*word.span())]


def _automaton(found: Mapping[str, list[Entry]]) -> "ahocorasick.Automaton":
    import ahocorasick

    automaton = ahocorasick.Automaton()
    for key, entries in found.items():
        automaton.add_word(key, (len(key), entries))
    if found:
        automaton.make_automaton()
    return automaton


def _once(automaton: "ahocorasick.Automaton") -> "ahocorasick.Automaton":
    """The same entries with every letter once."""
    found: dict[str, list[Entry]] = {}
    for key, (_, entries) in automaton.items():
        found.setdefault(collapse(key), []).extend(entries)
    return _automaton(found)


def _finds(automaton: "ahocorasick.Automaton", text: str) -> Iterator[tuple[int, int, list[Entry]]]:
    if not len(automaton):
        return
    for last, (length, entries) in automaton.iter(text):
        yield last + 1 - length, last + 1, entries


def unmasked(hits: Sequence[Hit]) -> list[Hit]:
    """The hits that do not lie inside a harmless phrase."""
    harmless = sorted((hit.start, hit.end) for hit in hits if hit.entry.category is None)
    starts = [start for start, _ in harmless]
    # How far the harmless phrases that begin up to each start reach.
    reached = list(accumulate((end for _, end in harmless), max))

    def is_masked(hit: Hit) -> bool:
        begun = bisect_right(starts, hit.start)
        return bool(begun) and hit.end <= reached[begun - 1]

    return [hit for hit in hits if hit.entry.category and not is_masked(hit)]


def judge(hits: Sequence[Hit], reach: int | None = None) -> Iterator[tuple[str, float, int, int]]:
    """Phrases as they are; halves of a pair where they stand near each other. `reach` overrides every `within`."""
    halves: dict[Pair, tuple[list[Hit], list[Hit]]] = {}
    for hit in hits:
        assert hit.entry.category is not None
        if hit.entry.pair is None:
            yield hit.entry.category, PHRASE_SCORE, hit.start, hit.end
        else:
            halves.setdefault(hit.entry.pair, ([], []))[hit.entry.half].append(hit)
    for pair, (firsts, seconds) in halves.items():
        within = pair.within if reach is None else reach
        for start, end in _meetings(firsts, seconds, within):
            yield pair.category, PAIR_SCORE, start, end
        if pair.either_order:
            for start, end in _meetings(seconds, firsts, within):
                yield pair.category, PAIR_SCORE, start, end


def _meetings(befores: Sequence[Hit], afters: Sequence[Hit], within: int) -> Iterator[tuple[int, int]]:
    """From where to where one of `befores` is followed by one of `afters` with at most `within` between."""
    ordered = sorted(afters, key=lambda hit: hit.first)
    firsts = [hit.first for hit in ordered]
    for before in befores:
        near = slice(bisect_left(firsts, before.last + 1), bisect_right(firsts, before.last + 1 + within))
        for after in ordered[near]:
            yield before.start, after.end
