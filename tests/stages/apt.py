"""Installs Debian's packages for tests that need a program which no wheel carries."""

import os
import shutil
import subprocess

from builder.bootstrap.talk import Refusal, step

APT = ("apt-get", "-o", "DPkg::Lock::Timeout=120")


def install(what: str, packages: tuple[str, ...], size: str) -> None:
    """`what` is for people. Refusal with one sentence where this user may install nothing."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Refusal(f"The tests need {what}. Install it (Debian: apt-get install {' '.join(packages)}).")
    with step(f"installing {what} (apt-get, {size})"):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            (*APT, "update", "-q"),
            (*APT, "install", "-qy", "--no-install-recommends", *packages),
        ):
            done = subprocess.run(command, env=quiet, capture_output=True, text=True)
            if done.returncode:
                said = done.stderr.strip() or done.stdout
                raise Refusal(f"apt-get could not install {what}: {said[-300:]}")
