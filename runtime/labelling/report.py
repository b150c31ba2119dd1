"""Report: which labels a file carries, as `manage.py labels` tells it."""

from dataclasses import dataclass
from typing import Any

from runtime.labelling import text
from runtime.labelling.credential import Credential, Standing, read_credential
from runtime.labelling.files import Container, read, recognise
from runtime.labelling.marks import Marks, NotALabel


@dataclass(frozen=True, slots=True)
class Report:
    """The labels of one file. `fault` says why what stands in the place of a label is none."""

    container: Container
    marks: Marks
    sentence: str | None
    credential: Credential | None
    fault: str | None = None

    @property
    def labelled(self) -> bool:
        return bool(self.marks or self.sentence or self.credential)

    @property
    def damaged(self) -> bool:
        """Whether a label is not what it should be, or does not belong to these bytes."""
        broken = self.credential is not None and self.credential.standing is Standing.BROKEN
        return broken or self.fault is not None

    def to_json(self) -> dict[str, Any]:
        credential = self.credential
        return {
            "container": self.container.value,
            "labelled": self.labelled,
            "damaged": self.damaged,
            "sentence": self.sentence,
            "aigc": self.marks.aigc.fields() if self.marks.aigc else None,
            "digital_source": self.marks.digital_source,
            "credential": credential
            and {
                "standing": credential.standing.value,
                "signer": credential.signer,
                "made_with": credential.made_with,
                "digital_source": credential.digital_source,
                "problems": list(credential.problems),
            },
            "fault": self.fault,
        }


def inspect(content: bytes, chain: str | None = None) -> Report:
    """The report on a file's bytes; `chain` are the certificates of our own credentials. Raises Unreadable."""
    container = recognise(content)
    marks, sentence, fault = Marks(), None, None
    try:
        marks = read(content)
        sentence = text.visible_sentence(content.decode()) if container is Container.TEXT else None
    except NotALabel as found:
        fault = str(found)
    return Report(container, marks, sentence, read_credential(content, chain), fault)
