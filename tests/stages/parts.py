"""The parts of the long stages: some minutes each, so that they run side by side and end at about the same time."""

from pathlib import Path

from builder.bootstrap import places

# What none of them names is in the last one. In which order they begin: stages.py.
PARTS: dict[str, tuple[str, ...]] = {
    "safety": ("tests/safety",),
    "packs": ("tests/packs", "tests/models"),
    "workers": ("tests/worker", "tests/dispatch", "tests/bootstrap"),
    "builder": ("tests/builder",),
    "api": ("tests/api",),
}
REST = "rest"
# What has a stage of its own.
APART = ("tests/house", "tests/browser")
# The parts in which tests ask the database; elsewhere tests/conftest.py lets none be collected.
ON_POSTGRES = ("safety", "workers", "builder", "api")


def parts() -> dict[str, tuple[str, ...]]:
    """What pytest is told for each part: together every test that has no stage of its own, each once."""
    named = [path for paths in PARTS.values() for path in paths]
    return {**PARTS, REST: ("tests", *(f"--ignore={path}" for path in (*APART, *named)))}


def is_on_postgres(test: Path) -> bool:
    """Whether the Postgres stage looks at this file."""
    folders = [places.ROOT / path for part in ON_POSTGRES for path in PARTS[part]]
    return any(test.is_relative_to(folder) for folder in folders)
