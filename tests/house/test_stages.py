"""The stages of `manage.py test` count honestly."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from builder.bootstrap import places
from builder.bootstrap.talk import Refusal
from tests.stages import chromium, lanes
from tests.stages.__main__ import choose
from tests.stages.lanes import environment, how_many, run_all
from tests.stages.parts import APART, ON_POSTGRES, PARTS, REST, is_on_postgres, parts
from tests.stages.report import Counts, Result, read_junit, table
from tests.stages.stages import LONGEST_FIRST, Stage, of_paths

JUNIT = """<testsuites><testsuite>
<testcase classname="a" name="passes"/>
<testcase classname="a" name="fails"><failure message="x"/></testcase>
<testcase classname="a" name="breaks"><error message="y"/></testcase>
<testcase classname="a" name="waits"><skipped message="no such thing here"/></testcase>
</testsuite></testsuites>"""


def test_failures_errors_and_skips_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "junit.xml"
    path.write_text(JUNIT)
    assert read_junit(path) == Counts(1, ("a::fails: x", "a::breaks: y"), ("a::waits: no such thing here",))


def test_a_stage_that_leaves_no_counts_has_failed(tmp_path: Path) -> None:
    assert read_junit(tmp_path / "missing.xml") == Counts(failed=("missing.xml was never written",))


def test_the_last_line_sums_up_and_failures_and_skips_are_named() -> None:
    results = [
        Result("lint", False, 1.0),
        Result("one", True, 2.0, Counts(3, (), ("x: why",))),
        Result("two", False, 2.0, Counts(4, ("y: because",))),
    ]
    lines = table(results)
    assert lines[-1] == "7 passed, 1 failed"
    assert "  x: why" in lines and "  y: because" in lines
    assert "Stages that failed: lint, two" in lines


def run(stage: Stage) -> Result:
    (result,) = run_all([stage], 1)
    return result


def test_every_kind_of_check_has_its_stage() -> None:
    expected = {
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
    }
    assert {stage.name for stage in choose([])} == expected


def test_the_parts_leave_no_test_out_and_run_none_twice() -> None:
    named = [path for paths in PARTS.values() for path in paths]
    assert len({*named}) == len(named) and all((places.ROOT / path).is_dir() for path in named)
    everything, *ignored = parts()[REST]
    assert everything == "tests"
    assert {*ignored} == {f"--ignore={path}" for path in (*named, *APART)}
    assert {stage.part for stage in choose(["pytest"])} == {*PARTS, REST}
    assert {stage.part for stage in choose(["postgres"])} == {*ON_POSTGRES}
    assert sorted(LONGEST_FIRST) == sorted(s.title for s in choose(["pytest", "postgres"]))
    assert is_on_postgres(places.ROOT / PARTS[ON_POSTGRES[0]][0] / "test_it.py")
    assert not is_on_postgres(places.ROOT / "tests" / "test_it.py")
    for path in APART:
        assert any(path in stage.command for stage in choose([]))


def test_stages_and_paths_can_be_named() -> None:
    assert [stage.name for stage in choose(["ruff", "mypy"])] == ["ruff", "mypy"]
    assert [stage.title for stage in choose(["pytest:api"])] == ["pytest:api"]
    (stage,) = choose(["tests/house/test_stages.py"])
    assert stage == of_paths(["tests/house/test_stages.py"])
    with pytest.raises(Refusal, match="'nonsense' is neither a stage"):
        choose(["nonsense"])


def test_the_callers_installation_is_none_of_the_tests_business(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SLUICEWAY_HOME", "/home/of/somebody")
    monkeypatch.setenv("SLUICEWAY_TEST_POSTGRES", "postgres://server/name")
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    assert "PYTHONDONTWRITEBYTECODE" not in environment()
    assert "SLUICEWAY_HOME" not in environment()
    assert environment()["SLUICEWAY_TEST_POSTGRES"] == "postgres://server/name"
    assert environment()["DJANGO_SETTINGS_MODULE"] == "tests.settings"


def test_without_chromium_and_without_root_one_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("SLUICEWAY_CHROMIUM", raising=False)
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(Refusal, match=r"The tests need Chromium and a Chinese font\. Install it"):
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
    assert result.counts == Counts(failed=("browser: it never began",))
    assert "no browser" in result.note


def test_stages_run_side_by_side_and_are_told_in_their_order(tmp_path: Path) -> None:
    """Each waits until the other has begun."""
    script = "touch $1; until [ -e $2 ]; do sleep 0.01; done; exit $3"
    one = Stage("one", ("sh", "-c", script, "-", "one", "two", "1"), tmp_path)
    two = Stage("two", ("sh", "-c", script, "-", "two", "one", "0"), tmp_path)
    results = run_all([one, two, Stage("three", ("true",), tmp_path)], 2)
    assert [(result.name, result.ok) for result in results] == [
        ("one", False),
        ("two", True),
        ("three", True),
    ]


def test_what_stages_say_side_by_side_is_shown_whole(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    script = "echo $1 begins; touch $1; until [ -e $2 ]; do sleep 0.01; done; echo $1 ends >&2"
    pair = [Stage(a, ("sh", "-c", script, "-", a, b), tmp_path) for a, b in ("xy", "yx")]
    run_all(pair, 2)
    said = capsys.readouterr().out
    assert "=== x\nx begins\nx ends\n" in said and "=== y\ny begins\ny ends\n" in said


def test_an_interrupted_run_leaves_no_stage_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(seconds: float) -> None:
        raise KeyboardInterrupt

    undone: list[str] = []

    @contextmanager
    def prepare() -> Iterator[dict[str, str]]:
        yield {}
        undone.append("prepared")

    monkeypatch.setattr(lanes, "sleep", interrupt)
    monkeypatch.setattr(lanes, "SECONDS_TO_STOP", 0.01)
    pid = tmp_path / "pid"
    script = f"echo $$ > {pid}.new; mv {pid}.new {pid}; exec sleep 1000"
    with pytest.raises(KeyboardInterrupt):
        run_all([Stage("long", ("sh", "-c", script), tmp_path, prepare=prepare)], 1)
    assert undone == ["prepared"]
    if pid.exists():  # it may have been ended before it could say who it is
        with pytest.raises(ProcessLookupError):
            os.kill(int(pid.read_text()), 0)


def test_there_is_a_lane_for_each_processor_up_to_some(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SLUICEWAY_TEST_LANES", raising=False)
    assert 1 <= how_many() <= lanes.MOST_LANES
    monkeypatch.setenv("SLUICEWAY_TEST_LANES", "7")
    assert how_many() == 7
