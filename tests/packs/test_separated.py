"""Separated: a number, an address or a key is found whole, whichever signs people and programs put into it or beside it."""

import pytest

from runtime.models.manager import ModelManager
from tests.packs.doubles import MemoryAssets
from tests.packs.separated import Told, is_found, rows
from tests.packs.test_text_filters import THRESHOLD, Services


@pytest.mark.parametrize(
    ("name", "every"), list(rows()), ids=lambda given: given if isinstance(given, str) else ""
)
def test_it_is_found_whole(name: str, every: list[Told], models: ModelManager) -> None:
    services = Services(MemoryAssets(), models)
    assert [told[3] for told in every if not is_found(told, THRESHOLD, services)] == []
