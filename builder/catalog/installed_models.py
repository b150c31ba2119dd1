"""Which models are on this machine, read from the folder itself: quick enough to ask while a workflow is drawn."""

import json
import os
from pathlib import Path

from django.conf import settings


def installed_models() -> frozenset[str]:
    """The names of models that are whole, as far as sizes tell; their bytes are checked where they are loaded."""
    folder = Path(os.environ.get("SLUICEWAY_MODELS") or settings.HOME / "models")
    if not folder.is_dir():
        return frozenset()
    return frozenset(home.name for home in folder.iterdir() if _is_whole(home))


def _is_whole(home: Path) -> bool:
    try:
        files = json.loads((home / "provenance.json").read_text(encoding="utf-8")).get("files", [])
        return bool(files) and all((home / file["path"]).stat().st_size == file["size"] for file in files)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False  # half installed, or not by us
