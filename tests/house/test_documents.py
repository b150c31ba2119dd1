"""What the documents name is there: the files and pictures that they link to, and the commands."""

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from django.core.management import get_commands

from tests.house.sources import ROOT, every_file

LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|(?:src|href)=\"([^\"]+)\"")
COMMAND = re.compile(r"\bmanage\.py ([a-z_]+)")
# Words that follow "manage.py" in a sentence.
SENTENCE = frozenset({"does"})


def documents() -> list[Path]:
    inside = {path: path.relative_to(ROOT).as_posix() for path in every_file() if path.suffix == ".md"}
    return [
        p for p, name in inside.items() if name in {"README.md", "CONTRIBUTING.md"} or name[:5] == "docs/"
    ]


def links(text: str) -> Iterator[str]:
    """Where the relative links and pictures lead, without what comes after # and ?."""
    for match in LINK.finditer(text):
        address = urlsplit(match[1] or match[2])
        if not address.scheme and not address.netloc and address.path:
            yield unquote(address.path)


def test_the_documents_are_found() -> None:
    assert {"README.md", "CONTRIBUTING.md", "map.md"} <= {path.name for path in documents()}


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_relative_link_and_picture_exists(path: Path) -> None:
    found = links(path.read_text(encoding="utf-8"))
    assert not [link for link in found if not (path.parent / link).exists()]


@pytest.mark.parametrize("path", documents(), ids=lambda path: path.relative_to(ROOT).as_posix())
def test_every_command_that_is_named_exists(path: Path) -> None:
    named = set(COMMAND.findall(path.read_text(encoding="utf-8"))) - SENTENCE
    assert named <= set(get_commands())


def test_the_check_sees_links_and_pictures_and_leaves_other_sites_alone() -> None:
    sample = '[a](b.md#c) ![d](e.png "f") <img src="g.svg"> [h](https://i.org/j) [k](#l)'
    assert list(links(sample)) == ["b.md", "e.png", "g.svg"]
