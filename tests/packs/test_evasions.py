"""Metamorphic: whatever the list finds, it finds in disguise, and in a disguise over a disguise; clean text passes."""

import random

import pytest

from runtime.models.manager import ModelManager
from runtime.safety.filters import Filter, load_filters
from tests.bench.detection import (
    BAR_FALSE_ALARMS,
    BAR_KEPT,
    DEFAULT,
    LANGUAGES,
    PARTS,
    Services,
    filled,
    look,
    rows,
)
from tests.packs.doubles import MemoryAssets
from tests.packs.evasions import EVASIONS, Evasion, nested
from tests.packs.terms import all_found_in, found_in, is_long_enough, terms

SINGLE = [(language, evasion) for evasion in EVASIONS for language in evasion.languages]
# Each disguise hides one entry in so many, and each entry is hidden by one disguise in so many, whichever they are:
# `manage.py bench detection` hides all of them in all, and asks for the same share of them.
SHARE = 4
NESTED_SHARE = 2  # and of the pairs of disguises, one over the other, one in so many
each = pytest.mark.parametrize(
    ("language", "evasion"), SINGLE, ids=[f"{e.name}, {name}" for name, e in SINGLE]
)


@each
def test_the_entries_are_found_in_a_disguise(language: str, evasion: Evasion) -> None:
    every = [term for term in terms(language) if is_long_enough(term[1], evasion, language)]
    assert len(every) > 200
    tried = every[EVASIONS.index(evasion) % SHARE :: SHARE]
    lost = [text for category, text in tried if not found_in(evasion.write(text), category)]
    assert len(lost) <= (1 - BAR_KEPT) * len(tried), lost


@pytest.mark.parametrize("language", LANGUAGES)
def test_entries_are_found_in_a_disguise_over_another(language: str) -> None:
    shuffled = random.Random(7).sample(terms(language), len(terms(language)))
    tried = [
        (evasion, term)
        for number, evasion in enumerate(nested(language))
        if number % NESTED_SHARE == 0
        and is_long_enough((term := shuffled[number % len(shuffled)])[1], evasion, language)
    ]
    lost = [
        (evasion.name, text)
        for evasion, (category, text) in tried
        if not found_in(evasion.write(text), category)
    ]
    assert len(tried) > 150
    assert len(lost) <= (1 - BAR_KEPT) * len(tried) + 1, lost


@pytest.mark.parametrize("language", LANGUAGES)
def test_clean_text_passes_in_disguise_too(language: str) -> None:
    """A decoder that finds harm where none was written would stop what it should not."""
    clean = [row["text"] for row in rows(language) if not row["categories"]]
    categories = {category for category, _ in terms(language)}
    ours = [evasion for evasion in EVASIONS if language in evasion.languages]
    written = [(text, ours[number % len(ours)]) for number, text in enumerate(clean)]
    stopped = [
        (evasion.name, text) for text, evasion in written if all_found_in(evasion.write(text)) & categories
    ]
    assert len(stopped) <= BAR_FALSE_ALARMS * len(clean), stopped


@pytest.mark.parametrize("language", LANGUAGES)
def test_clean_text_passes_the_default_policy(language: str, models: ModelManager) -> None:
    services = Services(MemoryAssets(), models)
    filters = [load_filters()[name] for name in DEFAULT]
    clean = [row["text"] for part in PARTS for row in rows(language, part) if not row["categories"]]
    stopped = [text for text in clean if _named(filters, filled(text), services)]
    assert len(clean) > 250
    assert len(stopped) <= BAR_FALSE_ALARMS * len(clean), stopped


def _named(filters: list[Filter], text: str, services: Services) -> frozenset[str]:
    return frozenset().union(*(look(item, text, services) for item in filters))
