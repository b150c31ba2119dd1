"""A model of the stub nodes: a folder with a file that holds its name."""

import hashlib
import json
from pathlib import Path

from runtime.models.shelf import data_home
from runtime.provenance import PROVENANCE, look_of, note_read


def put_model(folder: Path, name: str) -> None:
    """Install it into a models folder."""
    home = folder / name
    home.mkdir(parents=True)
    (home / "weights").write_text(name)
    files = [{"path": "weights", "size": len(name), "sha256": hashlib.sha256(name.encode()).hexdigest()}]
    (home / PROVENANCE).write_text(json.dumps({"capability": "stub", "files": files}))
    note_read(home, data_home(), look_of(home))
