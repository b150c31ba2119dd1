"""What the engine's tests share."""

from pathlib import Path

import pytest

from tests.engine.segments import Bench


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)
