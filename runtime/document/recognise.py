"""Recognise: what kind of document some bytes are, by how they begin, and whether it stays within the limits."""

import re
import struct
import zipfile
from enum import StrEnum
from io import BytesIO

# Nothing in a text but letters, and what breaks lines and pages.
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0e-\x1f\x7f\ufffe\uffff]")
_HTML = re.compile(r"<(?:!doctype\s+html|html|head|body)\b", re.IGNORECASE)
_EAST_ASIAN = re.compile("[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
# Where a document looks whether it is HTML, or a PDF its end: readers look no further either.
_HEAD, _TAIL = 4_096, 2_048

# The directory of a zip file: so many files, in so many bytes.
MAX_FILES = 2_000
MAX_DIRECTORY = 1 << 20
_END_OF_DIRECTORY = b"PK\x05\x06"
# Before each file in the directory. What the end of one says of it can be overruled by a longer form of the end.
_ENTRY = b"PK\x01\x02"
# Other ways of packing are unpacked without a limit by their libraries, and no Word file uses them.
_PACKINGS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
WORD = "word/document.xml"
_TYPES = "[Content_Types].xml"
# A part of a Word file unpacks to at most so many bytes, and to so many for each of its own.
MAX_PART = 20 * 1024 * 1024
MAX_RATIO = 200
PLAIN_PART = 1 << 20


class Form(StrEnum):
    """A kind of document, by the media type that it is stored under: HTML is never served as what a browser runs."""

    PDF = "application/pdf"
    WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
    TEXT = "text/plain"


MEDIA_TYPES = frozenset(form.value for form in Form)


class NotADocument(ValueError):
    """The bytes do not follow the form that they begin with."""


class TooMuch(ValueError):
    """More than is unpacked or read."""


class HoldsPictures(ValueError):
    """Writing may stand in a picture, which is not read."""


def recognise(content: bytes) -> Form | None:
    """The kind; None for what begins like none that we read. Unpacks nothing. Raises NotADocument, TooMuch."""
    if content.startswith(b"%PDF-"):
        if b"%%EOF" not in content[-_TAIL:]:
            raise NotADocument("it ends too early")
        return Form.PDF
    if content.startswith(b"PK\x03\x04"):
        return Form.WORD if WORD in _names(content) else None
    return Form.TEXT if decoded(content) is not None else None


def decoded(content: bytes) -> str | None:
    """A text file's letters: UTF-8, UTF-16 that says so, or Chinese GB 18030. None for what is no text."""
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return _text(content, "utf-16")
    text = _text(content, "utf-8-sig")
    if text is not None:
        return text
    text = _text(content, "gb18030")
    # Nearly any bytes are letters of that code. Of a text that somebody wrote, most are Chinese.
    return text if text and 2 * _count(_EAST_ASIAN, text) > _count(_FOREIGN, text) else None


def is_html(text: str) -> bool:
    # Comments are stepped over one by one: a pattern for any number of them would try each way to join them.
    head = text[:_HEAD].removeprefix("\ufeff").lstrip()
    while head.startswith("<!--"):
        head = head[4:].partition("-->")[2].lstrip()
    return _HTML.match(head) is not None


def open_word(content: bytes) -> zipfile.ZipFile:
    """The parts of a Word file. Raises NotADocument, TooMuch."""
    _names(content)
    return zipfile.ZipFile(BytesIO(content))


def _text(content: bytes, code: str) -> str | None:
    try:
        text = content.decode(code)
    except UnicodeDecodeError:
        return None
    return None if not text.strip() or _CONTROLS.search(text) else text


def _count(pattern: "re.Pattern[str]", text: str) -> int:
    """How many letters match, without a list of them: of a long text that would be far larger than the text."""
    return sum(1 for _ in pattern.finditer(text))


def _names(content: bytes) -> set[str]:
    """The files in a zip file, by its directory, which is bounded before it is read."""
    end = content.rfind(_END_OF_DIRECTORY)
    try:
        files, size = struct.unpack_from("<HI", content, end + 10)
    except struct.error:
        raise NotADocument("it ends too early") from None
    if end < 0:
        raise NotADocument("it has no directory")
    if files > MAX_FILES or size > MAX_DIRECTORY or content.count(_ENTRY) > MAX_FILES:
        raise TooMuch(f"{files} files")
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError) as fault:
        raise NotADocument("its directory is broken") from fault
    names = {part.filename for part in parts}
    if len(names) != len(parts):
        raise NotADocument("two of its files share a name")
    if WORD in names:
        if _TYPES not in names or any(part.flag_bits & 1 for part in parts):
            raise NotADocument("it is locked, or no Word file")
        if any(part.compress_type not in _PACKINGS for part in parts):
            raise NotADocument("it is packed in a way that Word does not use")
        for part in parts:
            if part.filename.startswith("word/") and part.filename.endswith(".xml"):
                _check_part(part)
    return names


def _check_part(part: zipfile.ZipInfo) -> None:
    most = max(PLAIN_PART, MAX_RATIO * part.compress_size)
    if part.file_size > min(MAX_PART, most):
        raise TooMuch(f"{part.file_size} bytes in {part.compress_size}")
