"""Documents: all their text comes out, the hidden too, and a bomb is refused before or while it is read."""

import io
import struct
import tracemalloc
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.document.extract import MAX_CHARACTERS, extract
from runtime.document.pdf import LIMITS, MAX_PAGES
from runtime.document.recognise import MAX_FILES, Form, NotADocument, TooMuch, is_html, recognise
from runtime.errors import Cancelled
from runtime.labelling.marks import Aigc
from runtime.labelling.text import embed_aigc
from tests.document.papers import SPACE, TYPES, paragraph, pdf, shown, word, zipped


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"# Title\r\n\r\n* one", "# Title\n\n* one"),
        (b"name,phone\nAda,1", "name,phone\nAda,1"),
        ("\ufeffüber".encode(), "über"),
        ("中文".encode("utf-16"), "中文"),
        ("季度报告：收入增长。".encode("gb18030"), "季度报告：收入增长。"),
        (b'{"a": 1}', '{"a": 1}'),
    ],
)
def test_a_text_comes_out_as_it_is(content: bytes, text: str) -> None:
    assert recognise(content) is Form.TEXT
    assert extract(content) == text


@pytest.mark.parametrize("ends", ["\n", "\r\n"])
@pytest.mark.parametrize("code", ["utf-8", "utf-8-sig", "utf-16", "gb18030"])
def test_an_ai_label_before_a_text_is_no_part_of_it(ends: str, code: str) -> None:
    labelled = embed_aigc("以下内容由人工智能生成。\n\n季度报告：收入增长。", Aigc("1", "某公司", "1"))
    content = labelled.replace("\n", ends).encode(code)
    assert extract(content) == "以下内容由人工智能生成。\n\n季度报告：收入增长。"


@pytest.mark.parametrize("front", ["title: Water", "AIGC:\n  hidden words", "AIGC: words"])
def test_front_matter_that_is_no_label_is_text(front: str) -> None:
    assert extract(f"---\n{front}\n---\nwords".encode()) == f"---\n{front}\n---\nwords"


def test_of_a_page_all_words_come_out_and_no_code() -> None:
    page = (
        "<!DOCTYPE html><html><head><title>Report</title><style>p{color:red}</style>"
        "<meta name=description content='told to programs'></head><body><script>steal()</script><h1>One &amp; two</h1>"
        "<p style='display:none'>hidden <b>words</b></p><img src=x alt='a cat'><table><tr><td>a<td>b</table>"
        "<template>kept aside</template></body></html>"
    )
    text = extract(page.encode())
    for words in ("Report", "told to programs", "One & two", "hidden words", "a cat", "a\tb", "kept aside"):
        assert words in text
    assert "steal" not in text and "color" not in text


@pytest.mark.parametrize("piece", ["<a ", "<!--", "<a href='", "</a "])
def test_a_page_of_tags_that_never_end_is_read_once(piece: str, monkeypatch: pytest.MonkeyPatch) -> None:
    begun = Counter[str]()

    def counted(name: str) -> Callable[..., int]:
        old = getattr(HTMLParser, name)

        def parse(self: HTMLParser, at: int, *more: int) -> int:
            begun[name] += 1
            return int(old(self, at, *more))

        return parse

    for name in ("parse_starttag", "parse_endtag", "parse_html_declaration"):
        monkeypatch.setattr(HTMLParser, name, counted(name))
    text = extract(b"<html><p>before</p>" + piece.encode() * 400 + b"kept &amp; told")
    assert "before" in text and "kept & told" in text
    assert begun.total() < 10


@pytest.mark.parametrize(
    ("end", "told"),
    [
        ("", ""),
        ("R&amp;D", "R&D"),
        ("a & b", "a & b"),
        ("a <", "a <"),
        ("&lt;b&gt;", "<b>"),
        ("<b>bold", "bold"),
    ],
)
def test_how_a_page_ends_takes_no_word_from_it(end: str, told: str) -> None:
    text = extract(f"<html><p>first</p>{end}".encode())
    assert text == "\n".join(filter(None, ["first", told]))
    assert "steal" not in extract(b"<html><script>steal()")


