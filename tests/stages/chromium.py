"""Finds Chromium for the browser tests, and installs Debian's where that is possible."""

import os
import shutil

from builder.bootstrap.talk import Refusal
from tests.stages.apt import install

NAMES = ("chromium", "chromium-browser", "google-chrome")


def find() -> str | None:
    """The path of a Chromium (`SLUICEWAY_CHROMIUM`, else the first on PATH)."""
    return os.environ.get("SLUICEWAY_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)


def ensure() -> str:
    """The path of a Chromium, installed first where this user may. Refusal with one sentence otherwise."""
    if not find():
        install("Chromium and a Chinese font", ("chromium", "fonts-noto-cjk"), "about 150 MB")
    if not (found := find()):
        raise Refusal("apt-get installed Chromium, but it is not on PATH.")
    return found
