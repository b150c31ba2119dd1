"""Every dependency is pinned exactly and has its reason in docs/decisions/dependencies.md."""

import json
import re
from pathlib import Path

import pytest

from tests.house.sources import ROOT

FILES = [ROOT / "requirements.txt", ROOT / "tests" / "requirements.txt", ROOT / "docker" / "web.txt"]
REASONS = (ROOT / "docs" / "decisions" / "dependencies.md").read_text()
PINNED = re.compile(r"(?P<name>[A-Za-z0-9_-]+)(?:\[[a-z,]+\])?==[\w.]+(?: ; .+)?")


def lines_of(path: Path) -> list[str]:
    return [line for line in path.read_text().splitlines() if line and not line.startswith("#")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_line_is_pinned_exactly(path: Path) -> None:
    loose = [line for line in lines_of(path) if not PINNED.fullmatch(line)]
    assert not loose


def test_every_dependency_has_its_reason() -> None:
    names = {found["name"] for path in FILES for line in lines_of(path) if (found := PINNED.fullmatch(line))}
    assert len(names) > 30
    assert not {name for name in names if not re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", REASONS)}


def test_the_browser_packages_are_pinned_exactly() -> None:
    package = json.loads((ROOT / "frontend" / "package.json").read_text())
    versions = package["dependencies"] | package["devDependencies"]
    assert not {
        name: version for name, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)
    }