def test_of_a_pdf_all_pages_come_out_and_what_is_invisible_too() -> None:
    content = pdf(shown("first page"), "3 Tr " + shown("unseen"), "1 1 1 rg " + shown("white on white"))
    assert extract(content) == "first page\n\nunseen\n\nwhite on white"


def test_of_a_word_file_all_text_comes_out_also_what_is_hidden_struck_out_or_beside_the_page() -> None:
    body = (
        paragraph("visible") + paragraph("hidden", "<w:vanish/>") + paragraph("struck out", tag="delText")
        + "<w:tbl><w:tr><w:tc><w:p><w:r><w:t>left</w:t></w:r></w:p></w:tc></w:tr></w:tbl>"
        + "<w:p><w:r><w:instrText>PAGEREF code</w:instrText><w:t>one</w:t><w:tab/><w:t>two</w:t></w:r></w:p>"
    )  # fmt: skip
    note = f'<w:comments xmlns:w="{SPACE}">{paragraph("a remark")}</w:comments>'
    text = extract(word(body, comments=note, header1=note.replace("a remark", "on top")))
    assert text.startswith("visible\nhidden\nstruck out\nleft")
    assert "one\ttwo" in text and "a remark" in text and "on top" in text
    assert "PAGEREF" not in text


@pytest.mark.parametrize(
    "content",
    [b"", b" \n", b"\x00\x01\x02", bytes(range(256)), b"\x89PNG\r\n\x1a\n", b"\xff\xfe\x00", b"GIF89a\x01\x00", b"\x80\x04K\x01.",
     zipped({"a.txt": "text"})],
)  # fmt: skip
def test_what_is_no_document_is_none(content: bytes) -> None:
    assert recognise(content) is None


def entities() -> bytes:
    many = "".join(f'<!ENTITY e{n + 1} "{f"&e{n};" * 10}">' for n in range(9))
    return word(
        "",
        document=f'<!DOCTYPE d [<!ENTITY e0 "boom">{many}]><w:document xmlns:w="{SPACE}">&e9;</w:document>',
    )


