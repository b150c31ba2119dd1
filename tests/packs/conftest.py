"""What the tests of packs share: the real models, loaded once."""

import pytest

from runtime.models.manager import ModelManager
from tests.models.cache import real_models


@pytest.fixture(scope="session")
def models() -> ModelManager:
    return ModelManager(real_models())
