"""image.convert: a picture as another kind of file, with nothing else in it."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from runtime.packs.image.image_convert import image_convert
from tests.packs.doubles import MemoryContext
from tests.packs.test_image_nodes import drawn, stored


@pytest.mark.parametrize("form", ["JPEG", "WEBP", "PNG"])
def test_it_is_a_file_of_that_kind_with_nothing_but_the_picture(form: str) -> None:
    context = MemoryContext()
    note = PngImagePlugin.PngInfo()
    note.add_text("prompt", "secret words")
    ref = stored(context, drawn(60, 40), pnginfo=note)
    made = image_convert.run(context, image=ref, format=form, quality=90)["image"]
    content = context.assets.read(made)
    with Image.open(BytesIO(content)) as picture:
        assert (picture.format, made.media_type) == (form, f"image/{form.lower()}")
        assert picture.size == (made.width, made.height) == (60, 40)
        assert not picture.getexif() and b"secret" not in content
        apart = np.abs(np.asarray(picture.convert("RGB"), int) - np.asarray(drawn(60, 40), int))
    assert apart.mean() < 6


def test_less_quality_is_a_smaller_file() -> None:
    context = MemoryContext()
    ref = stored(context, drawn(200, 200))
    sizes = [image_convert.run(context, image=ref, format="WEBP", quality=q)["image"].size for q in (20, 95)]
    assert sizes[0] < sizes[1]


@pytest.mark.parametrize(("form", "corner"), [("JPEG", 255), ("WEBP", 0)])
def test_what_is_transparent_becomes_white_only_where_nothing_can_be(form: str, corner: int) -> None:
    context = MemoryContext()
    clear = Image.new("RGBA", (40, 40), (0, 0, 0, 0))
    made = image_convert.run(context, image=stored(context, clear), format=form, quality=90)["image"]
    with Image.open(BytesIO(context.assets.read(made))) as picture:
        assert picture.convert("RGBA").getpixel((0, 0))[0 if form == "JPEG" else 3] == corner
