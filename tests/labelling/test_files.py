"""Marks are written into every container so that we, and readers that are not ours, find the same ones again."""

import io
import json
import re
import wave
from html import unescape

import pytest
import yaml
from PIL import Image, ImageChops

from runtime.labelling.files import Container, Unreadable, embed, read, recognise, without_credential
from runtime.labelling.marks import MADE_BY_MODEL, Aigc, Marks, NotALabel
from tests.labelling.samples import AIGC, FIELDS, MARKS, PICTURES, picture, riff_chunks, sound


def foreign_xmp(content: bytes) -> str:
    """The XMP packet as Pillow finds it."""
    with Image.open(io.BytesIO(content)) as image:
        image.load()
        found = image.info.get("xmp") or image.info["XML:com.adobe.xmp"]
    return found.decode() if isinstance(found, bytes) else found


def pixels_of(content: bytes) -> Image.Image:
    with Image.open(io.BytesIO(content)) as image:
        return image.convert("RGBA")


@pytest.mark.parametrize("kind", PICTURES)
def test_a_picture_gives_its_marks_back_to_us_and_to_pillow(kind: str) -> None:
    marked = embed(picture(kind), MARKS)
    assert read(marked) == MARKS
    packet = foreign_xmp(marked)
    label = re.search(r"<TC260:AIGC>(.*?)</TC260:AIGC>", packet)
    assert label and json.loads(unescape(label[1])) == FIELDS
    assert 'xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/"' in packet
    assert f"<Iptc4xmpExt:DigitalSourceType>{MADE_BY_MODEL}<" in packet


@pytest.mark.parametrize("kind", PICTURES)
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_marking_changes_no_pixel(kind: str, mode: str) -> None:
    plain = picture(kind, mode="RGB" if kind == "JPEG" else mode)
    before, after = pixels_of(plain), pixels_of(embed(plain, MARKS))
    assert ImageChops.difference(before, after).getbbox(alpha_only=False) is None


@pytest.mark.parametrize("kind", PICTURES)
def test_marks_replace_those_that_were_there(kind: str) -> None:
    other = Marks(Aigc("1", "somebody else", "9"))
    again = embed(embed(picture(kind), other), MARKS)
    assert read(again) == MARKS
    assert b"somebody else" not in again
    assert again == embed(picture(kind), MARKS)


