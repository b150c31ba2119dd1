"""Picture files by their containers: what is kept, what is dropped, what is refused."""

import io
import struct
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from builder.assets.containers import Animated, NotAPicture, read_container
from tests.api.pictures import picture
from tests.packs.crafted import jpeg_segment, png_chunk, png_chunks, thumbnail, with_chunks, with_segments

SECRET = b"somewhere at 48.8584 N"


def saved(form: str, image: Image.Image | None = None, **options: object) -> bytes:
    file = io.BytesIO()
    (image or Image.effect_noise((40, 30), 60).convert("RGB")).save(file, form, **options)
    return file.getvalue()


def exif(orientation: int = 1) -> Image.Exif:
    found = Image.Exif()
    found[0x0112] = orientation
    found[0x010E] = SECRET.decode()
    return found


def with_metadata(form: str) -> bytes:
    if form == "PNG":
        info = PngImagePlugin.PngInfo()
        info.add_text("Comment", SECRET.decode())
        return saved(form, pnginfo=info, exif=exif())
    if form == "WEBP":
        return saved(form, exif=exif().tobytes(), xmp=SECRET, lossless=True)
    return saved(form, exif=exif(), comment=SECRET, quality=90)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_metadata_goes_and_every_pixel_stays(form: str) -> None:
    before = with_metadata(form)
    assert SECRET in before
    found = read_container(before)
    assert found is not None
    assert SECRET not in found.content
    assert (found.format, found.width, found.height) == (form, 40, 30)
    assert Image.open(io.BytesIO(found.content)).tobytes() == Image.open(io.BytesIO(before)).tobytes()


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_what_stands_behind_the_picture_is_dropped(form: str) -> None:
    archive = b"PK\x03\x04 a file that is two things at once"
    found = read_container(saved(form) + archive)
    assert found is not None
    assert archive not in found.content


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_stays_the_right_way_up(orientation: int) -> None:
    found = read_container(saved("JPEG", exif=exif(orientation)))
    assert found is not None
    kept = Image.open(io.BytesIO(found.content)).getexif()
    assert kept.get(0x0112, 1) == orientation
    assert set(kept) <= {0x0112}


@pytest.mark.parametrize(
    "options",
    [
        {"progressive": True},
        {"optimize": True, "quality": 30},
        {"subsampling": 0},
        {"restart_marker_blocks": 2},
    ],
)
def test_every_kind_of_jpeg_survives(options: dict[str, object]) -> None:
    before = saved("JPEG", **options)
    found = read_container(before)
    assert found is not None
    assert Image.open(io.BytesIO(found.content)).tobytes() == Image.open(io.BytesIO(before)).tobytes()


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "1", "L", "I;16"])
def test_every_kind_of_png_survives(mode: str) -> None:
    image = Image.new(mode, (9, 7), 1)
    before = saved("PNG", image)
    found = read_container(before)
    assert found is not None
    assert Image.open(io.BytesIO(found.content)).tobytes() == image.tobytes()


def test_transparency_of_a_webp_survives() -> None:
    image = Image.new("RGBA", (9, 7), (200, 10, 10, 77))
    for options in ({"lossless": True}, {"quality": 60}):
        before = saved("WEBP", image, exif=exif().tobytes(), **options)
        found = read_container(before)
        assert found is not None
        assert Image.open(io.BytesIO(found.content)).tobytes() == Image.open(io.BytesIO(before)).tobytes()


def test_nothing_that_changes_how_colours_are_shown_is_kept() -> None:
    chunks = [
        png_chunk(b"gAMA", struct.pack(">I", 500)),
        png_chunk(b"cHRM", struct.pack(">8I", *[30_000] * 8)),
        png_chunk(b"sRGB", b"\0"),
        png_chunk(b"sBIT", b"\1\1\1"),
        png_chunk(b"cICP", b"\x09\x10\0\1"),
    ]
    plain = saved("PNG")
    found = read_container(with_chunks(plain, *chunks))
    assert found is not None
    assert set(png_chunks(found.content)) == {b"IHDR", b"IDAT", b"IEND"}
    assert found.content == plain


@pytest.mark.parametrize("mode", ["L", "RGB", "CMYK"])
def test_thumbnails_and_notes_in_the_segments_of_a_jpeg_are_dropped(mode: str) -> None:
    scene = Image.effect_noise((40, 30), 60).convert(mode)
    before = with_segments(
        saved("JPEG", scene),
        thumbnail(Image.new("RGB", (8, 8), "red")),
        jpeg_segment(0xE0, b"JFIF\0\1\1\0\0\1\0\1\4\4" + SECRET * 2),
        jpeg_segment(0xE0, SECRET),
        jpeg_segment(0xEE, SECRET),
    )
    if mode == "CMYK":
        at = before.index(b"Adobe") - 2
        (length,) = struct.unpack_from(">H", before, at)
        before = (
            before[: at - 2]
            + jpeg_segment(0xEE, before[at + 2 : at + length] + SECRET)
            + before[at + length :]
        )
    found = read_container(before)
    assert found is not None
    assert SECRET not in found.content and b"JFXX" not in found.content
    assert found.content.count(b"\xff\xd8") == 1
    assert Image.open(io.BytesIO(found.content)).tobytes() == Image.open(io.BytesIO(before)).tobytes()


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_more_than_one_frame_is_refused(form: str) -> None:
    frames = [Image.new("RGB", (4, 4), colour) for colour in ("red", "blue")]
    with pytest.raises(Animated):
        read_container(saved(form, frames[0], save_all=True, append_images=frames[1:]))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_picture_cut_off_anywhere_is_refused(form: str) -> None:
    whole = saved(form)
    for length in range(12, len(whole) - 2, 7):
        with pytest.raises(NotAPicture):
            read_container(whole[:length])


@given(st.sampled_from(["PNG", "JPEG", "WEBP"]), st.data())
def test_any_damage_is_refused_or_leaves_a_picture_file(form: str, data: st.DataObject) -> None:
    content = bytearray(picture(form).getvalue())
    for position in data.draw(st.lists(st.integers(0, len(content) - 1), min_size=1, max_size=8)):
        content[position] = data.draw(st.integers(0, 255))
    try:
        found = read_container(bytes(content))
    except (NotAPicture, Animated):
        return
    assert found is None or len(found.content) <= len(content) + 40


def png_bomb(width: int, height: int) -> bytes:
    """A PNG whose header promises far more than its bytes hold."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return (
        b"\x89PNG\r\n\x1a\n"
        + header
        + chunk(b"IDAT", zlib.compress(bytes(1_000_000), 9))
        + chunk(b"IEND", b"")
    )


def test_a_header_is_read_without_what_it_promises() -> None:
    found = read_container(png_bomb(60_000, 60_000))
    assert found is not None
    assert (found.width, found.height) == (60_000, 60_000)
