"""Extract: all the text of a document, hidden text too, so that what filters see is what goes on."""

from collections.abc import Callable

from runtime.document.html import html_text
from runtime.document.pdf import pdf_text
from runtime.document.recognise import Form, NotADocument, TooMuch, decoded, is_html, recognise
from runtime.document.word import word_text
from runtime.labelling.text import without_aigc

# As long as a text that somebody types may be.
MAX_CHARACTERS = 200_000


def extract(content: bytes, check: Callable[[], None] = lambda: None, pictures: bool = True) -> str:
    """The text. `check` is called now and then and may raise. Raises NotADocument, TooMuch; cuts nothing off.

    Of a text with an AI label as its front matter, what stands behind that: the label is about the file, as a picture's
    metadata is, and whether there was one is asked at the upload.

    Without `pictures` also HoldsPictures: writing may stand in one, and is not read.
    """
    form = recognise(content)
    match form:
        case Form.PDF:
            text = pdf_text(content, MAX_CHARACTERS, check, pictures)
        case Form.WORD:
            text = word_text(content, MAX_CHARACTERS, check, pictures)
        case Form.TEXT:
            plain = decoded(content) or ""
            text = html_text(plain) if is_html(plain) else without_aigc(plain)
        case None:
            raise NotADocument("it is no document that we read")
    if len(text) > MAX_CHARACTERS:
        raise TooMuch(f"{len(text)} characters")
    return text.replace("\r\n", "\n").replace("\r", "\n")
