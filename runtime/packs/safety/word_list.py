"""Word lists: phrases, and pairs of an intent near an object, found in all views of a text in one pass each."""

import re
import tomllib
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from runtime.packs.safety.entries import Entry, Hit, Pair, judge, unmasked, waiting
from runtime.packs.safety.in_one_go import clear_of
from runtime.packs.safety.taken_apart import REACH, WORD, Words
from runtime.packs.safety.texts import past_reading
from runtime.packs.safety.views import Reading, View, collapse, normalise, read, undisguised, views_of
from runtime.safety.filters import HELD_BACK, Match
from runtime.values import Json

if TYPE_CHECKING:
    import ahocorasick


class Script(StrEnum):
    """How entries stand in a text: as words with borders, without any borders, or as syllables of pinyin."""

    WORDS = "words"
    SOLID = "solid"
    PINYIN = "pinyin"


# A short entry is found inside innocent words where there are no borders, and by chance where letters are turned.
SHORTEST_IN_RUN = {Script.WORDS: 6, Script.SOLID: 2, Script.PINYIN: 10}
SHORTEST_HALF_IN_RUN = {Script.WORDS: 4, Script.SOLID: 2, Script.PINYIN: 4}
SHORTEST_TURNED = {Script.WORDS: 5, Script.SOLID: 3}
SHORTEST_PINYIN = 8
# So many words at the end of a text that grows may yet become one, when a fourth single letter comes ("b o m b").
_MAY_JOIN = 4

# Scripts that are written without borders between words: Thai, Lao, Burmese, Khmer, Japanese, Chinese.
BORDERLESS = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff]")
_SYLLABLES = re.compile(r"[a-z]+")
_CONTAINS = {
    Script.WORDS: re.compile(r"[^\W_]"),
    Script.SOLID: BORDERLESS,
    Script.PINYIN: re.compile(r"[a-z]"),
}


@dataclass(frozen=True, slots=True)
class Searched:
    """The text that is searched, and what it was made from, so that places are only looked up for what is found."""

    text: str
    places: Callable[[], "Places"]


class Places(Protocol):
    """Where in the view each letter of what was searched stands."""

    def __getitem__(self, place: int, /) -> int: ...


