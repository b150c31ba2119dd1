"""The words on a picture can be seen by everybody: large enough, on any background, in letters that the font has."""

import io

import numpy as np
import pytest
from PIL import Image, ImageFont

from runtime.labelling.profile import PICTURE_MARK
from runtime.labelling.visible import FONT, draw, draw_on
from tests.labelling.samples import PICTURES, picture

WORDS = [PICTURE_MARK.zh, PICTURE_MARK.en]
SIZES = [(512, 512), (1024, 768), (640, 1536), (2048, 300), (128, 128), (96, 64)]
BACKGROUNDS = ["white", "black", "grey", "red", "yellow"]


def white_ink(plain: Image.Image, marked: Image.Image) -> np.ndarray:
    """Where a pixel became white: the letters, on every background that is not white itself."""
    before, after = np.asarray(plain.convert("RGB")), np.asarray(marked.convert("RGB"))
    return (after.min(axis=2) > 200) & (before != after).any(axis=2)


def first_letter(ink: np.ndarray) -> np.ndarray:
    """The rows and columns of the leftmost connected run of columns."""
    columns = ink.any(axis=0)
    start = int(columns.argmax())
    width = int((~columns[start:]).argmax())
    return ink[:, start : start + width]


def luminance(rgb: np.ndarray) -> float:
    share = rgb / 255
    linear = np.where(share <= 0.04045, share / 12.92, ((share + 0.055) / 1.055) ** 2.4)
    return float(linear @ [0.2126, 0.7152, 0.0722])


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("size", SIZES)
def test_a_large_letter_is_at_least_a_twentieth_of_the_short_side(words: str, size: tuple[int, int]) -> None:
    plain = Image.new("RGB", size, "navy")
    letter = first_letter(white_ink(plain, draw(plain, words)))
    assert letter.any(axis=1).sum() >= 0.05 * min(size)


@pytest.mark.parametrize("words", WORDS)
@pytest.mark.parametrize("background", BACKGROUNDS)
def test_the_words_stand_out_from_their_field_on_any_picture(words: str, background: str) -> None:
    plain = Image.new("RGB", (512, 512), background)
    marked = np.asarray(draw(plain, words)).astype(float)
    changed = (marked != np.asarray(plain)).any(axis=2)
    inside = marked[changed].reshape(-1, 3)
    lights = [luminance(colour) for colour in np.unique(inside, axis=0)]
    # White letters over white differ from nothing, so the lightest is asked of the whole corner.
    lightest = max(*lights, luminance(marked[450:, 250:].reshape(-1, 3).max(axis=0)))
    assert (lightest + 0.05) / (min(lights) + 0.05) >= 4.5


@pytest.mark.parametrize("size", SIZES)
def test_the_words_lie_inside_of_the_picture_in_its_lower_right_corner(size: tuple[int, int]) -> None:
    plain = Image.new("RGB", size, "navy")
    for words in WORDS:
        rows, columns = np.nonzero(white_ink(plain, draw(plain, words)))
        assert rows.min() > size[1] / 2
        assert rows.max() < size[1] - 1 and columns.min() > 0 and columns.max() < size[0] - 1


@pytest.mark.parametrize("size", [(64, 64), (64, 48), (80, 20)])
def test_a_small_picture_carries_words_as_large_as_fit(size: tuple[int, int]) -> None:
    plain = Image.new("RGB", size, "navy")
    marked = draw(plain, PICTURE_MARK.en)
    assert marked.size == size
    rows, columns = np.nonzero((np.asarray(marked) != np.asarray(plain)).any(axis=2))
    assert min(rows.min(), columns.min()) > 0
    assert columns.max() < size[0] - 1 and rows.max() < size[1] - 1


@pytest.mark.parametrize("size", [(1, 1), (3, 200), (32, 32), (40, 9), (400, 12)])
def test_a_picture_too_small_for_words_is_refused_and_not_marked_with_half_of_them(
    size: tuple[int, int],
) -> None:
    with pytest.raises(ValueError):
        draw(Image.new("RGB", size), PICTURE_MARK.en)


def test_the_font_has_every_letter_of_every_mark() -> None:
    font = ImageFont.truetype(FONT, 60)
    missing = bytes(font.getmask("\u9f98"))
    for letter in sorted(set("".join(WORDS))):
        assert bytes(font.getmask(letter)) != missing, letter
    assert (FONT.parent / "mark.LICENSE.txt").read_text().count("SIL OPEN FONT LICENSE") >= 1


@pytest.mark.parametrize("kind", PICTURES)
def test_a_file_stays_of_its_kind_and_loses_the_metadata_of_others(kind: str) -> None:
    content = (
        picture(kind, (128, 128), exif=b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0", xmp=b"<x>CANARY</x>")
        if kind != "PNG"
        else picture(kind, (128, 128))
    )
    marked, size = draw_on(content, PICTURE_MARK.zh)
    assert size == (128, 128)
    with Image.open(io.BytesIO(marked)) as opened:
        assert (opened.format, opened.size) == (kind, (128, 128))
        assert not opened.getexif()
    assert b"CANARY" not in marked


def test_a_picture_that_lies_on_its_side_is_marked_upright() -> None:
    turned = Image.Exif()
    turned[0x0112] = 6  # to be turned by a quarter
    marked, size = draw_on(picture("JPEG", (200, 120), exif=turned.tobytes()), PICTURE_MARK.zh)
    with Image.open(io.BytesIO(marked)) as opened:
        assert opened.size == size == (120, 200)
        lower_right = np.asarray(opened)[150:, 60:].astype(int)
    assert lower_right.max() > 200 and lower_right.min() < 80


def test_a_transparent_picture_stays_so_everywhere_but_under_the_words() -> None:
    content = picture("PNG", (256, 256), "RGBA")
    with (
        Image.open(io.BytesIO(draw_on(content, PICTURE_MARK.zh)[0])) as opened,
        Image.open(io.BytesIO(content)) as plain,
    ):
        after, before = np.asarray(opened), np.asarray(plain)
    rows, columns = np.nonzero((after != before).any(axis=2))
    assert rows.min() > 200 and columns.min() > 128
    assert after[..., 3].min() == 0


@pytest.mark.parametrize("content", [b"", b"no picture", picture("PNG")[:60]])
def test_what_is_no_picture_is_refused(content: bytes) -> None:
    with pytest.raises(ValueError):
        draw_on(content, PICTURE_MARK.zh)


@pytest.mark.parametrize("size", [*SIZES, (64, 48), (80, 20), (40, 60)])
def test_of_words_in_another_language_beneath_nothing_is_seen(size: tuple[int, int]) -> None:
    noise = np.random.default_rng(1).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    plain = Image.fromarray(noise)
    for first, second in (WORDS, WORDS[::-1]):
        try:
            marked = draw(plain, first)
        except ValueError:
            continue  # so small that it never bore them
        try:
            anew, over = draw(plain, second, beneath=WORDS), draw(marked, second, beneath=WORDS)
        except ValueError:
            with pytest.raises(ValueError, match="too small"):
                draw(plain, second)
            continue
        assert (np.asarray(anew) == np.asarray(over)).all()
        assert (np.asarray(draw(marked, second)) != np.asarray(draw(plain, second))).any(), "the control"
