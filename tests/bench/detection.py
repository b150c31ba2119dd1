"""detection: what the text filters recognise on the corpora that the repository carries, and what they cost.

Published, not promised: precision and recall for each category and language, every evasion as a row of its own, and
what passes that should not as well as what is stopped that should not.
"""

import hashlib
import json
import random
import re
import string
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

from runtime.models.manager import ModelManager
from runtime.packs.safety.homophones import SHORTEST, find_homophones
from runtime.safety.filters import Filter, load_filters
from tests.bench.figures import Figure
from tests.models.cache import real_models
from tests.packs.doubles import MemoryAssets
from tests.packs.evasions import EVASIONS, Evasion, nested
from tests.packs.homophones import written_by_ear
from tests.packs.separated import is_found
from tests.packs.separated import rows as separated
from tests.packs.terms import found_in, is_long_enough, terms

CORPORA = Path(__file__).resolve().parents[1] / "corpora"
LANGUAGES = ("en", "zh")
# The word lists were extended once by what they missed in the first of each; nothing was changed after the second.
PARTS = ("", "-unseen")
THRESHOLD = 0.5
# Which attack it is matters to nobody who is attacked.
ATTACKS = ("prompt_injection", "jailbreak", "data_exfiltration", "model_attack")
# What the default policy runs over text on its way to a person and to a model.
DEFAULT = ("safety.words", "safety.prompt_attack", "safety.personal_data", "safety.secrets")
WITHOUT_MODELS = ("safety.words", "safety.personal_data", "safety.secrets")

BAR_KEPT = 0.99
BAR_FALSE_ALARMS = 0.01
BAR_COST = 3.0  # milliseconds for a KB
NESTED_TERMS = 3
ROUNDS = 30

SIGNS = "See https://example.com/a?b=c for v1.2.3; call f(x) = x^2 at 10:30. Mail bob@example.com! "

