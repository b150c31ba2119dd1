"""The console's Chinese: complete, and compiled as it stands."""

import ast
import gettext
import io
from pathlib import Path

import pytest

from builder.console.translations import MO, PO, read_po, write_mo
from tests.house.sources import python_of, tree_of

MARKS = frozenset({"_", "gettext", "gettext_lazy"})


def texts_of(path: Path) -> set[str]:
    """The texts of a module that are marked for translation."""
    calls = (node for node in ast.walk(tree_of(path)) if isinstance(node, ast.Call) and node.args)
    return {
        call.args[0].value
        for call in calls
        if isinstance(call.func, ast.Name)
        and call.func.id in MARKS
        and isinstance(call.args[0], ast.Constant)
    }


def test_every_text_has_a_translation() -> None:
    wanted = set().union(*(texts_of(path) for path in python_of("builder")))
    known = read_po(PO.read_text(encoding="utf-8"))
    assert len(wanted) > 50
    assert not sorted(text for text in wanted if not known.get(text))


def test_the_compiled_catalogue_is_current() -> None:
    assert MO.read_bytes() == write_mo(read_po(PO.read_text(encoding="utf-8")))


def test_pythons_own_reader_finds_every_text_in_the_compiled_catalogue() -> None:
    texts = {
        "": "Content-Type: text/plain; charset=UTF-8\n",
        "run": "运行",
        "a": "甲",
        'quote "it"': "引号“它”",
    }
    catalogue = gettext.GNUTranslations(io.BytesIO(write_mo(texts)))
    assert {name: catalogue.gettext(name) for name in texts if name} == {k: v for k, v in texts.items() if k}


def test_a_text_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        read_po('msgid "a"\nmsgstr "b"\nmsgid "a"\nmsgstr "c"\n')
