"""Labels: where a value came from, where it may go, and which gate has cleared it."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Self


class Source(StrEnum):
    """Who made the bytes. A value carries the union over everything that went into it."""

    AUTHOR = "author"
    USER = "user"
    UPLOAD = "upload"
    WEB = "web"
    TOOL = "tool"
    RETRIEVED = "retrieved"
    MODEL = "model"


class Sink(StrEnum):
    """Where bytes leave the graph, or begin to steer something."""

    PERSON = "person"
    OUTSIDE = "outside"
    MODEL = "model"
    STORE = "store"


@dataclass(frozen=True, slots=True)
class Clearance:
    """One rule satisfied for exactly these bytes (SHA-256, hex) under exactly this policy (its digest)."""

    digest: str
    rule: str
    policy: str

    def to_json(self) -> dict[str, str]:
        return {"digest": self.digest, "rule": self.rule, "policy": self.policy}

    @classmethod
    def from_json(cls, data: dict[str, str]) -> Self:
        return cls(digest=data["digest"], rule=data["rule"], policy=data["policy"])
