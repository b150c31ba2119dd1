"""The stages, in the order in which they run: cheap checks first."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from builder.bootstrap import bundle, places
from builder.common.management.commands.schema import types_command
from tests.stages import chromium, postgres

Preparation = Callable[[], AbstractContextManager[dict[str, str]]]


def _nothing() -> AbstractContextManager[dict[str, str]]:
    return nullcontext({})


@dataclass(frozen=True, slots=True)
class Stage:
    """One command. `junit` are the arguments that make it write counts; `prepare` gives it variables."""

    name: str
    command: tuple[str, ...]
    folder: Path = places.ROOT
    junit: tuple[str, ...] = ()
    prepare: Preparation = _nothing


def every_stage() -> list[Stage]:
    """All that `manage.py test` runs."""
    return [*_python(), *_browser_app(), _browser()]


def of_paths(paths: list[str]) -> Stage:
    """Only these tests."""
    return Stage("pytest", _pytest(*paths), junit=PYTEST_JUNIT)


PYTEST_JUNIT = ("--junitxml={}", "-o", "junit_family=xunit1")


def _python() -> Iterator[Stage]:
    python = sys.executable
    yield Stage("ruff", (python, "-m", "ruff", "check", "."))
    yield Stage("format", (python, "-m", "ruff", "format", "--check", "."))
    yield Stage("mypy", (python, "-m", "mypy"))
    yield Stage("imports", (str(Path(python).with_name("lint-imports")), "--no-cache"))
    yield Stage("house", _pytest("tests/house"), junit=PYTEST_JUNIT)
    rest = ("--ignore=tests/house", "--ignore=tests/browser")
    yield Stage("pytest", _pytest("tests", *rest), junit=PYTEST_JUNIT)
    yield Stage(
        "postgres", _pytest("tests", *rest, "-m", "database"), junit=PYTEST_JUNIT, prepare=_on_postgres
    )


def _browser_app() -> Iterator[Stage]:
    def stage(name: str, tool: tuple[str, ...], junit: tuple[str, ...] = ()) -> Stage:
        return Stage(name, tuple(bundle.tool_command(*tool)), places.FRONTEND, junit, _with_node)

    # Fails while the types are not what the schema gives; `manage.py schema` writes them.
    yield Stage("types", tuple(types_command("--check")), places.FRONTEND, prepare=_with_node)
    yield stage("tsc", ("typescript", "bin/tsc", "--noEmit"))
    yield stage("eslint", ("eslint", "bin/eslint.js", "."))
    yield stage("prettier", ("prettier", "bin/prettier.cjs", "--check", "."))
    reporters = ("--reporter=default", "--reporter=junit", "--outputFile={}")
    yield stage("vitest", ("vitest", "vitest.mjs", "run"), reporters)


def _browser() -> Stage:
    return Stage("browser", _pytest("tests/browser"), junit=PYTEST_JUNIT, prepare=_with_chromium)


def _pytest(*arguments: str) -> tuple[str, ...]:
    return (sys.executable, "-m", "pytest", "-q", *arguments)


@contextmanager
def _on_postgres() -> Iterator[dict[str, str]]:
    with postgres.server() as url:
        yield {"SLUICEWAY_DATABASE_URL": url}


@contextmanager
def _with_node() -> Iterator[dict[str, str]]:
    bundle.ensure_packages()
    yield {"PATH": bundle.node_environment()["PATH"]}


@contextmanager
def _with_chromium() -> Iterator[dict[str, str]]:
    yield {"SLUICEWAY_CHROMIUM": chromium.ensure()}
