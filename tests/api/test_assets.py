"""Files over HTTP: in by one door, stripped; out to their own workspace only."""

import io
import os
import pickle
import random
import resource
import struct
import zipfile
import zlib
from collections.abc import Iterator
from unittest import mock

import pytest
from PIL import Image, ImageDraw, ImageFile, ImageFont

from builder.assets.models import Asset, Origin
from builder.assets.record_output import record_output
from builder.assets.store import open_store
from runtime.document.recognise import Form
from tests.api.conftest import Member, NewMember
from tests.api.pictures import picture, png
from tests.builder.assets.test_containers import png_bomb, saved
from tests.document.papers import paragraph, pdf, shown, word
from tests.packs.crafted import png_chunk, with_chunks
from tests.sound.recordings import film, recording
from tests.sound.sounds import chunk, tone, wav


def upload(member: Member, content: bytes, name: str = "picture.png", kind: str = "image/png") -> object:
    file = io.BytesIO(content)
    file.name, file.content_type = name, kind
    return member.client.post(
        f"/api/workspaces/{member.workspace.pk}/assets", {"file": file}, format="multipart"
    )


@pytest.mark.parametrize(
    ("form", "kind"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_a_picture_comes_back_as_it_went_in(form: str, kind: str, ada: Member) -> None:
    made = upload(ada, picture(form, 20, 10).getvalue(), name="whatever.exe", kind="text/html").json()
    assert (made["media_type"], made["width"], made["height"]) == (kind, 20, 10)
    assert ada.client.get(f"/api/assets/{made['id']}").json() == made
    content = ada.client.get(made["url"])
    body = b"".join(content.streaming_content)
    assert (content["Content-Type"], len(body)) == (kind, made["size"])
    assert Image.open(io.BytesIO(body)).size == (20, 10)


def test_the_same_picture_twice_is_one_asset_and_its_name_is_not_kept(ada: Member) -> None:
    first, second = (
        upload(ada, png().getvalue(), name=name).json() for name in ("a.png", "../../etc/passwd")
    )
    assert first == second
    assert "passwd" not in str(Asset.objects.values())


def test_content_is_served_so_that_it_can_only_be_a_picture(ada: Member) -> None:
    made = upload(ada, png().getvalue()).json()
    shown, saved_file = ada.client.get(made["url"]), ada.client.get(made["url"] + "?download=1")
    assert shown["Content-Disposition"].startswith("inline; ")
    assert saved_file["Content-Disposition"].startswith('attachment; filename="sluiceway-')
    assert shown["X-Content-Type-Options"] == "nosniff"
    assert shown["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert "private" in shown["Cache-Control"]


def test_a_part_is_served_when_a_part_is_asked_for(ada: Member) -> None:
    made = upload(ada, png(60, 60).getvalue()).json()
    size = made["size"]
    whole = b"".join(ada.client.get(made["url"]).streaming_content)

    def ask(span: str) -> tuple[int, bytes]:
        answer = ada.client.get(made["url"], headers={"Range": span})
        return answer.status_code, b"".join(answer.streaming_content) if answer.streaming else answer.content

    assert ask("bytes=0-9") == (206, whole[:10])
    assert ask("bytes=10-") == (206, whole[10:])
    assert ask("bytes=-5") == (206, whole[-5:])
    assert ask(f"bytes=0-{size * 2}") == (200, whole)
    assert ask(f"bytes={size}-") == (416, b"")
    assert ask("bytes=5-2") == (416, b"")
    assert ask("lines=1-2") == (200, whole)
    again = ada.client.get(made["url"], headers={"If-None-Match": ada.client.get(made["url"])["ETag"]})
    assert again.status_code == 304


def jpeg_of_many(width: int, height: int) -> bytes:
    """A small JPEG whose frame header was changed to promise more."""
    content = bytearray(saved("JPEG"))
    start = content.index(b"\xff\xc0")
    struct.pack_into(">HH", content, start + 5, height, width)
    return bytes(content)


def zipped() -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("zeros", bytes(10_000_000))
    return file.getvalue()


class Trap:
    """Would write a file when it is unpickled."""

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, ("/tmp/sluiceway-trap",)


REFUSED = {
    "nothing": (b"", "invalid"),
    "pickle": (pickle.dumps(Trap()), "unknown_file"),
    "zip": (zipped(), "unknown_file"),
    "gif": (saved("GIF"), "unknown_file"),
    "avif": (b"\0\0\0\x20ftypavif\0\0\0\0", "unknown_picture"),
    "heic": (b"\0\0\0\x20ftypheic\0\0\0\0", "unknown_picture"),
    "bmp": (saved("BMP"), "unknown_file"),
    "tiff": (saved("TIFF"), "unknown_file"),
    "pdf behind a word": (b"%PDF-1.7 \x89PNG\r\n\x1a\n", "damaged_document"),
    "word file of zeros": (word("", document=" " * 30_000_000), "too_packed"),
    "word file cut off": (word("")[:-9], "damaged_document"),
    "png in name only": (b"\x89PNG\r\n\x1a\n" + b"<script>", "damaged_picture"),
    "png cut off": (saved("PNG")[:60], "damaged_picture"),
    "png of 3.6 thousand million pixels": (png_bomb(60_000, 60_000), "too_many_pixels"),
    "png just over 13 million pixels": (png_bomb(3_700, 3_600), "too_many_pixels"),
    "png of 9 million pixels in a kilobyte": (png_bomb(3_000, 3_000), "too_plain"),
    "png one pixel high": (png_bomb(16_000, 1), "too_narrow"),
    "png without a side": (png_bomb(0, 10), "damaged_picture"),
    "jpeg of 4 thousand million pixels": (jpeg_of_many(65_000, 65_000), "too_many_pixels"),
    "webp of 268 million pixels": (
        b"RIFF"
        + struct.pack("<I", 22)
        + b"WEBPVP8L"
        + struct.pack("<I", 10)
        + b"\x2f\xff\xff\xff\x0f"
        + bytes(5),
        "too_many_pixels",
    ),
    "animated png": (
        saved(
            "PNG", Image.new("RGB", (4, 4)), save_all=True, append_images=[Image.new("RGB", (4, 4), "red")]
        ),
        "animated",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_unknown_file_within_the_limits_is_refused_and_never_decoded(name: str, ada: Member) -> None:
    content, code = REFUSED[name]
    with mock.patch.object(ImageFile.ImageFile, "load", side_effect=AssertionError("decoded")):
        answer = upload(ada, content)
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert answer.json()["message"].endswith(".")
    assert not Asset.objects.exists()
    assert not os.path.exists("/tmp/sluiceway-trap")


def test_a_good_picture_is_not_decoded_either(ada: Member) -> None:
    with mock.patch.object(ImageFile.ImageFile, "load", side_effect=AssertionError("decoded")):
        for form in ("PNG", "JPEG", "WEBP"):
            assert upload(ada, picture(form).getvalue()).status_code == 201


def test_a_sound_comes_back_with_its_samples_and_nothing_else(ada: Member) -> None:
    named = wav(tone(), before=chunk(b"LIST", b"INFOINAM\x04\0\0\0Ada\0"))
    made = upload(ada, named, name="Ada.mp3", kind="audio/mpeg").json()
    assert (made["media_type"], made["width"], made["height"]) == ("audio/wav", None, None)
    content = ada.client.get(made["url"])
    assert content["Content-Type"] == "audio/wav"
    assert content["Content-Disposition"].endswith('.wav"')
    assert b"".join(content.streaming_content) == wav(tone())


@pytest.mark.parametrize(
    ("name", "media_type", "ending"),
    [("mp3", "audio/mpeg", "mp3"), ("flac", "audio/flac", "flac"), ("webm", "audio/ogg", "ogg")],
)
def test_a_recording_comes_back_without_its_tags(
    name: str, media_type: str, ending: str, ada: Member
) -> None:
    made = upload(ada, recording(name, tone(0.3, 48_000)), name="x.mp4", kind="video/mp4").json()
    assert made["media_type"] == media_type
    content = ada.client.get(made["url"])
    assert content["Content-Disposition"].endswith(f'.{ending}"')
    assert b"Ada" not in b"".join(content.streaming_content)


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (recording("m4a", tone(0.3, 48_000)), "unknown_sound"),
        (recording("webm", tone(0.3, 48_000))[:-9], "damaged_sound"),
        (film(), "damaged_sound"),
        (wav(tone())[:-9], "damaged_sound"),
        (wav(tone(), form=0x55), "damaged_sound"),
        (wav(tone(601, 8_000), rate=8_000, bits=8), "too_long"),
        (b"ID3\x04\0\0\0\0\0\0 an mp3", "unknown_file"),
        (b"RIFF\x04\0\0\0AVI ", "unknown_file"),
    ],
    ids=["m4a", "webm cut off", "webm film", "cut off", "mp3 inside", "eleven minutes", "mp3", "a film"],
)
def test_what_is_no_sound_within_the_limits_is_refused(content: bytes, code: str, ada: Member) -> None:
    answer = upload(ada, content, name="x.wav", kind="audio/wav")
    assert (answer.status_code, answer.json()["code"]) == (400, code)
    assert not Asset.objects.exists()


@pytest.mark.parametrize(
    ("content", "kind", "ending"),
    [
        (b"just words", "text/plain", "txt"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "text/plain", "txt"),
        (b"<html><script>alert(1)</script>", "text/plain", "txt"),
        (pdf(shown("words")), "application/pdf", "pdf"),
        (word(paragraph("words")), Form.WORD.value, "docx"),
    ],
    ids=["text", "svg", "html", "pdf", "word"],
)
def test_a_document_is_kept_as_it_is_and_never_shown_on_our_address(
    content: bytes, kind: str, ending: str, ada: Member
) -> None:
    made = upload(ada, content, name="x.html", kind="text/html").json()
    assert made["media_type"] == kind
    answer = ada.client.get(made["url"])
    assert answer["Content-Disposition"].startswith("attachment; ")
    assert answer["Content-Disposition"].endswith(f'.{ending}"')
    assert (answer["Content-Type"], answer["X-Content-Type-Options"]) == (kind, "nosniff")
    assert b"".join(answer.streaming_content) == content


def plain(width: int, height: int) -> bytes:
    return saved("PNG", Image.new("RGB", (width, height), "teal"))


def test_a_picture_of_one_colour_passes_up_to_four_million_pixels(ada: Member) -> None:
    assert upload(ada, plain(2_000, 2_000)).status_code == 201
    assert upload(ada, saved("PNG", Image.new("1", (2_480, 1_600)))).status_code == 201


def test_a_small_file_of_36_million_pixels_is_refused(ada: Member) -> None:
    answer = upload(ada, plain(6_000, 6_000))
    assert (answer.status_code, answer.json()["code"]) == (400, "too_many_pixels")
    assert "13 million" in answer.json()["message"]


def test_what_is_stripped_does_not_count_as_the_bytes_of_a_picture(ada: Member) -> None:
    content = with_chunks(plain(3_600, 3_600), png_chunk(b"tEXt", b"a\0" + bytes(1_000_000)))
    answer = upload(ada, content)
    assert (answer.status_code, answer.json()["code"]) == (400, "too_plain")


def test_the_photo_of_a_telephone_and_a_scan_are_taken(ada: Member) -> None:
    photo = Image.effect_noise((504, 378), 30).resize((4_032, 3_024)).convert("RGB")
    page = Image.new("1", (2_480, 3_508), 1)
    draw, font, dice = ImageDraw.Draw(page), ImageFont.load_default(40), random.Random(1)
    for line in range(60):
        words = "".join(dice.choices("abcdefgh ijklmn opqrst uvwxyz", k=95))
        draw.text((200, 200 + 50 * line), words, 0, font)
    for content in (saved("JPEG", photo, quality=50), saved("PNG", page)):
        assert upload(ada, content).status_code == 201


def test_a_file_over_thirty_megabytes_is_refused(ada: Member) -> None:
    answer = upload(ada, saved("PNG") + bytes(31 * 1024 * 1024))
    assert (answer.status_code, answer.json()["code"]) == (413, "upload_too_large")


def test_an_upload_that_is_no_form_is_refused(ada: Member) -> None:
    address = f"/api/workspaces/{ada.workspace.pk}/assets"
    assert ada.client.post(address, {"file": "x"}, format="json").status_code == 415
    broken = ada.client.generic(
        "POST", address, b"--x\r\nnonsense", content_type="multipart/form-data; boundary=y"
    )
    assert broken.status_code == 400
    assert ada.client.generic("POST", address, b"", content_type="multipart/form-data").status_code == 400


@pytest.fixture
def memory() -> Iterator[None]:
    """Fails when the process at its peak holds 300 MB more after the test than before."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert grown < 300, f"{grown:.0f} MB"


def test_twenty_bombs_cost_next_to_no_memory(ada: Member, memory: None) -> None:
    zeros = zlib.compress(bytes(200_000_000), 9)  # 200 kB that unpack to 200 MB
    text = struct.pack(">I", len(zeros) + 3) + b"zTXt" + b"a\0\0" + zeros + bytes(4)
    bomb = png_bomb(2_000, 2_000)
    whole = bomb[:33] + text + bomb[33:]
    for number in range(20):
        answer = upload(ada, whole + bytes([number]))
        # Stripped of its text, it is a picture within the limits whose pixels nobody has unpacked.
        assert answer.status_code == 201
        assert answer.json()["size"] < 10_000


def test_an_output_has_an_address_from_its_delivery_on(
    ada: Member, stranger: Member, member: NewMember
) -> None:
    ref = open_store().write(png(30, 30).getvalue(), "image/png", 30, 30)
    output = record_output(ada.workspace, ref, {"run": "r", "output": "picture"})
    assert record_output(ada.workspace, ref, {}) == output
    assert (output.origin, output.ref) == (Origin.OUTPUT, ref)
    viewer = member("vera", workspace=ada.workspace, role="viewer")
    assert viewer.client.get(output.url).status_code == 200
    assert stranger.client.get(output.url).status_code == 404


def test_a_viewer_cannot_upload(ada: Member, member: NewMember) -> None:
    viewer = member("vera", workspace=ada.workspace, role="viewer")
    assert upload(viewer, png().getvalue()).status_code == 403