BROKEN = {
    "a pdf cut off": pdf(shown("x"))[:-9],
    "a pdf of nothing": b"%PDF-1.7\nnonsense\n%%EOF",
    "a locked pdf": pdf(shown("x")).replace(b"/Root 1 0 R", b"/Root 1 0 R/Encrypt<</Filter/Standard/V 1/R 2/P -4/O(x)/U(y)>>"),
    "a zip cut off": word(paragraph("x"))[:-30],
    "a part that is no xml": word("", document="<w:document"),
    "entities": entities(),
    "an external entity": word("", document='<!DOCTYPE d SYSTEM "file:///etc/passwd"><d/>'),
}  # fmt: skip
BOMBS = {
    "zeros in a part": word("", document=" " * 30_000_000),
    "a part that repeats itself": word(paragraph("a" * 5_000_000)),
    "too many files": zipped({"word/document.xml": "", **{f"f{n}": "" for n in range(2_001)}}),
    "too deep": word("<w:p>" * 500 + "</w:p>" * 500),
    "too many characters": b"word " * (MAX_CHARACTERS // 5 + 1),
    "too many pages": pdf(*[shown("x")] * (MAX_PAGES + 1)),
    "a page that unpacks to much": pdf(shown("x"), content=zlib.compress(b" " * 40_000_000, 9)),
    "a pdf of many words": pdf(shown("x " * 60_000), shown("x " * 60_000)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_damaged_locked_or_defines_entities_is_refused(name: str) -> None:
    with pytest.raises(NotADocument):
        extract(BROKEN[name])


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused(name: str) -> None:
    with pytest.raises(TooMuch):
        extract(BOMBS[name])


def test_a_part_that_unpacks_to_more_than_it_says_is_refused() -> None:
    content = bytearray(word(paragraph("a" * 400_000)))
    # Both headers say: a hundred bytes.
    for mark, place in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        start = (
            content.index(b"word/document.xml", content.index(mark))
            if mark == b"PK\x03\x04"
            else content.rindex(mark)
        )
        start = content.rindex(mark, 0, start + 4)
        struct.pack_into("<I", content, start + place, 100)
    with pytest.raises((NotADocument, TooMuch)):
        extract(bytes(content))


def test_two_parts_of_one_name_are_refused(recwarn: pytest.WarningsRecorder) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for text in (TYPES, "<a/>", "<b/>"):
            archive.writestr("word/document.xml" if text != TYPES else "[Content_Types].xml", text)
    with pytest.raises(NotADocument):
        recognise(out.getvalue())


def test_a_directory_that_hides_behind_another_count_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    files: dict[str, str | bytes] = {"[Content_Types].xml": TYPES, "word/document.xml": "<a/>"}
    content = zipped(files | {f"f{number}": "" for number in range(MAX_FILES)})
    end = content.rindex(b"PK\x05\x06")
    _, _, _, count, _, size, start, _ = struct.unpack("<4s4H2LH", content[end:])
    # What a reader takes for a file's own word once the longer form of the end is there.
    longer = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, start)
    pointer = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    small = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 2, 2, 100, start, 0)
    monkeypatch.setattr(zipfile, "ZipFile", None)
    with pytest.raises(TooMuch):
        recognise(content[:end] + longer + pointer + small)


@pytest.mark.parametrize("how", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_packing_that_word_never_uses_is_refused(how: int) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", how) as archive:
        archive.writestr("[Content_Types].xml", TYPES)
        archive.writestr("word/document.xml", "<a/>")
    with pytest.raises(NotADocument):
        recognise(out.getvalue())


def test_a_name_that_is_written_in_two_ways_is_a_damaged_file() -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name in ("[Content_Types].xml", "word/document.xml", "word/header\u0661.xml"):
            archive.writestr(name, TYPES)
    content = out.getvalue().replace("word/header\u0661.xml".encode(), b"word/header\xff\xff.xml", 1)
    with pytest.raises(NotADocument):
        extract(content)


def test_comments_before_a_page_take_no_longer_the_more_there_are() -> None:
    # With each comment the old way doubled: it would end after the sun has.
    assert not is_html("<!---->" * 500 + "x")
    assert is_html("<!-- a --> <!----><!-- --><html>")
    assert not is_html("<!-- never closed <html>")


def test_a_long_chinese_file_is_recognised_in_little_more_than_its_own_size() -> None:
    content = ("中" * 1_000_000).encode("gb18030")
    tracemalloc.start()
    try:
        assert recognise(content) is Form.TEXT
        assert tracemalloc.get_traced_memory()[1] < 16_000_000
    finally:
        tracemalloc.stop()


def test_a_run_that_was_stopped_reads_on_no_page() -> None:
    def stop() -> None:
        raise Cancelled

    for content in (pdf(shown("x")), word(paragraph("x"))):
        with pytest.raises(Cancelled):
            extract(content, stop)


def test_reading_starts_no_program_and_leaves_the_library_s_limits_as_they_were() -> None:
    from pypdf import get_configuration

    before = get_configuration()
    extract(pdf(shown("x")))
    assert get_configuration() == before
    assert LIMITS["jbig2dec_binary"] is None


@settings(deadline=None, max_examples=40)
@given(
    st.sampled_from([b"%PDF-1.4\n", b"PK\x03\x04", b"<html>", b""]),
    st.binary(max_size=120),
    st.integers(9, 400),
)
def test_no_bytes_make_it_fail_otherwise(head: bytes, junk: bytes, at: int) -> None:
    good = pdf(shown("some text")) if head.startswith(b"%PDF") else word(paragraph("some text"))
    for content in (head + junk, head + junk + b"%%EOF", good[:at] + junk + good[at + len(junk) :]):
        try:
            extract(content)
        except (NotADocument, TooMuch):
            pass