def test_a_webp_picture_that_is_extended_already_keeps_its_header() -> None:
    plain = picture("WEBP", mode="RGBA", exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0")
    marked = embed(plain, MARKS)
    assert read(marked) == MARKS
    assert riff_chunks(marked).keys() == riff_chunks(plain).keys() | {b"XMP "}
    assert riff_chunks(marked)[b"VP8X"][0] == riff_chunks(plain)[b"VP8X"][0] | 0x04


def test_a_sound_plays_on_and_carries_its_labels_in_chunks_of_their_own() -> None:
    marked = embed(embed(sound(), Marks(Aigc("1", "before", "1"))), MARKS)
    assert read(marked) == MARKS
    assert json.loads(riff_chunks(marked)[b"AIGC"]) == FIELDS
    assert b"<TC260:AIGC>" not in riff_chunks(marked)[b"_PMX"]  # its chunk is the place that programs know
    assert read(embed(sound(), Marks(None, MARKS.digital_source))) == Marks(None, MARKS.digital_source)
    with wave.open(io.BytesIO(marked)) as file, wave.open(io.BytesIO(sound())) as before:
        assert file.readframes(file.getnframes()) == before.readframes(before.getnframes())


@pytest.mark.parametrize("body", ["# Title\n\nWords.\n", "", "---\ntitle: x\n---\nwords", "一、引言\n"])
def test_a_text_carries_its_label_as_yaml_front_matter(body: str) -> None:
    marked = embed(embed(body.encode(), Marks(Aigc("1", "before", "1"))), MARKS)
    assert read(marked) == Marks(AIGC)
    _, front, rest = marked.decode().split("---\n", 2)
    assert yaml.safe_load(front) == {"AIGC": FIELDS}
    assert rest == body


def test_a_texts_label_is_read_and_replaced_behind_the_line_ends_of_windows() -> None:
    body = "# Title\r\n\r\n---\r\nWords.\r\n"
    marked = embed(body.encode(), MARKS).replace(b"\r\n", b"\n").replace(b"\n", b"\r\n")
    assert read(marked) == read(b"\xef\xbb\xbf" + marked) == Marks(AIGC)
    again = embed(marked, Marks(Aigc("1", "after", "1"))).decode()
    assert read(again.encode()) == Marks(Aigc("1", "after", "1"))
    assert again.count("AIGC:") == 1 and again.endswith("---\n" + body)


def test_a_mark_of_byte_order_does_not_get_into_the_middle_of_a_text() -> None:
    assert embed(b"\xef\xbb\xbfwords", MARKS) == embed(b"words", MARKS)


@pytest.mark.parametrize("content", [picture(kind) for kind in PICTURES] + [sound(), b"words\n", b""])
def test_what_nobody_marked_has_no_marks(content: bytes) -> None:
    assert not read(content)


def test_the_attribute_form_of_other_writers_is_read_too() -> None:
    packet = (
        b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        b'<rdf:Description xmlns:TC260="http://www.tc260.org.cn/ns/AIGC/1.0/" TC260:AIGC="{&quot;Label&quot;:'
        b'&quot;2&quot;,&quot;ContentProducer&quot;:&quot;p&quot;,&quot;ProduceID&quot;:&quot;i&quot;}"/>'
        b"</rdf:RDF></x:xmpmeta>"
    )
    marks = read(picture("JPEG", xmp=packet))
    assert marks == Marks(Aigc("2", "p", "i")) and not marks.by_model


@pytest.mark.parametrize(
    "packet",
    [
        b"<broken",
        b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><x>&b;</x>',
        '<?xml version="1.0" encoding="UTF-16"?><x/>'.encode("utf-16"),
    ],
)
def test_xmp_that_is_broken_or_would_grow_is_no_label_and_no_crash(packet: bytes) -> None:
    with pytest.raises(NotALabel):
        read(picture("WEBP", xmp=packet))


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", "{", '{"Label":1}', '{"Label":"4","ContentProducer":"p","ProduceID":"i"}',
     '{"Label":"1","ContentProducer":"","ProduceID":"i"}', '{"Label":"1","ContentProducer":"p"}',
     "[" * 100_000, '{"Label":"1","ContentProducer":"' + "p" * 70_000 + '","ProduceID":"i"}'],
)  # fmt: skip
def test_what_breaks_the_standard_is_no_label(text: str) -> None:
    with pytest.raises(NotALabel):
        Aigc.from_text(text)


@pytest.mark.parametrize("kind", PICTURES)
def test_a_file_that_was_cut_anywhere_is_read_or_called_unreadable(kind: str) -> None:
    marked = embed(picture(kind), MARKS)
    for end in range(0, len(marked), 7):
        try:
            assert read(marked[:end]) in (Marks(), MARKS)
        except (Unreadable, NotALabel):
            continue


@pytest.mark.parametrize("content", [b"\0\1\2", b"\xff\xfe", b"GIF89a\0\0", b"words\0"])
def test_other_files_are_unreadable(content: bytes) -> None:
    with pytest.raises(Unreadable):
        recognise(content)


def test_a_label_is_not_written_into_what_is_broken() -> None:
    with pytest.raises(Unreadable):
        embed(picture("JPEG")[:40], MARKS)


def test_a_credential_cannot_be_taken_out_of_text() -> None:
    assert recognise(b"words") is Container.TEXT
    with pytest.raises(Unreadable):
        without_credential(b"words")
