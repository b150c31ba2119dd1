"""What every filter promises: that people can read what it does, and that the default policy can count on it."""

import inspect
import re

import pytest

from runtime.models.catalog import load_catalog
from runtime.packs.safety import categories
from runtime.ports import Kind
from runtime.safety.filters import Category, Filter, load_filters
from runtime.safety.policy import default_policy

FILTERS = load_filters()
CHINESE = re.compile(r"[\u4e00-\u9fff]")

each = pytest.mark.parametrize("item", FILTERS.values(), ids=FILTERS)


@each
def test_it_says_what_it_is_and_what_it_misses(item: Filter) -> None:
    spec = item.spec
    for words in (spec.title, spec.misses, *(category.title for category in spec.categories)):
        assert words.en.strip()
        assert CHINESE.search(words.zh)
    assert len(spec.misses.en) > 80
    assert spec.licence
    assert spec.cost > 0
    assert spec.media
    assert spec.categories
    assert set(spec.languages) <= {"en", "zh"}


@each
def test_its_model_and_the_filters_it_uses_are_known(item: Filter) -> None:
    assert item.spec.model is None or item.spec.model in load_catalog()
    for name in item.spec.uses:
        assert set(FILTERS[name].spec.categories) <= set(item.spec.categories)
        assert not FILTERS[name].spec.uses, "what a filter needs is known without a walk"


def test_the_models_of_the_default_policy_come_by_default() -> None:
    """But for sound: its model is as large as the others together, and a workflow without it is refused."""
    quiet = [rule for rule in default_policy().rules if rule.media != (Kind.AUDIO,)]
    named = {use.filter for rule in quiet for use in rule.chain}
    for name in named | {used for user in named for used in FILTERS[user].spec.uses}:
        model = FILTERS[name].spec.model
        assert model is None or load_catalog()[model].default


@each
def test_its_check_takes_data_and_services(item: Filter) -> None:
    assert list(inspect.signature(item.check).parameters) == ["data", "services"]


def test_every_filter_of_the_default_policy_exists_for_its_media() -> None:
    for rule in default_policy().rules:
        for use in rule.chain:
            spec = FILTERS[use.filter].spec
            assert all(map(spec.reads, rule.media)), f"{rule.id}: {use.filter}"
            assert set(use.categories) <= {category.id for category in spec.categories}


def test_an_id_means_one_category_everywhere() -> None:
    shared = {item.id: item for item in vars(categories).values() if isinstance(item, Category)}
    for item in FILTERS.values():
        for category in item.spec.categories:
            assert shared[category.id] is category
