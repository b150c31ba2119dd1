"""Marks: what a file says about its making, as data. GB 45438-2025 calls its part `AIGC`; IPTC's word is a digital source."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from runtime.labelling.profile import Labelling, Profile
from runtime.labels import Source

# The IPTC's word for what a trained model made.
MADE_BY_MODEL = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
# And for what one made out of somebody's own material.
CHANGED_BY_MODEL = "http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia"
# The seven fields in the order of the standard's annex E; the first three are required, all are strings.
_FIELDS = {
    "Label": "label",
    "ContentProducer": "producer",
    "ProduceID": "produced",
    "ReservedCode1": "reserved1",
    "ContentPropagator": "propagator",
    "PropagateID": "propagated",
    "ReservedCode2": "reserved2",
}
LONGEST = 64_000  # characters of JSON; whoever writes more writes no label


class NotALabel(ValueError):
    """Something stands where a label should, and is none."""


@dataclass(frozen=True, slots=True)
class Aigc:
    """The AIGC label. `label` is 1 for made by AI, 2 for possibly, 3 for suspected; `produced` numbers the content."""

    label: str
    producer: str
    produced: str
    reserved1: str = ""
    propagator: str = ""
    propagated: str = ""
    reserved2: str = ""

    def fields(self) -> dict[str, str]:
        return {name: getattr(self, attribute) for name, attribute in _FIELDS.items()}

    def to_text(self) -> str:
        return json.dumps(self.fields(), ensure_ascii=False, separators=(",", ":"))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Raises NotALabel."""
        if len(text) > LONGEST:
            raise NotALabel("it is too long")
        try:
            data = json.loads(text)
        except (ValueError, RecursionError):
            raise NotALabel("it is no JSON") from None
        return cls.from_fields(data)

    @classmethod
    def from_fields(cls, data: object) -> Self:
        """The label from its fields by the standard's names; optional ones may be missing. Raises NotALabel."""
        if not isinstance(data, dict):
            raise NotALabel("it is no JSON object")
        known = {attribute: data.get(name, "") for name, attribute in _FIELDS.items()}
        if not all(isinstance(value, str) for value in known.values()):
            raise NotALabel("a field of it is no string")
        if known["label"] not in ("1", "2", "3"):
            raise NotALabel("its field Label is none of 1, 2 and 3")
        if not known["producer"] or not known["produced"]:
            raise NotALabel("it names no producer, or no content")
        return cls(**known)


@dataclass(frozen=True, slots=True)
class Marks:
    """Everything of ours, or of the same kind, that a file carries in its metadata."""

    aigc: Aigc | None = None
    digital_source: str | None = None

    def __bool__(self) -> bool:
        return self.aigc is not None or self.digital_source is not None

    @property
    def by_model(self) -> bool:
        """Whether they say that a model made it."""
        says_source = self.digital_source in (MADE_BY_MODEL, CHANGED_BY_MODEL)
        return says_source or (self.aigc is not None and self.aigc.label == "1")


def digital_source(sources: Collection[Source]) -> str:
    """The IPTC's word for what a model made of bytes from these sources."""
    return CHANGED_BY_MODEL if Source.UPLOAD in sources else MADE_BY_MODEL


def carries(marks: Marks, labelling: Labelling) -> bool:
    """Whether the marks are those that such a labelling puts on a picture that a model had a part in."""
    if labelling.profile is Profile.CN and (marks.aigc is None or marks.aigc.producer != labelling.producer):
        return False
    return marks.by_model and marks.digital_source is not None
