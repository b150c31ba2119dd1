"""The stages, in the order in which they begin: what fails fast first, then what takes long, so that no lane runs empty."""

import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from builder.bootstrap import bundle, places
from builder.common.management.commands.schema import types_command
from tests.stages import chromium, postgres
from tests.stages.parts import ON_POSTGRES, PARTS, parts

Preparation = Callable[[], AbstractContextManager[dict[str, str]]]


def _nothing() -> AbstractContextManager[dict[str, str]]:
    return nullcontext({})


@dataclass(frozen=True, slots=True)
class Stage:
    """One command. `junit` are the arguments that make it write counts; `prepare` gives it variables; `part` is which
    part of a stage in several it is."""

    name: str
    command: tuple[str, ...]
    folder: Path = places.ROOT
    junit: tuple[str, ...] = ()
    prepare: Preparation = _nothing
    part: str = ""

    @property
    def title(self) -> str:
        """What it is called on the screen, and may be asked for by."""
        return f"{self.name}:{self.part}" if self.part else self.name


def every_stage() -> list[Stage]:
    """All that `manage.py test` runs."""
    # The browser's stage runs beside single checks, which leave it more of the machine than tests with workers do.
    return [*_first(), _browser(), *_checks(), *_browser_app(), *_tests()]


def of_paths(paths: list[str]) -> Stage:
    """Only these tests."""
    return Stage("pytest", _pytest(*paths), junit=PYTEST_JUNIT)


# As they were measured: a long one that begins last runs alone, beside empty lanes (two minutes, once).
LONGEST_FIRST = (
    "pytest:packs", "pytest:rest", "postgres:api", "pytest:safety", "pytest:api", "pytest:workers",
    "pytest:builder", "postgres:builder", "postgres:safety", "postgres:workers",
)  # fmt: skip
PYTEST_JUNIT = ("--junitxml={}", "-o", "junit_family=xunit1")


def _first() -> Iterator[Stage]:
    yield Stage("ruff", (sys.executable, "-m", "ruff", "check", "."))
    yield Stage("format", (sys.executable, "-m", "ruff", "format", "--check", "."))
    yield Stage("mypy", (sys.executable, "-m", "mypy"))


def _checks() -> Iterator[Stage]:
    yield Stage("imports", (str(Path(sys.executable).with_name("lint-imports")), "--no-cache"))
    yield Stage("house", _pytest("tests/house"), junit=PYTEST_JUNIT)


def _tests() -> list[Stage]:
    stages = [
        Stage("pytest", _pytest(*paths), junit=PYTEST_JUNIT, part=part) for part, paths in parts().items()
    ]
    for part in ON_POSTGRES:
        command = _pytest(*PARTS[part], "-m", "database")
        stages.append(Stage("postgres", command, junit=PYTEST_JUNIT, prepare=_on_postgres, part=part))
    return sorted(stages, key=lambda stage: LONGEST_FIRST.index(stage.title))


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
