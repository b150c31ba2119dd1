"""PDF: the text of a document's pages, whatever its colour, size and place."""

import logging
from collections.abc import Callable
from io import BytesIO
from typing import Any

from runtime.document.pictures import holds_pictures
from runtime.document.recognise import HoldsPictures, NotADocument, TooMuch
from runtime.errors import Cancelled

MAX_PAGES = 300
# Bytes that one stream may unpack to, by whichever way. A page's text needs a hundredth of it.
MAX_STREAM = 16 * 1024 * 1024
# The library's own limits, by its names, which are meant for machines that do nothing else.
LIMITS: dict[str, Any] = {
    "maximum_declared_stream_length": 2 * MAX_STREAM,
    "array_based_stream_maximum_output_length": MAX_STREAM,
    "lzw_maximum_output_length": MAX_STREAM,
    "run_length_maximum_output_length": MAX_STREAM,
    "zlib_maximum_output_length": MAX_STREAM,
    "stream_decoding_work_maximum_length": 4 * MAX_STREAM,
    "stream_parsing_work_maximum_count": 500_000,
    "page_tree_maximum_entries": 10_000,
    "page_tree_maximum_depth": 50,
    "xform_maximum_invocations_per_extraction": 500,
    # Else it would start a program of this machine for a kind of picture.
    "jbig2dec_binary": None,
}


def pdf_text(content: bytes, most: int, check: Callable[[], None], pictures: bool = True) -> str:
    """At most so many characters, a blank line between pages. Raises NotADocument, TooMuch.

    Without `pictures` also HoldsPictures, for a document that holds one.
    """
    from pypdf import apply_configuration
    from pypdf.errors import LimitReachedError

    # What it notices about broken files it would log, in the file's own words.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    with apply_configuration(**LIMITS):
        try:
            return _pages(content, most, check, pictures)
        except (NotADocument, TooMuch, HoldsPictures, Cancelled):
            raise
        except LimitReachedError as fault:
            raise TooMuch("it unpacks to more than is read") from fault
        except Exception as fault:  # a broken file may make the library raise anything
            raise NotADocument(f"it cannot be read: {type(fault).__name__}") from fault


def _pages(content: bytes, most: int, check: Callable[[], None], pictures: bool) -> str:
    from pypdf import PdfReader

    reader = PdfReader(BytesIO(content), strict=False)
    if reader.is_encrypted:
        raise NotADocument("it is locked")
    if len(reader.pages) > MAX_PAGES:
        raise TooMuch(f"{len(reader.pages)} pages")
    pieces: list[str] = []
    for number, page in enumerate(reader.pages, start=1):
        check()
        if not pictures and holds_pictures(page):
            raise HoldsPictures(f"page {number}")
        pieces.append(page.extract_text().strip())
        if sum(map(len, pieces)) > most:
            raise TooMuch("too many characters")
    return "\n\n".join(piece for piece in pieces if piece)
