"""The default models, installed once for all tests: `SLUICEWAY_MODEL_CACHE`, else `~/.cache/sluiceway/models`."""

import fcntl
import os
import subprocess
import sys
from functools import cache
from pathlib import Path

from runtime.models.shelf import Shelf, open_shelf

ROOT = Path(__file__).resolve().parents[2]


def cache_folder() -> Path:
    named = os.environ.get("SLUICEWAY_MODEL_CACHE")
    return Path(named) if named else Path.home() / ".cache" / "sluiceway" / "models"


@cache
def real_models(*others: str) -> Shelf:
    """A shelf that holds the default models and the others that are named.

    Fails loudly where they cannot be installed: tests use the real ones.
    """
    folder = cache_folder()
    for name in others:
        _install(folder, name)
    _install(folder, "--default")
    return open_shelf(folder)


def _install(folder: Path, which: str) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    # Stages run side by side, and an installer does not wait for another one.
    with folder.with_name(f"{folder.name}.lock").open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        done = subprocess.run(
            [sys.executable, "-m", "runtime.models", "install", which],
            env=os.environ | {"SLUICEWAY_MODELS": str(folder)},
            cwd=ROOT,
            capture_output=True,
            text=True,
        )
    assert done.returncode == 0, done.stdout + done.stderr
