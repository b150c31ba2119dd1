"""Manifest: what is in a backup, with the hash of each file but the assets, whose names are their hashes."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO

from builder.operations.backup.refusals import no_backup

FORMAT = 1
NAME = "manifest.json"
SECRETS = "secrets.json"
# Folders of the home whose files are part of it: word lists that policies name, and providers without their keys.
FOLDERS = ("lists", "providers")
# All that a backup may hold. Whatever else lies in one is not looked at.
ALLOWED = re.compile(r"database\.(?:sqlite3|dump)|(?:lists|providers)/(?!\.)[^/\\\0]+")
PIECE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Manifest:
    """`files` are SHA-256 by path; `missing` the assets that were not there when it was taken."""

    version: str
    made: str
    database: str
    migrations: list[str]
    head: str | None
    runs: int
    unfinished: int
    assets: int
    size: int
    missing: list[str]
    models: list[str]
    files: dict[str, str]

    def to_bytes(self) -> bytes:
        return json.dumps({"format": FORMAT, **asdict(self)}, indent=1, ensure_ascii=False).encode()

    @classmethod
    def from_bytes(cls, raw: bytes, place: object) -> "Manifest":
        """Raises UserError `no_backup` for what is none of ours."""
        try:
            body = json.loads(raw)
            if body.pop("format") != FORMAT:
                raise no_backup(place)
            found = cls(**body)
        except (ValueError, KeyError, TypeError, AttributeError):
            raise no_backup(place) from None
        if not all(isinstance(name, str) and ALLOWED.fullmatch(name) for name in found.files):
            raise no_backup(place)
        return found


def asset_path(sha256: str) -> str:
    return f"assets/{sha256[:2]}/{sha256[2:4]}/{sha256}"


def pieces(file: BinaryIO) -> Iterator[bytes]:
    while piece := file.read(PIECE):
        yield piece


def digest_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        for piece in pieces(file):
            digest.update(piece)
    return digest.hexdigest()
