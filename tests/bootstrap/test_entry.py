"""manage.py on the bare interpreter: old Pythons, help, the way into the environment."""

import ast
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from builder.bootstrap import places

MANAGE = places.ROOT / "manage.py"
OLD = ("python2", "python2.7", *(f"python3.{minor}" for minor in range(4, 11)))


def old_interpreters() -> list[str]:
    """Every interpreter on this machine that is too old for us."""
    shelves = [
        Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep) if "shims" not in folder
    ]
    shelves += sorted(Path.home().glob(".pyenv/versions/*/bin"))
    found = {shutil.which(name, path=str(shelf)) for shelf in shelves for name in OLD}
    return sorted(name for name in found if name)


def test_manage_py_parses_on_old_pythons() -> None:
    ast.parse(MANAGE.read_text(), feature_version=(3, 4))


def test_an_old_python_hears_one_sentence() -> None:
    pretend = (
        "import runpy, sys; sys.version_info = (3, 10, 2); sys.argv = ['manage.py', 'up'];"
        "runpy.run_path('manage.py', run_name='__main__')"
    )
    done = subprocess.run([sys.executable, "-c", pretend], cwd=places.ROOT, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr == (
        "Sluiceway needs Python 3.11 or newer, and this is Python 3.10. "
        "Start it with a newer one, for example: python3.11 manage.py up\n"
    )


@pytest.mark.skipif(not old_interpreters(), reason="this machine has no Python older than 3.11")
def test_real_old_pythons_hear_it_too() -> None:
    for python in old_interpreters():
        done = subprocess.run([python, str(MANAGE), "up"], capture_output=True, text=True)
        assert done.returncode == 1, python
        assert done.stderr.startswith("Sluiceway needs Python 3.11 or newer, and this is Python "), (
            python,
            done.stderr,
        )
        assert len(done.stderr.splitlines()) == 1


def test_the_bootstrap_needs_nothing_but_the_standard_library() -> None:
    for path in sorted((places.ROOT / "builder" / "bootstrap").glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            for name in names:
                top = name.partition(".")[0]
                assert top in sys.stdlib_module_names or name.startswith("builder.bootstrap"), (path, name)


def test_every_verb_says_in_its_help_what_it_does() -> None:
    for verb in ("up", "test", "setup"):
        done = subprocess.run(
            [sys.executable, str(MANAGE), verb, "--help"], capture_output=True, text=True, cwd=places.ROOT
        )
        assert done.returncode == 0, done.stderr
        assert "usage: manage.py " + verb in done.stdout
