"""Port types: what may travel along an edge, and which source fits which target.

The acceptance rule is here and nowhere else: the browser gets it as a table (`acceptance_table`).
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from runtime.words import Words


class Kind(StrEnum):
    TEXT = "text"
    NUMBER = "number"
    BOOLEAN = "boolean"
    JSON = "json"
    IMAGE = "image"
    AUDIO = "audio"
    VIDEO = "video"
    DOCUMENT = "document"
    MODEL = "model"
    # Stands for one type per node: all `any` ports of a node carry the same one.
    ANY = "any"


ASSET_KINDS = frozenset({Kind.IMAGE, Kind.AUDIO, Kind.VIDEO, Kind.DOCUMENT})


@dataclass(frozen=True, slots=True)
class PortType:
    """A kind, or a list of that kind."""

    kind: Kind
    many: bool = False

    def __str__(self) -> str:
        return f"list[{self.kind}]" if self.many else str(self.kind)

    @property
    def item(self) -> "PortType":
        return PortType(self.kind)


TEXT = PortType(Kind.TEXT)
NUMBER = PortType(Kind.NUMBER)
BOOLEAN = PortType(Kind.BOOLEAN)
JSON = PortType(Kind.JSON)
IMAGE = PortType(Kind.IMAGE)
AUDIO = PortType(Kind.AUDIO)
VIDEO = PortType(Kind.VIDEO)
DOCUMENT = PortType(Kind.DOCUMENT)
MODEL = PortType(Kind.MODEL)
ANY = PortType(Kind.ANY)

ALL_TYPES = tuple(PortType(kind, many) for kind in Kind for many in (False, True))

KIND_WORDS = {
    Kind.TEXT: Words("text", "文本"),
    Kind.NUMBER: Words("a number", "数字"),
    Kind.BOOLEAN: Words("yes or no", "是或否"),
    Kind.JSON: Words("structured data", "结构化数据"),
    Kind.IMAGE: Words("a picture", "图像"),
    Kind.AUDIO: Words("sound", "音频"),
    Kind.VIDEO: Words("a video", "视频"),
    Kind.DOCUMENT: Words("a document", "文档"),
    Kind.MODEL: Words("a model", "模型"),
    Kind.ANY: Words("anything", "任意类型"),
}

# Conversions that lose nothing and need no setting: a number reads as text, plain data is JSON.
_CONVERTS = frozenset(
    {
        (Kind.NUMBER, Kind.TEXT),
        (Kind.BOOLEAN, Kind.TEXT),
        (Kind.TEXT, Kind.JSON),
        (Kind.NUMBER, Kind.JSON),
        (Kind.BOOLEAN, Kind.JSON),
    }
)

_LIST_INTO_ONE = Words(
    "This gives a list, and the other side takes one value.", "这里给出的是列表，而对方只接受单个值。"
)
_MISMATCH = Words(
    "This gives {source}, and the other side takes {target}.", "这里给出{source}，而对方需要{target}。"
)


@cache
def refusal(source: PortType, target: PortType) -> Words | None:
    """None when a `source` value may enter a `target` port, else the reason.

    A single value may enter a list port (it becomes one of its items); a list never enters a single port.
    """
    if source.many and not target.many and target.kind is not Kind.ANY and target.kind is not Kind.JSON:
        return _LIST_INTO_ONE
    fits = (
        source.kind is target.kind
        or Kind.ANY in (source.kind, target.kind)
        or (source.kind, target.kind) in _CONVERTS
    )
    if fits:
        return None
    return _MISMATCH.fill(source=KIND_WORDS[source.kind], target=KIND_WORDS[target.kind])


def acceptance_table() -> dict[str, dict[str, dict[str, str] | None]]:
    """The rule as data for the browser: source type -> target type -> None or the reason."""
    table: dict[str, dict[str, dict[str, str] | None]] = {}
    for source in ALL_TYPES:
        row: dict[str, dict[str, str] | None] = {}
        for target in ALL_TYPES:
            reason = refusal(source, target)
            row[str(target)] = reason.to_json() if reason else None
        table[str(source)] = row
    return table
