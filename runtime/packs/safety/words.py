"""safety.words: words of harmful intent, by category, in English and Chinese."""

import re
import tomllib
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import ahocorasick

from runtime.packs.safety import categories
from runtime.packs.safety.texts import check_texts, past_reading
from runtime.packs.safety.views import View, normalise, read
from runtime.ports import Kind
from runtime.safety.filters import Filter, FilterServices, FilterSpec, Match
from runtime.values import Data, Json
from runtime.words import Words

SPEC = FilterSpec(
    id="safety.words",
    version=1,
    title=Words("Harmful words", "有害词语"),
    media=(Kind.TEXT, Kind.JSON),
    categories=(
        categories.VIOLENT_CRIMES,
        categories.NON_VIOLENT_CRIMES,
        categories.SEX_CRIMES,
        categories.CHILD_EXPLOITATION,
        categories.WEAPONS,
        categories.HATE,
        categories.SELF_HARM,
        categories.SEXUAL_CONTENT,
        categories.ENCODED,
    ),
    languages=("en", "zh"),
    licence="Apache-2.0",
    misses=Words(
        "Knows only what is in its lists: new words, paraphrase, other languages, rot13 and hints pass. "
        "It cannot tell a threat from a quotation. Defamation, specialised advice, privacy, intellectual property, "
        "elections and code abuse (S5 to S8, S13, S14) cannot be told by words and are not looked for.",
        "只认识词表中的内容：新词、改述、其他语言、rot13 与暗示都会漏过；无法区分威胁与引用。"
        "诽谤、专业建议、隐私、知识产权、选举与代码滥用（S5 至 S8、S13、S14）无法靠词语判断，因此不予检查。",
    ),
)

PHRASE_SCORE = 1.0
PAIR_SCORE = 0.9
# In text without word borders a short entry would be found inside innocent words.
SHORTEST_IN_RUN = 6
RUN_REACH = 24


@dataclass(frozen=True, slots=True)
class Pair:
    """An intent near an object: at most `within` words (Chinese: characters) may stand between them."""

    number: int
    category: str
    within: int
    either_order: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """What a found text means: a phrase of a category, or one half (0 or 1) of a pair."""

    category: str
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


class WordList:
    """One language's list, ready to search."""

    def __init__(self, data: Mapping[str, Json]) -> None:
        self._chinese = data["language"] == "zh"
        self._harmless = {self._key(text) for text in data["harmless"]}
        found: dict[str, list[Entry]] = {key: [] for key in self._harmless}
        for category, body in data["categories"].items():
            for text in body.get("phrases", ()):
                found.setdefault(self._key(text), []).append(Entry(category))
            for number, item in enumerate(body.get("pairs", ())):
                pair = Pair(number, category, item["within"], item.get("either_order", False))
                for half, texts in enumerate((item["first"], item["second"])):
                    for text in texts:
                        found.setdefault(self._key(text), []).append(Entry(category, pair, half))
        self._bordered = _automaton(found)
        squeezed = {key.replace(" ", ""): entries for key, entries in found.items()}
        self._squeezed = _automaton(
            {k: e for k, e in squeezed.items() if len(k) >= (3 if self._chinese else 4)}
        )

    def search(self, view: View) -> Iterator[tuple[str, float, int, int]]:
        """(category, score, start, end) of every match, in places of the original text."""
        if view.run:
            yield from self._search_run(view)
            return
        text, places = self._bare(view.text)
        borders = [place for place, char in enumerate(text) if char == " "]
        hits: list[Hit] = []
        masked: list[tuple[int, int]] = []
        for start, end, key, entries in _finds(self._bordered, text):
            if key in self._harmless:
                masked.append((start, end))
            first, last = (
                (start, end - 1)
                if self._chinese
                else (bisect_right(borders, start), bisect_right(borders, end - 2))
            )
            hits += [Hit(entry, start, end, first, last) for entry in entries]
        hits = [
            hit for hit in hits if not any(start <= hit.start and hit.end <= end for start, end in masked)
        ]
        for category, score, start, end in _judge(hits):
            # The borders of an English entry are spaces around it; only the words themselves count.
            inner = (start, end) if self._chinese else (start + 1, end - 1)
            yield category, score, *view.span(places[inner[0]], places[inner[1] - 1] + 1)

    def _search_run(self, view: View) -> Iterator[tuple[str, float, int, int]]:
        hits = [
            Hit(entry, start, end, start, end - 1)
            for start, end, _, entries in _finds(self._squeezed, view.text)
            for entry in entries
            if entry.pair or self._chinese or end - start >= SHORTEST_IN_RUN
        ]
        for category, score, start, end in _judge(hits, reach=None if self._chinese else RUN_REACH):
            yield category, score, *view.span(start, end)

    def _key(self, text: str) -> str:
        return self._bare(normalise(text).text)[0]

    def _bare(self, text: str) -> tuple[str, Sequence[int]]:
        """The text that is searched, and where each of its characters stands in `text`.

        English: words with one space before, between and after them. Chinese: no blanks or punctuation at all.
        """
        if self._chinese:
            kept = [place for place, char in enumerate(text) if char.isalnum()]
            return "".join(text[place] for place in kept), kept
        bare, places = [" "], [0]
        for word in _WORD.finditer(text):
            bare += [*word[0], " "]
            places += [*range(word.start(), word.end()), word.end() - 1]
        return "".join(bare), places


_WORD = re.compile(r"[^\W_]+")


@cache
def word_lists() -> tuple[WordList, ...]:
    folder = Path(__file__).with_name("lists")
    return tuple(
        WordList(tomllib.loads(path.read_text(encoding="utf-8"))) for path in sorted(folder.glob("*.toml"))
    )


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    return check_texts(data, _check_text)


def _check_text(text: str) -> Iterator[Match]:
    found: dict[str, list[tuple[int, int, float]]] = {}
    reading = read(text)
    for view in reading.views:
        for word_list in word_lists():
            for category, score, start, end in word_list.search(view):
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


WORDS = Filter(SPEC, check)


def _automaton(found: Mapping[str, list[Entry]]) -> ahocorasick.Automaton:
    automaton = ahocorasick.Automaton()
    for key, entries in found.items():
        automaton.add_word(key, (key, entries))
    automaton.make_automaton()
    return automaton


def _finds(automaton: ahocorasick.Automaton, text: str) -> Iterator[tuple[int, int, str, list[Entry]]]:
    for last, (key, entries) in automaton.iter(text):
        yield last + 1 - len(key), last + 1, key, entries


def _judge(hits: Sequence[Hit], reach: int | None = None) -> Iterator[tuple[str, float, int, int]]:
    """Phrases as they are; halves of a pair where they stand near each other. `reach` overrides every `within`."""
    halves: dict[Pair, tuple[list[Hit], list[Hit]]] = {}
    for hit in hits:
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
