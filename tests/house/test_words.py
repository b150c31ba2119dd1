"""Our names use the words of docs/glossary.md, and each of them means one thing."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.house.sources import ROOT, place, python_of, tree_of

# Words that a reader might use for something that has a name already.
SAY_INSTEAD = {
    "flow": "workflow",
    "artifact": "asset",
    "artefact": "asset",
    "plugin": "pack",
    "blueprint": "template",
    "moderation": "policy, gate or filter",
    "guardrail": "gate",
    "rail": "gate",
    "invocation": "step",
    "execution": "run",
    "job": "run, or step",
    "widget": "param",
    "color": "colour",
}
# Words that belong to a library: nobody else may give a thing such a name.
BELONGS_TO = {
    "task": ("runtime/worker/", "runtime/dispatch/wake.py"),  # Celery's
    "pipeline": (
        "runtime/packs/image/",
        "runtime/models/starter/",
        "builder/runs/live.py",
    ),  # diffusers' and Redis's
}
# Names that a library asks for.
ASKED_FOR = frozenset({"task_id", "task_args", "task_kwargs"})

SPLIT = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def names_defined(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    """Every name that the module gives to something: classes, functions, arguments, variables, fields."""
    for node in ast.walk(tree):
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node
            case ast.arg(arg=name):
                yield name, node
            case ast.Name(id=name, ctx=ast.Store()):
                yield name, node


def words_in(name: str) -> set[str]:
    """The words of an identifier, each also without a plural s."""
    words = {word.lower() for word in SPLIT.findall(name)}
    return words | {word.removesuffix("s") for word in words}


def complaints(path: Path, tree: ast.Module) -> Iterator[str]:
    inside = path.relative_to(ROOT).as_posix()
    for name, node in names_defined(tree):
        if name in ASKED_FOR:
            continue
        for word in words_in(name) & SAY_INSTEAD.keys():
            yield f"{place(path, node)}: `{name}` says {word!r}; say {SAY_INSTEAD[word]}"
        for word in words_in(name) & BELONGS_TO.keys():
            if not inside.startswith(BELONGS_TO[word]):
                yield f"{place(path, node)}: `{name}` says {word!r}, which belongs to {BELONGS_TO[word]}"


def test_names_say_the_words_of_the_glossary() -> None:
    found = [text for path in python_of("builder", "runtime") for text in complaints(path, tree_of(path))]
    assert not found, "\n".join(found)


def test_the_check_sees_a_forbidden_name_in_every_position() -> None:
    sample = "class Flow: pass\ndef run_pipeline(job): pass\nasync def plan(*, tasks=1): widgets = 1\n"
    found = list(complaints(ROOT / "runtime" / "sample.py", ast.parse(sample)))
    assert len(found) == 5, found


def test_a_workflow_is_no_flow() -> None:
    sample = "class WorkflowVersion: pass\ndef overflow(workflow): pass\n"
    assert not list(complaints(ROOT / "runtime" / "sample.py", ast.parse(sample)))
