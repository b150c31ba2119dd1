"""Finds Chromium for the browser tests, and installs Debian's where that is possible."""

import os
import shutil
import subprocess

from builder.bootstrap.talk import Refusal, step

NAMES = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "fonts-noto-cjk")
APT = ("apt-get", "-o", "DPkg::Lock::Timeout=120")


def find() -> str | None:
    """The path of a Chromium (`SLUICEWAY_CHROMIUM`, else the first on PATH)."""
    return os.environ.get("SLUICEWAY_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def ensure() -> str:
    """The path of a Chromium, installed first where this user may. Refusal with one sentence otherwise."""
    found = find()
    if found:
        return found
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise Refusal(
            "The browser tests need Chromium. Install it (Debian: apt-get install chromium fonts-noto-cjk)."
        )
    with step("installing Chromium and a Chinese font (apt-get, about 150 MB)"):
        quiet = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for command in (
            (*APT, "update", "-q"),
            (*APT, "install", "-qy", "--no-install-recommends", *PACKAGES),
        ):
            done = subprocess.run(command, env=quiet, capture_output=True, text=True)
            if done.returncode:
                raise Refusal(
                    f"Chromium could not be installed: {(done.stderr.strip() or done.stdout)[-300:]}"
                )
    found = find()
    if not found:
        raise Refusal("apt-get installed Chromium, but it is not on PATH.")
    return found
