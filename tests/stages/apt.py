"""Installs Debian's packages for tests that need a program which no wheel carries."""

import fcntl
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from builder.bootstrap.talk import Refusal, step

APT = ("apt-get", "-o", "DPkg::Lock::Timeout=120")


def install(what: str, packages: tuple[str, ...], size: str) -> None:
    """`what` is for people. Refusal with one sentence where this user may install nothing."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Refusal(f"The tests need {what}. Install it (Debian: apt-get install {' '.join(packages)}).")
    with _alone(), step(f"installing {what} (apt-get, {size})"):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            (*APT, "update", "-q"),
            (*APT, "install", "-qy", "--no-install-recommends", *packages),
        ):
            done = subprocess.run(command, env=quiet, capture_output=True, text=True)
            if done.returncode:
                said = done.stderr.strip() or done.stdout
                raise Refusal(f"apt-get could not install {what}: {said[-300:]}")


@contextmanager
def _alone() -> Iterator[None]:
    """Stages run side by side. Of apt's locks a command may wait for one, and fails at the other."""
    with (Path(tempfile.gettempdir()) / "sluiceway-apt.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
