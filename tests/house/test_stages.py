"""The stages of `manage.py test` count honestly."""

import os
from pathlib import Path

import pytest

from builder.bootstrap.talk import Refusal
from tests.stages import chromium
from tests.stages.__main__ import choose, environment, run
from tests.stages.report import Counts, Result, read_junit, table
from tests.stages.stages import Stage, of_paths

JUNIT = """<testsuites><testsuite>
<testcase classname="a" name="passes"/>
<testcase classname="a" name="fails"><failure message="x"/></testcase>
<testcase classname="a" name="breaks"><error message="x"/></testcase>
<testcase classname="a" name="waits"><skipped message="no such thing here"/></testcase>
</testsuite></testsuites>"""


def test_failures_errors_and_skips_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_text(JUNIT)
    assert read_junit(path) == Counts(1, 2, ("a::waits: no such thing here",))


def test_a_stage_that_leaves_no_counts_has_failed(tmp_path: Path) -> None:
    assert read_junit(tmp_path / "missing.xml") == Counts(failed=1)


def test_the_last_line_sums_up_and_skips_are_named() -> None:
    results = [
        Result("lint", False, 1.0),
        Result("one", True, 2.0, Counts(3, 0, ("x: why",))),
        Result("two", False, 2.0, Counts(4, 1)),
    ]
    lines = table(results)
    assert lines[-1] == "7 passed, 1 failed"
    assert "  x: why" in lines
    assert "Stages that failed: lint, two" in lines


def test_every_kind_of_check_has_its_stage() -> None:
    expected = [
        "ruff",
        "format",
        "mypy",
        "imports",
        "house",
        "pytest",
        "postgres",
        "types",
        "tsc",
        "eslint",
        "prettier",
        "vitest",
        "browser",
    ]
    assert [stage.name for stage in choose([])] == expected


def test_stages_and_paths_can_be_named() -> None:
    assert [stage.name for stage in choose(["ruff", "mypy"])] == ["ruff", "mypy"]
    (stage,) = choose(["tests/house/test_stages.py"])
    assert stage == of_paths(["tests/house/test_stages.py"])
    with pytest.raises(Refusal, match="'nonsense' is neither a stage"):
        choose(["nonsense"])


def test_the_callers_installation_is_none_of_the_tests_business(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEWAY_HOME", "/home/of/somebody")
    monkeypatch.setenv("SLUICEWAY_TEST_POSTGRES", "postgres://server/name")
    assert "SLUICEWAY_HOME" not in environment()
    assert environment()["SLUICEWAY_TEST_POSTGRES"] == "postgres://server/name"
    assert environment()["DJANGO_SETTINGS_MODULE"] == "tests.settings"


def test_without_chromium_and_without_root_one_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SLUICEWAY_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Refusal, match=r"The browser tests need Chromium\. Install it"):
        chromium.ensure()


def test_a_failing_command_is_a_failing_stage(tmp_path: Path) -> None:
    assert not run(Stage("no", ("false",), tmp_path)).ok
    assert run(Stage("yes", ("true",), tmp_path)).ok
    missing = run(Stage("missing", (str(tmp_path / "no-such-program"),), tmp_path))
    assert not missing.ok


def test_a_stage_that_cannot_be_prepared_fails_and_the_next_still_runs(tmp_path: Path) -> None:
    def refuse() -> None:
        raise Refusal("no browser")

    result = run(Stage("browser", ("true",), tmp_path, ("{}",), refuse))  # type: ignore[arg-type]  # it never returns
    assert not result.ok
    assert result.counts == Counts(failed=1)
    assert "no browser" in result.note
