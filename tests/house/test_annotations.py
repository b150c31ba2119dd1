"""Every function says its types, every module says what it is for, every exception says why."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.sources import every_file, place, python_of, tree_of

PRODUCT = ("manage.py", "builder", "runtime")
# An exemption for one line needs a reason behind it.
EXEMPTION = re.compile(r"#\s*(?:noqa|type:\s*ignore)\b(?P<rest>.*)")
REASON = re.compile(r"(?:#|-|\s)\s+[A-Za-z\"'`].*\w{2,}")
NOTE_TO_SELF = re.compile(r"\b(?:TODO|FIXME|XXX|HACK)\b")
CODE = {".py", ".ts", ".tsx", ".css", ".sh"}


def unannotated(tree: ast.Module) -> Iterator[ast.AST]:
    for node in ast.walk(tree):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        arguments = node.args
        named = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        if named and named[0].arg in {"self", "cls"}:
            named = named[1:]
        named += [extra for extra in (arguments.vararg, arguments.kwarg) if extra]
        if node.returns is None or any(argument.annotation is None for argument in named):
            yield node


def exempt_without_reason(line: str) -> bool:
    """Whether the line switches a check off and gives no reason after the codes."""
    found = EXEMPTION.search(line)
    if found is None:
        return False
    after_codes = re.sub(r"^(?::\s*[A-Z]+\d+(?:,\s*[A-Z]+\d+)*|\[[\w, -]+\])", "", found["rest"])
    return not REASON.search(after_codes)


def test_every_function_is_annotated() -> None:
    found = [
        place(path, node) for path in python_of(*PRODUCT, "tests") for node in unannotated(tree_of(path))
    ]
    product = [where for where in found if not where.startswith("tests/") or where.startswith("tests/house/")]
    assert not product, "\n".join(product)


def test_every_module_says_what_it_is_for() -> None:
    silent = [place(path) for path in python_of(*PRODUCT, "tests") if not ast.get_docstring(tree_of(path))]
    assert not silent, "\n".join(silent)


def test_every_exemption_has_a_reason() -> None:
    found = [
        place(path, number)
        for path in python_of(*PRODUCT)
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if exempt_without_reason(line)
    ]
    assert not found, "\n".join(found)


def test_the_reason_check_tells_a_reason_from_none() -> None:
    bare = ["x = 1  # noqa", "x = 1  # noqa: E501, F401", "x = 1  # type: ignore[arg-type]"]
    assert all(map(exempt_without_reason, bare))
    assert not exempt_without_reason("x = 1  # noqa: E402 - the apps must be loaded first")
    assert not exempt_without_reason("x = 1  # type: ignore[misc]  # the stubs lack this field")


def test_nobody_left_a_note_to_self() -> None:
    def notes(path: Path) -> Iterator[str]:
        for number, line in enumerate(path.read_text().splitlines(), 1):
            if NOTE_TO_SELF.search(line):
                yield place(path, number)

    here = Path(__file__)
    found = [where for path in every_file() if path.suffix in CODE and path != here for where in notes(path)]
    assert not found, "\n".join(found)
