"""Told: what one look at the installation has found, as a sentence, and what to do about it."""

from dataclasses import dataclass
from enum import StrEnum

from builder.common.language import Language, say
from runtime.values import Json
from runtime.words import Words


class Level(StrEnum):
    WELL = "well"
    # Somebody should know; nothing is broken by it.
    NOTICE = "notice"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Told:
    """One finding. `part` is a stable name for machines."""

    part: str
    level: Level
    message: Words
    hint: Words | None = None

    def to_json(self, language: Language) -> dict[str, Json]:
        return {
            "part": self.part,
            "level": self.level.value,
            "message": say(self.message, language),
            "hint": say(self.hint, language) if self.hint else None,
        }


def well(part: str, message: Words) -> Told:
    return Told(part, Level.WELL, message)


def notice(part: str, message: Words, hint: Words | None = None) -> Told:
    return Told(part, Level.NOTICE, message, hint)


def wrong(part: str, message: Words, hint: Words) -> Told:
    return Told(part, Level.WRONG, message, hint)
