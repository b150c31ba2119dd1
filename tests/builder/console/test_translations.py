"""The console's Chinese: complete, and compiled as it stands."""

import ast
import gettext
import io
import re
from pathlib import Path

import pytest
import unfold
from django.utils.translation import gettext as django_gettext
from django.utils.translation import override

from builder.console.translations import MO, PO, read_po, write_mo
from builder.console.vocabulary import (
    ACTIONS,
    CAPABILITIES,
    MEDIA,
    MODEL_STATES,
    RESOURCES,
    RUN_STATES,
    SINKS,
    SOURCES,
    STEP_STATES,
    STEP_WAITS,
    Table,
)
from runtime.dispatch.states import RunState, StepState
from runtime.dispatch.store import WaitsFor
from runtime.labels import Sink, Source
from runtime.nodes.spec import Resource
from runtime.ports import Kind
from runtime.safety.policy import Action
from tests.house.sources import ROOT, python_of, tree_of

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


def test_every_text_of_our_own_pages_has_a_translation() -> None:
    pages = (ROOT / "builder" / "console" / "templates").rglob("*.html")
    marked = re.compile(r'{%\s*translate\s+"([^"]*)"')
    texts = {text for page in pages for text in marked.findall(page.read_text(encoding="utf-8"))}
    known = read_po(PO.read_text(encoding="utf-8"))
    assert len(texts) > 30
    assert not sorted(text for text in texts if not known.get(text))


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


def test_what_is_counted_has_its_one_chinese_form() -> None:
    counted = 'msgid "%d run"\nmsgid_plural "%d runs"\nmsgstr[0] "%d 次运行"\n'
    header = "Content-Type: text/plain; charset=UTF-8\nPlural-Forms: nplurals=1; plural=0;\n"
    catalogue = gettext.GNUTranslations(io.BytesIO(write_mo({"": header} | read_po(counted))))
    assert {catalogue.ngettext("%d run", "%d runs", count) for count in (1, 2)} == {"%d 次运行"}


def test_a_text_that_stands_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="twice"):
        read_po('msgid "a"\nmsgstr "b"\nmsgid "a"\nmsgstr "c"\n')


STUDIO = ROOT / "frontend" / "src" / "i18n"


@pytest.mark.parametrize(("folder", "language"), [("en", "en"), ("zh", "zh-hans")])
@pytest.mark.parametrize(
    ("table", "module", "prefix"),
    [
        (RUN_STATES, "runs.ts", "state_"),
        (STEP_STATES | STEP_WAITS, "runs.ts", "step_"),
        (MODEL_STATES, "models.ts", "state_"),
        (CAPABILITIES, "models.ts", "capability_"),
    ],
)
def test_the_console_and_the_studio_use_the_same_words(
    table: Table, module: str, prefix: str, folder: str, language: str
) -> None:
    text = (STUDIO / folder / module).read_text(encoding="utf-8")
    said = dict(re.findall(rf"^  {prefix}(\w+): '([^']*)',$", text, re.MULTILINE))
    with override(language):
        ours = {name.replace("-", "_"): str(words) for name, words in table.items()}
    assert said == ours


def test_every_state_sink_source_medium_and_action_has_words() -> None:
    assert set(RUN_STATES) == set(RunState)
    assert set(STEP_STATES) == set(StepState)
    assert set(STEP_WAITS) == set(WaitsFor)
    assert set(SINKS) == set(Sink)
    assert set(SOURCES) == set(Source)
    assert set(MEDIA) == set(Kind)
    assert set(ACTIONS) == set(Action)
    assert set(RESOURCES) == set(Resource)


def test_every_text_of_unfold_s_own_pages_is_in_chinese() -> None:
    pages = Path(unfold.__file__).with_name("templates").rglob("*.html")
    marked = re.compile(r'{%\s*trans(?:late)?\s+"([^"]*)"')
    texts = {text for page in pages for text in marked.findall(page.read_text(encoding="utf-8"))}
    assert len(texts) > 50
    with override("zh-hans"):
        assert not sorted(text for text in texts if django_gettext(text) == text)
