"""Modules and functions stay small enough to read at one go."""

import ast
from pathlib import Path

from tests.house.sources import ROOT, every_file, place, python_of, tree_of

LONGEST_MODULE = 400
LONGEST_FUNCTION = 80
USUAL_FUNCTION = 40  # 95 of 100 functions are no longer

PRODUCT = ("manage.py", "builder", "runtime")
GENERATED = {"schema.d.ts"}  # written by openapi-typescript


def lengths(*parts: str) -> list[tuple[int, str]]:
    """The lines of each function, with where it stands; a docstring is not counted against it."""
    found = []
    for path in python_of(*parts):
        for node in ast.walk(tree_of(path)):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                first = node.body[0]
                said = ast.get_docstring(node) is not None
                docstring = (first.end_lineno or first.lineno) - first.lineno + 1 if said else 0
                found.append(
                    ((node.end_lineno or node.lineno) - node.lineno + 1 - docstring, place(path, node))
                )
    return found


def is_source(path: Path) -> bool:
    inside = path.relative_to(ROOT).parts
    return path.suffix in {".py", ".ts", ".tsx"} and "migrations" not in inside and path.name not in GENERATED


def test_no_module_is_longer_than_400_lines() -> None:
    counted = {path: len(path.read_text().splitlines()) for path in every_file() if is_source(path)}
    assert len(counted) > 50
    too_long = [
        f"{place(path)} has {lines} lines" for path, lines in counted.items() if lines > LONGEST_MODULE
    ]
    assert not too_long, "\n".join(too_long)


def test_no_function_is_longer_than_80_lines() -> None:
    too_long = [
        f"{where} has {lines} lines" for lines, where in lengths(*PRODUCT) if lines > LONGEST_FUNCTION
    ]
    assert not too_long, "\n".join(too_long)


def test_95_of_100_functions_are_no_longer_than_40_lines() -> None:
    ordered = sorted(lengths(*PRODUCT))
    lines, where = ordered[int(len(ordered) * 0.95)]
    assert lines <= USUAL_FUNCTION, f"the 95th of 100 has {lines} lines: {where}"
