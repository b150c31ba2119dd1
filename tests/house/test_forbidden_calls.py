"""No code is run that came as data: no eval, no pickle, no shell, no remote code."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.house.sources import ROOT, place, python_of, tree_of

BUILTINS = frozenset({"exec", "eval", "compile", "__import__"})
MODULES = frozenset({"pickle", "cPickle", "dill", "cloudpickle", "marshal", "shelve", "joblib"})
METHODS = frozenset(
    {("torch", "load"), ("yaml", "load"), ("yaml", "unsafe_load"), ("os", "system"), ("os", "popen")}
)
ARGUMENTS = frozenset({"shell", "trust_remote_code", "allow_pickle"})


def offences(tree: ast.Module) -> Iterator[tuple[str, ast.AST]]:
    own = {name for node in ast.walk(tree) for name in _bound(node)}
    for node in ast.walk(tree):
        match node:
            case ast.Import(names=names):
                yield from ((alias.name, node) for alias in names if alias.name.split(".")[0] in MODULES)
            case ast.ImportFrom(module=str(module)) if module.split(".")[0] in MODULES:
                yield module, node
            case ast.Call(func=ast.Name(id=name)) if name in BUILTINS and name not in own:
                yield f"{name}()", node
            case ast.Attribute(value=ast.Name(id=owner), attr=method) if (owner, method) in METHODS:
                yield f"{owner}.{method}", node
            case ast.keyword(arg=str(name), value=value) if name in ARGUMENTS and not _is_false(value):
                yield f"{name}=", node


def _bound(node: ast.AST) -> Iterator[str]:
    """Names that the module defines or imports itself: they are not the builtins."""
    match node:
        case ast.FunctionDef(name=name):
            yield name
        case ast.ImportFrom(names=names):
            yield from (alias.asname or alias.name for alias in names)


def _is_false(value: ast.expr) -> bool:
    return isinstance(value, ast.Constant) and value.value is False


def test_the_product_runs_no_code_that_came_as_data() -> None:
    def found(path: Path) -> Iterator[str]:
        yield from (f"{place(path, node)}: {what}" for what, node in offences(tree_of(path)))

    everything = [text for path in python_of("manage.py", "builder", "runtime") for text in found(path)]
    assert not everything, "\n".join(everything)


@pytest.mark.parametrize(
    "line",
    [
        "exec(text)",
        "eval(text)",
        "compile(text, '', 'exec')",
        "import pickle",
        "from pickle import loads",
        "import torch; torch.load(path)",
        "import yaml; yaml.load(text)",
        "load = torch.load",
        "run(command, shell=True)",
        "run(command, shell=wanted)",
        "from_pretrained(name, trust_remote_code=True)",
        "np.load(path, allow_pickle=True)",
    ],
)
def test_the_check_sees_each_offence(line: str) -> None:
    assert list(offences(ast.parse(line)))


@pytest.mark.parametrize(
    "line", ["re.compile('x')", "model.eval()", "run(command, shell=False)", "yaml.safe_load(x)"]
)
def test_the_check_lets_look_alikes_pass(line: str) -> None:
    assert not list(offences(ast.parse(line)))


def test_the_check_reads_the_whole_product() -> None:
    assert {ROOT / "manage.py", ROOT / "builder" / "settings.py", ROOT / "runtime" / "ports.py"} <= set(
        python_of("manage.py", "builder", "runtime")
    )
