"""Registry: the node types of an installation, loaded from packs by dotted path."""

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from functools import cache
from importlib import import_module

from runtime.nodes.base import NodeType
from runtime.nodes.describe import describe_spec
from runtime.nodes.made import MADE
from runtime.nodes.spec import PURPOSE_TITLES, NodeSpec
from runtime.ports import acceptance_table
from runtime.values import Json

DEFAULT_PACKS = (
    "runtime.packs.control",
    "runtime.packs.document",
    "runtime.packs.image",
    "runtime.packs.speech",
    "runtime.packs.text",
)


class Registry:
    """Node types by name and version. Several versions of a type may stand side by side.

    It answers for those that the compiler places as well; they are in no list of it, and no pack can declare them.
    """

    def __init__(self, node_types: Iterable[NodeType]) -> None:
        self._by_key: dict[tuple[str, int], NodeType] = {}
        for item in node_types:
            key = (item.spec.type, item.spec.version)
            if key in self._by_key or key in MADE:
                raise ValueError(f"{key[0]} version {key[1]} is declared twice")
            self._by_key[key] = item

    def __iter__(self) -> Iterator[NodeType]:
        return iter(self._by_key.values())

    def get(self, type_name: str, version: int) -> NodeType | None:
        key = (type_name, version)
        return self._by_key.get(key) or MADE.get(key)

    def spec(self, type_name: str, version: int) -> NodeSpec | None:
        found = self.get(type_name, version)
        return found.spec if found else None

    def versions(self, type_name: str) -> list[int]:
        return sorted(version for name, version in self._by_key if name == type_name)

    def newest(self) -> list[NodeType]:
        """The newest version of each type, in the order of declaration."""
        best: dict[str, NodeType] = {}
        for item in self:
            if item.spec.type not in best or best[item.spec.type].spec.version < item.spec.version:
                best[item.spec.type] = item
        return list(best.values())

    def palette(self) -> dict[str, Json]:
        """The whole description for the browser, with a digest that changes when any of it does."""
        body: dict[str, Json] = {
            "acceptance": acceptance_table(),
            "purposes": [{"id": p.value, "title": title.to_json()} for p, title in PURPOSE_TITLES.items()],
            "node_types": [describe_spec(item.spec) for item in self.newest()],
        }
        digest = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
        return {"digest": digest, **body}


def load_registry(packs: tuple[str, ...] | None = None) -> Registry:
    """The node types of the packs; without any named, of those that `SLUICEWAY_PACKS` names (default: ours)."""
    named = tuple(os.environ.get("SLUICEWAY_PACKS", "").replace(",", " ").split())
    return _load(packs or named or DEFAULT_PACKS)


@cache
def _load(packs: tuple[str, ...]) -> Registry:
    """Import each pack (a module with a tuple `NODE_TYPES`) and register what it declares."""
    found: list[NodeType] = []
    for path in packs:
        found.extend(import_module(path).NODE_TYPES)
    return Registry(found)
