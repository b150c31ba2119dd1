"""provenance: what was written down when a model was installed, and whether its files have been written since."""

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

PROVENANCE = "provenance.json"
File = TypeVar("File", bound=Mapping[str, Any])


def written_since(home: Path, files: Iterable[File]) -> list[File]:
    """Those of a model's files that were written after their bytes were last read: PROVENANCE is as old as that reading.

    By the time of a file's last change, which nobody sets. Raises OSError.
    """
    read = (home / PROVENANCE).stat().st_mtime_ns
    return [file for file in files if (home / file["path"]).stat().st_ctime_ns > read]
