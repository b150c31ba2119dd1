"""Which files the house tests look at."""

import ast
import functools
import os
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = frozenset(
    {".git", ".venv", "node_modules", "dist", "dist.new", "var", "coverage", "__pycache__"}
    | {".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".import_linter_cache"}
)


@functools.cache
def every_file() -> tuple[Path, ...]:
    """All files of the project, without what the commands make."""
    found: list[Path] = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = sorted(name for name in folders if name not in NOT_OURS)
        found += (Path(folder, name) for name in sorted(files))
    return tuple(found)


def python_of(*parts: str) -> Iterator[Path]:
    """Every Python file in these parts of the tree; what Django generates is left out."""
    for path in every_file():
        inside = path.relative_to(ROOT).parts
        if path.suffix == ".py" and inside[0] in parts and "migrations" not in inside:
            yield path


@functools.cache
def tree_of(path: Path) -> ast.Module:
    """The file's syntax tree."""
    return ast.parse(path.read_text(), str(path))


def place(path: Path, node: ast.AST | int = 1) -> str:
    """`path:line`, as an editor wants it."""
    line = node if isinstance(node, int) else getattr(node, "lineno", 1)
    return f"{path.relative_to(ROOT)}:{line}"
