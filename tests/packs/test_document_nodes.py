"""The node type that reads documents."""

import pytest

from runtime.errors import UserError
from runtime.packs.document.input_document import input_document
from tests.document.papers import pdf, shown
from tests.document.test_extract import BOMBS, BROKEN
from tests.document.test_pictures import scan
from tests.packs.doubles import MemoryContext


def read(content: bytes, pictures: str = "refuse") -> object:
    context = MemoryContext()
    context.arguments = {"report": context.assets.write(content, "application/pdf")}
    return input_document.run(context, name="report", label=None, pictures=pictures)["text"]


def test_a_document_becomes_its_text() -> None:
    assert read(pdf(shown("Quarterly report"))) == "Quarterly report"


def test_a_scan_is_refused_with_a_sentence_and_an_author_can_leave_pictures_out() -> None:
    with pytest.raises(UserError) as told:
        read(scan())
    assert told.value.code == "document_has_pictures" and "pictures" in str(told.value.message.en)
    with pytest.raises(UserError, match="document_empty"):
        read(scan(), "leave_out")


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (BROKEN["a locked pdf"], "document_unreadable"),
        (b"\x00\x01", "document_unreadable"),
        (BOMBS["too many characters"], "document_too_long"),
        (pdf(""), "document_empty"),
    ],
)
def test_what_cannot_be_read_whole_is_the_users_to_mend(content: bytes, code: str) -> None:
    with pytest.raises(UserError) as refused:
        read(content)
    assert refused.value.code == code


def test_without_a_document_it_says_which_is_needed() -> None:
    with pytest.raises(UserError, match="input_missing"):
        input_document.run(MemoryContext(), name="report", label="Your report", pictures="refuse")
