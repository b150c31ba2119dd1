"""Word: the text of a DOCX file, with its headers, notes, comments, and what is hidden or struck out."""

import re
import zipfile
import zlib
from collections.abc import Callable
from typing import IO
from xml.parsers import expat

from runtime.document.recognise import MAX_PART, HoldsPictures, NotADocument, TooMuch, open_word

# The parts that hold text, in the order in which it is given.
_PARTS = re.compile(r"word/(?:document|header\d*|footer\d*|footnotes|endnotes|comments)\.xml")
# Pictures, and other documents inside.
_PICTURES = re.compile(r"word/(?:media|embeddings)/.")
_SPACE = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_STRICT = "http://purl.oclc.org/ooxml/wordprocessingml/main"
_WORDS = frozenset({"t", "delText"})
_SIGNS = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"}
_ENDS = {"p": "\n", "tc": "\t", "tr": "\n"}
MAX_DEPTH = 200
# What a broken file makes the libraries raise: a name in no code is a ValueError, a place outside an OSError or one.
BROKEN = (
    expat.ExpatError,
    zipfile.BadZipFile,
    zlib.error,
    NotImplementedError,
    EOFError,
    ValueError,
    OSError,
)
PIECE = 1 << 16


def word_text(content: bytes, most: int, check: Callable[[], None], pictures: bool = True) -> str:
    """At most so many characters. Raises NotADocument, TooMuch; without `pictures` also HoldsPictures."""
    pieces: list[str] = []
    with open_word(content) as archive:
        if not pictures and any(map(_PICTURES.match, archive.namelist())):
            raise HoldsPictures("among its parts")
        names = sorted(
            filter(_PARTS.fullmatch, archive.namelist()), key=lambda name: (name.count("document") == 0, name)
        )
        for name in names:
            check()
            try:
                with archive.open(name) as part:
                    pieces.append(_part_text(part, most - sum(map(len, pieces))))
            except (NotADocument, TooMuch):
                raise
            except BROKEN as fault:
                raise NotADocument("a part of it is broken") from fault
    return "\n".join(piece for piece in pieces if piece)


class _Reader:
    """Takes in a part piece by piece. No document type is allowed: it could define entities that grow without end."""

    def __init__(self, most: int) -> None:
        self.pieces: list[str] = []
        self._left = most
        self._depth = 0
        self._inside = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._words

    def _refuse(self, *_: object) -> None:
        raise NotADocument("it defines entities")

    def _start(self, tag: str, _: object) -> None:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooMuch("nested too deeply")
        name = _local(tag)
        self._inside += name in _WORDS
        if name in _SIGNS:
            self._add(_SIGNS[name])

    def _end(self, tag: str) -> None:
        self._depth -= 1
        name = _local(tag)
        self._inside -= name in _WORDS
        if name in _ENDS:
            self._add(_ENDS[name])

    def _words(self, text: str) -> None:
        if self._inside:
            self._add(text)

    def _add(self, text: str) -> None:
        self._left -= len(text)
        if self._left < 0:
            raise TooMuch("too many characters")
        self.pieces.append(text)


def _part_text(part: IO[bytes], most: int) -> str:
    reader = _Reader(most)
    read = 0
    while piece := part.read(PIECE):
        read += len(piece)
        if read > MAX_PART:
            raise TooMuch("it unpacks to more than it says")
        reader.parser.Parse(piece, False)
    reader.parser.Parse(b"", True)
    return "".join(reader.pieces).strip()


def _local(tag: str) -> str:
    """The name of an element of Word's own; nothing for any other."""
    space, _, name = tag.rpartition(" ")
    return name if space in (_SPACE, _STRICT) else ""