class _WordPlaces:
    """Of words with a blank before the first and behind each; a blank is where the word before it ends."""

    def __init__(self, words: Words) -> None:
        self._borders, self._starts = words.borders, words.word_starts

    def __getitem__(self, place: int, /) -> int:
        word = bisect_left(self._borders, place) - 1
        if word < 0:
            return 0
        # Of the blank behind a word, its last letter.
        behind = min(place + 1, self._borders[word + 1]) - self._borders[word]
        return self._starts[word] + behind - 2


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
        self._longest = max(map(len, bordered if script is Script.WORDS else solid), default=0)
        halves = [key for key, found in bordered.items() if any(entry.pair for entry in found)]
        self._most_words = max((key.count(" ") - 1 for key in halves), default=0)

    def search(self, words: Words) -> Iterator[tuple[str, float, int, int]]:
        """(category, score, start, end) of every match, in places of the original text."""
        view = words.view
        if not self._reads(view) or not _contains(self.script, view.text):
            return
        hits, searched = self._hits(words)
        begun = self._begun(hits, searched, words)
        if not hits and begun is None:
            return
        places: Places | None = None
        if begun is not None:
            places = searched.places()
            words.begun.append(_original(begun, searched, places, view))
        for category, score, start, end in self._judged(unmasked(hits), view):
            if len(searched.text[start:end].strip()) < self._shortest(view):
                continue
            places = places or searched.places()
            # The borders of an entry of words are the blanks around it; only the words themselves count.
            inner = 1 if searched.text[start] == " " else 0
            yield category, score, *view.span(places[start + inner], places[end - inner - 1] + 1)

    def may_have(self, words: Words) -> bool:
        """Whether anything would be found here, were there no harmless phrases: those of a neighbour must hide nothing."""
        if not self._reads(words.view) or not _contains(self.script, words.view.text):
            return False
        hits = [hit for hit in self._hits(words)[0] if hit.entry.category]
        return any(True for _ in self._judged(hits, words.view))

    def _hits(self, words: Words) -> tuple[list[Hit], Searched]:
        if words.view.run:
            return self._in_run(words.view)
        if self.script is Script.WORDS:
            return self._among_words(words)
        return self._in_solid(words) if self.script is Script.SOLID else self._among_syllables(words)

    def _begun(self, hits: Sequence[Hit], searched: Searched, words: Words) -> int | None:
        """How much of the searched text, counted from the end that grows, may still become part of a match.

        None when all of it is at the end of the original that is held back anyway.
        """
        view, length = words.view, len(searched.text)
        if view.closed or view.mixed:  # what is shown in another order than written is open with its line
            return None
        spelled = self.script is Script.PINYIN and not view.run
        # Where letters are left out of a view, few of it may be many of the original.
        thinned = view.collapsed or (spelled and words.may_be_wide(2 * self._longest + REACH))
        begun = self._begun_spelling(words) if spelled else self._begun_entry(view, length)
        if self.script is Script.WORDS and not view.run:
            halves = waiting(hits, view.backwards, len(words.each), self._most_words + _MAY_JOIN)
        else:
            within = None if self.script is Script.SOLID else REACH
            halves = waiting(hits, view.backwards, length, self._longest, within)
        begun = max([begun, *(half.end if view.backwards else length - half.start for half in halves)])
        return begun if begun and (thinned or begun > HELD_BACK) else None

    def _begun_entry(self, view: View, length: int) -> int:
        """As much as the longest entry has, where a stream may hold back less."""
        return min(self._longest, length) if view.collapsed or self._longest > HELD_BACK else 0

    def _begun_spelling(self, words: Words) -> int:
        """How much, from the beginning of a word to the end, is the beginning of an entry in pinyin."""
        if self._longest <= HELD_BACK and not words.may_be_wide(self._longest):
            return 0
        text, borders = words.syllables, words.syllable_borders
        near = borders[bisect_left(borders, len(text) - self._longest) :]
        return max((len(text) - at for at in near if self._solid.match(text[at:])), default=0)

    def _reads(self, view: View) -> bool:
        """Pinyin is not looked for backwards, and only Latin letters are drawn out."""
        if self.script is Script.PINYIN:
            return not view.turned and not view.collapsed
        return self.script is Script.WORDS or not view.collapsed

    def _judged(self, hits: Sequence[Hit], view: View) -> Iterator[tuple[str, float, int, int]]:
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
            words = " ".join(WORD.findall(normal))
            return (f" {words} ",) if words else ()
        solid = (
            "".join(WORD.findall(normal))
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
        borders = words.borders if found else []
        hits = [
            Hit(entry, start, end, bisect_left(borders, start), bisect_left(borders, end - 1) - 1)
            for start, end, entries in found
            for entry in entries
        ]
        return hits, Searched(text, lambda: _WordPlaces(words))

    def _in_solid(self, words: Words) -> tuple[list[Hit], Searched]:
        view = words.view
        text = "".join(words.each)
        hits = [
            Hit(entry, start, end, start, end - 1)
            for start, end, entries in _finds(self._solid, text)
            for entry in entries
        ]
        return hits, Searched(text, lambda: _places_of(WORD, view.text))

    def _among_syllables(self, words: Words) -> tuple[list[Hit], Searched]:
        """Pinyin is written with blanks anywhere, and with the number of a tone; it begins and ends with a word."""
        text = words.syllables
        searched = Searched(text, lambda: words.syllable_places)
        found = list(_finds(self._solid, text))
        if not found:
            return [], searched
        borders = set(words.syllable_borders)
        hits = [
            Hit(entry, start, end, start, end - 1)
            for start, end, entries in found
            if end in borders and start in borders
            for entry in entries
        ]
        return hits, searched


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
    begun: list[int] = []
    for words in map(Words, _worth_a_look(reading, lists)):
        for word_list in lists:
            for category, score, start, end in word_list.search(words):
                found.setdefault(category, []).append((start, end, score))
        begun += words.begun
    for category, spans in found.items():
        yield from _merged(category, spans)
    # What a stream holds back anyway need not be told.
    far = [place for place in begun if sum(map(str.isalnum, text[place:])) > HELD_BACK]
    yield from past_reading(text, reading, far)


def _worth_a_look(reading: Reading, lists: Sequence[WordList]) -> Iterator[View]:
    """All its views but those of encoded parts in which, looked at together, nothing is found."""
    yield from reading.own
    each = [part.said for part in reading.parts]
    clear = clear_of(each, lambda text: _may_be_found(undisguised(text), lists))
    for part in reading.parts:
        if part.said not in clear:
            yield from views_of(part)


def _may_be_found(views: Iterable[View], lists: Sequence[WordList]) -> bool:
    return any(words_of.may_have(words) for words in map(Words, views) for words_of in lists)


def may_have_words(text: str, lists: Iterable[WordList]) -> bool:
    """Whether any list may find anything in a text, or something in it cannot be read."""
    reading = read(text)
    return bool(reading.unread) or _may_be_found(reading.views, tuple(lists))


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


def _original(part: int, searched: Searched, places: Places, view: View) -> int:
    """Where that much of the searched text, counted from the end that grows, begins in the original."""
    first, last = (0, part) if view.backwards else (len(searched.text) - part, len(searched.text))
    return view.span(places[first], places[last - 1] + 1)[0]


def _contains(script: Script, text: str) -> bool:
    if script is Script.SOLID and text.isascii():
        return False
    return _CONTAINS[script].search(text) is not None


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
