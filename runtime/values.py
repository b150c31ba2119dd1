"""Values: what ports carry at run time, with their labels and the clearances they have earned."""

import hashlib
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self, TypeAlias, cast

from runtime.labels import Clearance, Source
from runtime.ports import ASSET_KINDS, Kind, PortType

Json: TypeAlias = Any  # a JSON edge: None, bool, numbers, str, and lists and dicts of these


@dataclass(frozen=True, slots=True)
class AssetRef:
    """Stored bytes by their SHA-256 (hex). Width and height are pixels, size is bytes."""

    sha256: str
    media_type: str
    size: int
    width: int | None = None
    height: int | None = None

    def to_json(self) -> dict[str, Json]:
        return {
            "asset": self.sha256,
            "media_type": self.media_type,
            "size": self.size,
            "width": self.width,
            "height": self.height,
        }

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> Self:
        return cls(data["asset"], data["media_type"], data["size"], data.get("width"), data.get("height"))


Data: TypeAlias = Json | AssetRef | list[AssetRef]
DEEPEST = 100  # levels of a structure on a port; gates and databases walk it by recursion


@dataclass(frozen=True, slots=True)
class Value:
    """Data of one port type, who made it, and which gates have passed exactly these bytes."""

    type: PortType
    data: Data
    sources: frozenset[Source] = frozenset()
    clearances: frozenset[Clearance] = frozenset()

    @property
    def digest(self) -> str:
        return digest(self.type, self.data)

    def to_json(self) -> dict[str, Json]:
        return {
            "type": str(self.type),
            "data": data_to_json(self.type, self.data),
            "sources": sorted(self.sources),
            "clearances": [c.to_json() for c in sorted(self.clearances, key=lambda c: (c.rule, c.digest))],
        }

    @classmethod
    def from_json(cls, raw: dict[str, Json]) -> Self:
        port_type = parse_type(raw["type"])
        return cls(
            port_type,
            data_from_json(port_type, raw["data"]),
            frozenset(Source(name) for name in raw["sources"]),
            frozenset(Clearance.from_json(item) for item in raw["clearances"]),
        )


def parse_type(text: str) -> PortType:
    """`text` or `list[text]`; ValueError for anything else."""
    if text.startswith("list[") and text.endswith("]"):
        return PortType(Kind(text[5:-1]), many=True)
    return PortType(Kind(text))


def data_to_json(port_type: PortType, data: Data) -> Json:
    if port_type.kind not in ASSET_KINDS or data is None:
        return data
    if port_type.many:
        return [item.to_json() for item in cast(list[AssetRef], data)]
    return cast(AssetRef, data).to_json()


def data_from_json(port_type: PortType, raw: Json) -> Data:
    if port_type.kind not in ASSET_KINDS or raw is None:
        return raw
    if port_type.many:
        return [AssetRef.from_json(item) for item in raw]
    return AssetRef.from_json(raw)


def digest(port_type: PortType, data: Data) -> str:
    """SHA-256 (hex) of what a person would receive: an asset's own bytes, or the canonical JSON of plain data."""
    if isinstance(data, AssetRef):
        return data.sha256
    plain = data_to_json(port_type, data)
    canonical = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


def convert(data: Data, source: PortType, target: PortType) -> Data:
    """Data of `source` type as the `target` port takes it; the pair has passed `ports.refusal`."""
    if target.kind is Kind.TEXT and source.kind in (Kind.NUMBER, Kind.BOOLEAN):
        if source.many:
            return [_as_text(item) for item in cast(list[Json], data)]
        return _as_text(data)
    return data


def _as_text(data: Json) -> str:
    if isinstance(data, bool):
        return "true" if data else "false"
    if isinstance(data, float) and data.is_integer():
        return str(int(data))
    return str(data)


def is_plain(kind: Kind, data: Data) -> bool:
    """Whether plain data is what this kind says; of stored bytes and models this knows nothing."""
    if kind in ASSET_KINDS or kind is Kind.MODEL:
        return False
    check = _PLAIN.get(kind)
    return check is None or check(data)


def _is_number(data: Json) -> bool:
    if isinstance(data, bool) or not isinstance(data, int | float):
        return False
    try:
        return math.isfinite(data)
    except OverflowError:  # a whole number with hundreds of digits
        return False


def _is_structure(data: object) -> bool:
    """Whether it is what JSON can say, and a reader can walk. Not by recursion: its depth is its maker's choice."""
    waiting: list[tuple[object, int]] = [(data, 0)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, dict | list | tuple):
            if depth >= DEEPEST or (isinstance(item, dict) and not all(isinstance(key, str) for key in item)):
                return False
            inner = item.values() if isinstance(item, dict) else item
            waiting.extend((each, depth + 1) for each in inner)
        elif isinstance(item, float):
            if not math.isfinite(item):
                return False
        elif item is not None and not isinstance(item, str | int):
            return False
    return True


_PLAIN: dict[Kind, Callable[[Json], bool]] = {
    Kind.TEXT: lambda data: isinstance(data, str),
    Kind.NUMBER: _is_number,
    Kind.BOOLEAN: lambda data: isinstance(data, bool),
    Kind.JSON: _is_structure,
}