BLANK = re.compile(r"<(\w+)>")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a corpus, and what each filter found in it."""

    language: str
    part: str
    text: str
    expected: frozenset[str]
    found: dict[str, frozenset[str]]

    @property
    def categories(self) -> frozenset[str]:
        return frozenset().union(*self.found.values())


@dataclass(frozen=True, slots=True)
class Services:
    assets: MemoryAssets
    models: ModelManager


def measure() -> Sequence[Figure]:
    services = Services(MemoryAssets(), ModelManager(real_models()))
    filters = [load_filters()[name] for name in (*DEFAULT, "safety.profanity")]
    lines = [
        line
        for language, part in product(LANGUAGES, PARTS)
        for line in read_corpus(language, part, filters, services)
    ]
    return [
        *_detected(lines),
        *_false_alarms(lines),
        *_evasions(),
        *_separated(services),
        *_by_sound(),
        *_cost(filters, services),
    ]


def read_corpus(language: str, part: str, filters: Sequence[Filter], services: Services) -> Iterator[Line]:
    for item in rows(language, part):
        text = filled(item["text"])
        found = {filter_.spec.id: look(filter_, text, services) for filter_ in filters}
        yield Line(language, part, text, frozenset(item["categories"]), found)


def rows(language: str, part: str = "") -> list[dict[str, Any]]:
    content = (CORPORA / f"{language}{part}.jsonl").read_text(encoding="utf-8")
    return [json.loads(row) for row in content.splitlines()]


def look(item: Filter, text: str, services: Services) -> frozenset[str]:
    named = {m.category for m in item.check(text, services) if m.score >= THRESHOLD and not m.open}
    return frozenset("prompt_attack" if name in ATTACKS else name for name in named)


def filled(text: str) -> str:
    """The line with its blanks filled at random, but always alike."""
    chance = random.Random(hashlib.sha256(text.encode()).digest())

    def fill(blank: re.Match[str]) -> str:
        if blank[1] == "AWS":
            return "".join(chance.choices(string.ascii_uppercase + string.digits, k=16))
        if blank[1].startswith("hex"):
            return "".join(chance.choices("0123456789abcdef", k=int(blank[1][3:])))
        if not blank[1].isdigit():
            return blank[0]
        return "".join(chance.choices(string.ascii_letters + string.digits, k=int(blank[1])))

    return BLANK.sub(fill, text)


def _detected(lines: Sequence[Line]) -> Iterator[Figure]:
    for language, part in product(LANGUAGES, PARTS):
        ours = [line for line in lines if (line.language, line.part) == (language, part)]
        for category in sorted(frozenset().union(*(line.expected for line in ours))):
            wanted = [line for line in ours if category in line.expected]
            named = [line for line in ours if category in line.categories]
            right = sum(category in line.expected for line in named)
            key = f"{language}{part}.{category}"
            yield Figure(f"{key}.lines", len(wanted), "lines")
            yield Figure(f"{key}.recall", 100 * right / len(wanted), "%")
            if named:
                yield Figure(f"{key}.precision", 100 * right / len(named), "%")
        bad = [line for line in ours if line.expected]
        caught = sum(bool(line.expected & line.categories) for line in bad)
        yield Figure(f"{language}{part}.all_categories.recall", 100 * caught / len(bad), "%")


def _false_alarms(lines: Sequence[Line]) -> Iterator[Figure]:
    """Of the lines that should pass, how many each filter stops, and all that the default policy uses together."""
    for language in LANGUAGES:
        clean = [line for line in lines if line.language == language and not line.expected]
        unseen = [line for line in clean if line.part]
        yield Figure(f"{language}.clean.lines", len(clean), "lines")
        yield Figure(f"{language}.clean.default_chain", _stopped(clean, DEFAULT), "%", 100 * BAR_FALSE_ALARMS)
        yield Figure(f"{language}.clean.default_chain.unseen", _stopped(unseen, DEFAULT), "%")
        for name in clean[0].found:
            yield Figure(f"{language}.clean.{name}", _stopped(clean, (name,)), "%")


def _stopped(lines: Sequence[Line], names: Sequence[str]) -> float:
    return 100 * sum(any(line.found[name] for name in names) for line in lines) / len(lines)


def _evasions() -> Iterator[Figure]:
    """How many entries of the word lists are still found once they are disguised.

    Of those that are long enough to be looked for in that disguise; `of` counts them.
    """
    for language in LANGUAGES:
        every = terms(language)
        yield Figure(f"{language}.evasion.entries", len(every), "entries")
        for evasion in EVASIONS:
            if language in evasion.languages:
                tried = [(evasion, term) for term in every if is_long_enough(term[1], evasion, language)]
                yield from _kept(f"{language}.evasion.{_key(evasion)}", tried)
        yield from _kept(f"{language}.evasion.every_two_nested", _nested(language, every))


def _nested(language: str, every: Sequence[tuple[str, str]]) -> list[tuple[Evasion, tuple[str, str]]]:
    """Every evasion over every other, each with the next few entries."""
    tried = []
    shuffled = random.Random(4).sample(every, len(every))
    for number, evasion in enumerate(nested(language)):
        for place in range(number * NESTED_TERMS, (number + 1) * NESTED_TERMS):
            term = shuffled[place % len(shuffled)]
            if is_long_enough(term[1], evasion, language):
                tried.append((evasion, term))
    return tried


def _separated(services: Services) -> Iterator[Figure]:
    """Numbers, addresses and keys with other signs between and beside them: how many are found, and nothing left of them."""
    for name, every in separated():
        key = f"separated.{name.replace(' ', '_').replace('-', '_')}"
        kept = sum(is_found(told, THRESHOLD, services) for told in every)
        yield Figure(f"{key}.of", len(every), "numbers, addresses and keys")
        yield Figure(key, 100 * kept / len(every), "%", 100 * BAR_KEPT, "at least")


def _by_sound() -> Iterator[Figure]:
    """Chinese written by somebody who only heard it: what the reader for speech finds of it, and what beside the point."""
    every = [(category, text) for category, text in terms("zh") if len(text) >= SHORTEST]
    kept = sum(category in _sounds_like(written_by_ear(text)) for category, text in every)
    yield Figure("zh.by_sound.entries.of", len(every), "entries")
    yield Figure("zh.by_sound.entries", 100 * kept / len(every), "%", 100 * BAR_KEPT, "at least")
    for key, parts in (("clean", PARTS), ("clean_alike", ("-sound",))):
        clean = [row["text"] for part in parts for row in rows("zh", part) if not row["categories"]]
        stopped = sum(bool(_sounds_like(filled(text))) for text in clean)
        yield Figure(f"zh.by_sound.{key}.stopped", stopped, f"of {len(clean)} lines")


def _sounds_like(text: str) -> set[str]:
    return {match.category for match in find_homophones(text)}


def _kept(key: str, tried: Sequence[tuple[Evasion, tuple[str, str]]]) -> Iterator[Figure]:
    kept = sum(found_in(evasion.write(text), category) for evasion, (category, text) in tried)
    yield Figure(f"{key}.of", len(tried), "entries")
    yield Figure(key, 100 * kept / len(tried), "%", 100 * BAR_KEPT, "at least")


def _key(evasion: Evasion) -> str:
    return evasion.name.replace(" ", "_").replace("-", "_")


def _cost(filters: Sequence[Filter], services: Services) -> Iterator[Figure]:
    """Milliseconds of one core for a KB, no text seen before: the best of many rounds. `signs` is the hardest kind."""
    for kind in (*LANGUAGES, "signs"):
        spent = {item.spec.id: _milliseconds(item, _kilobytes(kind), services) for item in filters}
        for name, cost in spent.items():
            yield Figure(f"{kind}.cost.{name}", cost, "ms/KB")
        together = sum(spent[name] for name in WITHOUT_MODELS)
        bar = BAR_COST if kind in LANGUAGES else None
        yield Figure(f"{kind}.cost.chain_without_models", together, "ms/KB", bar)


def _milliseconds(item: Filter, texts: Sequence[str], services: Services) -> float:
    item.check("warm", services)
    best = float("inf")
    for number in range(ROUNDS):
        text = f"{number} {texts[number % len(texts)]}"
        begun = time.process_time()
        list(item.check(text, services))
        spent = time.process_time() - begun
        best = min(best, spent * 1000 / (len(text.encode()) / 1024))
    return best


def _kilobytes(kind: str) -> list[str]:
    """Clean text of the corpora in pieces of about a KB, or addresses, calls and formulas."""
    if kind == "signs":
        return [SIGNS * 12]
    clean = " ".join(item["text"] for item in rows(kind) if not item["categories"])
    step = 1000 if kind == "en" else 380
    return [clean[place : place + step] for place in range(0, len(clean) - step, step)]
