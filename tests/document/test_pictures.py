"""Pictures in documents: writing may stand in one and is not read, so a document that holds any can be refused."""

import io
import re
import zipfile

import pytest
from PIL import Image

from runtime.document.extract import extract
from runtime.document.recognise import HoldsPictures
from tests.document.papers import paragraph, pdf, shown, word, zipped

WORDS = shown("words")


def scan(size: tuple[int, int] = (200, 100), form: str = "JPEG") -> bytes:
    """A page that is nothing but a picture."""
    out = io.BytesIO()
    Image.new("1" if form == "bilevel" else "RGB", size, "white").save(out, "PDF")
    return out.getvalue()


PICTURE = "<</Type/XObject/Subtype/Image/Width 90/Height 60/ColorSpace/DeviceGray/BitsPerComponent 8/Length 3>>stream\nabc\nendstream"
INLINE = "q BI /W 90 /H 60 /CS /G /BPC 8 ID abc\nEI Q"


def refused(content: bytes) -> bool:
    try:
        extract(content, pictures=False)
    except HoldsPictures:
        return True
    return False


def test_a_document_without_pictures_is_read() -> None:
    assert extract(pdf(WORDS, shown("more")), pictures=False) == "words\n\nmore"
    assert extract(word(paragraph("words")), pictures=False) == "words"


@pytest.mark.parametrize("form", ["JPEG", "bilevel"])
def test_a_scan_is_refused_or_its_picture_left_out(form: str) -> None:
    assert refused(scan(form=form))
    assert extract(scan(form=form)) == ""


def test_a_picture_among_the_operators_is_found_also_on_a_page_without_resources() -> None:
    content = pdf(f"{WORDS} ET {INLINE} BT")
    assert refused(content)
    bare = content.replace(b"/Resources<</Font<</F 3 0 R>>>>", b"/Ressource<</Font<</F 3 0 R>>>>")
    assert bare != content and refused(bare)


def test_words_that_look_like_a_picture_are_words() -> None:
    assert extract(pdf(shown("BI tools ID 7")), pictures=False) == "BI tools ID 7"


@pytest.mark.parametrize("size", [(1, 1), (12, 12)])
def test_a_dot_is_no_picture(size: tuple[int, int]) -> None:
    assert not refused(scan(size))


def test_a_scan_in_strips_is_refused() -> None:
    assert refused(scan((300, 1)))
    dots = " ".join("q BI /W 9 /H 9 /CS /G /BPC 8 ID a\nEI Q" for _ in range(21))
    assert refused(pdf(f"{WORDS} ET {dots} BT"))


FORM = "<</Type/XObject/Subtype/Form/BBox[0 0 9 9]/Resources<</XObject<</P 20 0 R>>>>/Length 0>>stream\n\nendstream"
PLACES = {
    "in a form": ("/Resources<</Font<</F 3 0 R>>/XObject<</G 21 0 R>>>>", FORM),
    "in a pattern": (
        "/Resources<</Font<</F 3 0 R>>/Pattern<</G 21 0 R>>>>",
        FORM.replace("/Type/XObject/Subtype/Form", "/Type/Pattern/PatternType 1/PaintType 1/TilingType 1"),
    ),
    "in a stamp": ("/Annots[<</Type/Annot/Subtype/Stamp/AP<</N 21 0 R>>>>]", FORM),
    "in a field's second look": ("/Annots[<</Type/Annot/Subtype/Widget/AP<</N<</On 21 0 R>>>>>>]", FORM),
    "in a form of itself": (
        "/Resources<</Font<</F 3 0 R>>/XObject<</G 21 0 R>>>>",
        FORM.replace("/P 20 0 R", "/H 21 0 R/P 20 0 R"),
    ),
}


@pytest.mark.parametrize("name", PLACES)
def test_a_picture_is_found_wherever_it_is_hidden(name: str) -> None:
    page, form = PLACES[name]
    assert refused(_with(page, {20: PICTURE, 21: form}))
    assert not refused(_with(page, {20: PICTURE.replace("90/Height 60", "2/Height 3"), 21: form}))


def _with(page: str, objects: dict[int, str]) -> bytes:
    """A page of text with these entries, and these objects behind it, in a file without a table of places."""
    made = pdf(WORDS)
    if "/Resources" in page:
        made = made.replace(b"/Resources<</Font<</F 3 0 R>>>>", page.encode())
    else:
        made = made.replace(b"/MediaBox", f"{page}/MediaBox".encode())
    more = "".join(f"{number} 0 obj\n{text}\nendobj\n" for number, text in objects.items())
    place = made.index(b"xref\n")
    return made[:place] + more.encode() + re.sub(rb"startxref\n\d+", b"startxref\n0", made[place:])


def test_a_word_file_with_a_picture_or_a_file_inside_is_refused() -> None:
    with zipfile.ZipFile(io.BytesIO(word(paragraph("words")))) as archive:
        parts: dict[str, str | bytes] = {name: archive.read(name) for name in archive.namelist()}
    for name in ("word/media/image1.png", "word/embeddings/sheet.xlsx"):
        content = zipped(parts | {name: b"x"})
        assert refused(content)
        assert extract(content) == "words"
