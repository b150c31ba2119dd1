"""Checks that there is room before anything is written."""

import shutil
from pathlib import Path

from builder.bootstrap.talk import Refusal

MEGABYTE = 1024 * 1024


def require_free(folder: Path, megabytes: int, purpose: str) -> None:
    """Refuse when the disk that would hold `folder` has less than `megabytes` left."""
    existing = folder
    while not existing.exists():
        existing = existing.parent
    free = shutil.disk_usage(existing).free // MEGABYTE
    if free < megabytes:
        raise Refusal(
            f"{purpose} needs {megabytes} MB of free disk space, and {existing} has {free} MB. "
            "Free some space and start again."
        )
