"""Claims: whether a file that somebody brings says of itself that a model had a part in it.

It decides whether a label is asked for, and nothing else, so it believes every such claim: no signature is checked,
and metadata that is damaged counts when it names a mark at all. Nothing is decoded, and no native library is asked.
"""

from runtime.labelling import text
from runtime.labelling.files import Container, Unreadable, read, recognise
from runtime.labelling.marks import NotALabel

# The end of both of the IPTC's words, in whichever metadata they stand: XMP, a C2PA credential, a PDF's.
_IPTC = b"trainedalgorithmicmedia"
# GB 45438's label, wherever a service writes it: XMP, a text chunk, an EXIF comment.
_AIGC = (b"aigc", b"contentproducer")
_BLANKS = "\ufeff \t\r\n"


def claims_model(content: bytes) -> bool:
    """Whether any mark in the file, ours or of the same kind, says that a model made it or may have."""
    try:
        container = recognise(content)
        marks = read(content)
    except Unreadable:
        return _names_a_mark(content)
    except NotALabel:
        # Something stands where a label should. In a picture that may be any broken XMP.
        return container is Container.TEXT or b"AIGC" in content or _names_a_mark(content)
    if marks.by_model or marks.aigc is not None:
        return True
    if container is Container.TEXT:
        # What is written about such words is no mark: they count where a label of ours would stand.
        front, body = text.front_matter(content.decode().lstrip(_BLANKS))
        return text.visible_sentence(body.lstrip(_BLANKS)) is not None or _names_a_mark(front.encode())
    return _names_a_mark(content)


def _names_a_mark(content: bytes) -> bool:
    """Whether the bytes name one, in UTF-8 or UTF-16: so long a word stands in no coded pixels by chance."""
    plain = content.replace(b"\0", b"").lower()
    return _IPTC in plain or all(word in plain for word in _AIGC)
