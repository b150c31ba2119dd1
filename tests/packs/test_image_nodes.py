"""Image nodes, one by one; upscaling with the real model, painting with tiny random pipelines."""

from collections.abc import Callable
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from runtime.errors import Cancelled, OperationalError, UserError
from runtime.models.install import install
from runtime.models.manager import ModelManager
from runtime.models.shelf import open_shelf
from runtime.packs.image.image_generate import image_generate
from runtime.packs.image.image_inpaint import image_inpaint
from runtime.packs.image.image_redraw import image_redraw
from runtime.packs.image.image_resize import image_resize
from runtime.packs.image.image_upscale import image_upscale
from runtime.packs.image.input_image import input_image
from runtime.packs.image.output_image import output_image
from runtime.packs.image.realesr import TILE
from runtime.values import AssetRef
from tests.packs.crafted import SECRET, behind_a_gamma, png_chunks, thumbnail, with_segments
from tests.packs.doubles import MemoryContext
from tests.packs.pipelines import SIDE, save_stable_diffusion, save_stable_diffusion_xl


def drawn(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """A smooth picture with an edge across it, so that misplaced tiles would show."""
    x, y = np.meshgrid(np.linspace(0, 1, width), np.linspace(0, 1, height))
    layers = [x, y, (x + y > 1).astype(float)]
    if mode == "RGBA":
        layers.append((x > 0.5).astype(float))
    return Image.fromarray((np.stack(layers, axis=-1) * 255).astype(np.uint8), mode)


def stored(context: MemoryContext, picture: Image.Image, form: str = "PNG", **options: object) -> AssetRef:
    out = BytesIO()
    picture.save(out, form, **options)
    return context.assets.write(out.getvalue(), f"image/{form.lower()}", *picture.size)


def opened(context: MemoryContext, outputs: object) -> Image.Image:
    ref = outputs["image"]
    picture = Image.open(BytesIO(context.assets.read(ref)))
    assert (picture.format, ref.media_type) == ("PNG", "image/png")
    assert picture.size == (ref.width, ref.height)
    picture.load()
    return picture


def taken(context: MemoryContext, content: bytes) -> Image.Image:
    """What input.image makes of an upload. It is always a PNG of nothing but 8-bit pixels."""
    context.arguments = {"photo": context.assets.write(content, "image/png")}
    outputs = input_image.run(context, name="photo", label=None, asset=None)
    picture = opened(context, outputs)
    written = context.assets.read(outputs["image"])
    assert set(png_chunks(written)) == {b"IHDR", b"IDAT", b"IEND"}
    assert written[24] == 8 and SECRET not in written
    assert picture.mode in ("RGB", "RGBA")
    return picture


class TestInputAndOutput:
    @pytest.mark.parametrize(
        ("form", "mode"),
        [
            *(("PNG", mode) for mode in ("RGB", "RGBA", "L", "LA", "P", "1")),
            *(("JPEG", mode) for mode in ("RGB", "L", "CMYK")),
            *(("WEBP", mode) for mode in ("RGB", "RGBA")),
        ],
    )
    def test_an_upload_is_written_anew_with_its_pixels(self, form: str, mode: str) -> None:
        out = BytesIO()
        picture = drawn(60, 40, "RGBA")
        (picture.convert("RGB") if mode == "CMYK" else picture).convert(mode).save(
            out, form, **({"lossless": True} if form == "WEBP" else {})
        )
        before = Image.open(out)
        wanted = before.convert("RGBA" if before.has_transparency_data else "RGB")
        made = taken(MemoryContext(), out.getvalue())
        assert (made.mode, made.tobytes()) == (wanted.mode, wanted.tobytes())

    def test_a_scene_behind_a_gamma_is_shown_as_it_is_judged(self) -> None:
        made = taken(MemoryContext(), behind_a_gamma(drawn(60, 40), payload=SECRET))
        # Blank for the filter, and from here on blank for everybody.
        assert min(low for low, _ in made.getextrema()) > 240

    def test_a_thumbnail_does_not_travel(self) -> None:
        out = BytesIO()
        drawn(60, 40).save(out, "JPEG")
        made = taken(MemoryContext(), with_segments(out.getvalue(), thumbnail(drawn(8, 8))))
        assert made.size == (60, 40)

    def test_what_stands_behind_the_coded_pixels_does_not_travel(self) -> None:
        content = behind_a_gamma(drawn(60, 40), gamma=1 / 2.2, payload=SECRET)
        assert SECRET in content
        taken(MemoryContext(), content)

    @pytest.mark.parametrize("transparency", [None, 0])
    def test_deep_grey_keeps_its_shades(self, transparency: int | None) -> None:
        shades = np.arange(0, 65_536, 257, dtype=np.uint16).reshape(16, 16)
        out = BytesIO()
        options = {} if transparency is None else {"transparency": transparency}
        Image.fromarray(shades).save(out, "PNG", **options)
        made = np.asarray(taken(MemoryContext(), out.getvalue()))
        assert (made[:, :, 0].ravel() == np.arange(256)).all()
        if transparency is not None:
            assert (made[:, :, 3].ravel() == [0] + [255] * 255).all()

    def test_a_photo_is_set_upright(self) -> None:
        exif = Image.Exif()
        exif[0x0112] = 6  # a quarter turn
        out = BytesIO()
        drawn(60, 30).save(out, "JPEG", exif=exif)
        assert taken(MemoryContext(), out.getvalue()).size == (30, 60)

    @pytest.mark.parametrize("form", ["GIF", "TIFF", "BMP"])
    def test_no_other_kind_of_file_is_decoded(self, form: str) -> None:
        context = MemoryContext()
        context.arguments = {"photo": stored(context, drawn(9, 9), form)}
        with pytest.raises(UserError, match="picture_unreadable"):
            input_image.run(context, name="photo", label=None, asset=None)

    def test_an_output_is_delivered_as_it_stands(self) -> None:
        ref = AssetRef("ab" * 32, "image/png", 3, 1, 1)
        assert output_image.run(MemoryContext(), image=ref, name="x", label=None) == {}

    def test_without_one_the_label_is_named(self) -> None:
        with pytest.raises(UserError, match=r"input_missing: Your photo") as caught:
            input_image.run(MemoryContext(), name="photo", label="Your photo", asset=None)
        assert caught.value.message.zh.startswith("Your photo")


class TestResize:
    @pytest.mark.parametrize(
        ("fit", "expected"), [("contain", (100, 50)), ("cover", (100, 100)), ("stretch", (100, 100))]
    )
    def test_each_fit_gives_its_size(self, fit: str, expected: tuple[int, int]) -> None:
        context = MemoryContext()
        ref = stored(context, drawn(400, 200))
        made = image_resize.run(context, image=ref, width=100, height=100, fit=fit)
        assert opened(context, made).size == expected

    def test_transparency_is_kept(self) -> None:
        context = MemoryContext()
        ref = stored(context, drawn(40, 40, "RGBA"))
        made = opened(context, image_resize.run(context, image=ref, width=20, height=20, fit="contain"))
        assert made.mode == "RGBA"
        assert made.getchannel("A").getextrema() == (0, 255)

    def test_hidden_texts_of_the_original_do_not_travel(self) -> None:
        context = MemoryContext()
        note = PngImagePlugin.PngInfo()
        note.add_text("prompt", "secret words")
        made = image_resize.run(
            context, image=stored(context, drawn(30, 30), pnginfo=note), width=30, height=30, fit="stretch"
        )
        picture = opened(context, made)
        assert picture.info == {}
        assert b"secret" not in context.assets.read(made["image"])

    def test_a_turned_photo_is_set_upright(self) -> None:
        context = MemoryContext()
        exif = Image.Exif()
        exif[0x0112] = 6  # a quarter turn
        ref = stored(context, drawn(60, 30), "JPEG", exif=exif)
        made = opened(context, image_resize.run(context, image=ref, width=200, height=200, fit="contain"))
        assert made.size == (100, 200)

    def test_what_is_no_picture_is_said_so(self) -> None:
        context = MemoryContext()
        ref = context.assets.write(b"not a picture", "image/png")
        with pytest.raises(UserError, match="picture_unreadable"):
            image_resize.run(context, image=ref, width=9, height=9, fit="contain")

    def test_a_picture_beyond_the_limit_is_not_decoded(self) -> None:
        context = MemoryContext()
        ref = stored(context, Image.new("1", (9_000, 9_000)))
        with pytest.raises(UserError, match="picture_too_large"):
            image_resize.run(context, image=ref, width=9, height=9, fit="contain")


class TestUpscale:
    @pytest.mark.parametrize("scale", [2, 3, 4])
    def test_each_scale_enlarges_what_was_there(self, scale: int, models: ModelManager) -> None:
        context = MemoryContext(models=models)
        picture = drawn(48, 32)
        made = opened(
            context,
            image_upscale.run(context, image=stored(context, picture), model="realesr", scale=str(scale)),
        )
        assert made.size == (48 * scale, 32 * scale)
        back = made.resize(picture.size, Image.Resampling.BOX)
        assert np.abs(np.asarray(back, float) - np.asarray(picture, float)).mean() < 8

    def test_tiles_meet_without_a_seam(self, models: ModelManager) -> None:
        context = MemoryContext(models=models)
        width = TILE + 60
        made = opened(
            context,
            image_upscale.run(context, image=stored(context, drawn(width, 40)), model="realesr", scale="2"),
        )
        assert [total for _, total in context.progressed][-1] == 2
        red = np.asarray(made, float)[:, :, 0].mean(axis=0)  # grows evenly from left to right
        steps = np.diff(red)
        assert abs(steps[TILE * 2 - 1]) < 6 * (np.abs(steps).mean() + 0.2)

    def test_transparency_is_enlarged_too(self, models: ModelManager) -> None:
        context = MemoryContext(models=models)
        ref = stored(context, drawn(32, 32, "RGBA"))
        made = opened(context, image_upscale.run(context, image=ref, model="realesr", scale="2"))
        alpha = np.asarray(made.getchannel("A"))
        assert (alpha[:, 5].max(), alpha[:, -5].min()) == (0, 255)

    def test_cancelling_ends_it_between_tiles(self, models: ModelManager) -> None:
        context = MemoryContext(models=models, cancel_after=2)
        with pytest.raises(Cancelled):
            image_upscale.run(context, image=stored(context, drawn(TILE * 4, 8)), model="realesr", scale="2")
        assert context.checks == 3

    def test_too_large_a_picture_is_refused_before_work(self, models: ModelManager) -> None:
        context = MemoryContext(models=models)
        with pytest.raises(UserError, match="picture_too_large"):
            image_upscale.run(context, image=stored(context, drawn(2_500, 2_000)), model="realesr", scale="2")
        assert context.progressed == []


PAINT = {
    "prompt": "a red circle",
    "model": "tiny",
    "steps": 4,
    "guidance": 3.0,
    "width": None,
    "height": None,
    "negative": "",
    "seed": 5,
}
CATALOG = """
format = 1
[[models]]
name = "tiny"
title = { en = "Tiny", zh = "微型" }
capability = "image"
licence = "Apache-2.0"
[[models.sources]]
kind = "folder"
path = "source"
"""


def installed(home: Path, save: Callable[[Path], Path]) -> ModelManager:
    """A tiny pipeline, installed from a folder as an administrator would."""
    save(home / "source")
    (home / "catalog.toml").write_text(CATALOG, encoding="utf-8")
    shelf = open_shelf(home)
    assert install(shelf, shelf.records["tiny"], lambda done, total: None)
    return ModelManager(shelf)


@pytest.fixture(scope="module")
def painter(tmp_path_factory: pytest.TempPathFactory) -> ModelManager:
    return installed(tmp_path_factory.mktemp("sd"), save_stable_diffusion)


class TestGenerate:
    def test_a_stable_diffusion_folder_paints_its_own_size(self, painter: ModelManager) -> None:
        context = MemoryContext(models=painter)
        made = opened(context, image_generate.run(context, **PAINT))
        assert (made.size, made.mode) == ((SIDE, SIDE), "RGB")
        assert context.progressed == [(n, 4) for n in (1, 2, 3, 4)]
        assert context.figures["device"] in ("cpu", "cuda")

    def test_an_sdxl_folder_paints_too(self, tmp_path: Path) -> None:
        context = MemoryContext(models=installed(tmp_path, save_stable_diffusion_xl))
        made = opened(
            context, image_generate.run(context, **PAINT | {"negative": "blue", "width": 96, "height": 64})
        )
        assert made.size == (96, 64)

    def test_a_size_off_the_grid_is_rounded_down(self, painter: ModelManager) -> None:
        context = MemoryContext(models=painter)
        made = opened(context, image_generate.run(context, **PAINT | {"width": 47, "height": 90}))
        assert made.size == (40, 88)

    @pytest.mark.parametrize("prompt", ["", "  \n "])
    def test_a_prompt_that_says_nothing_is_refused(self, prompt: str, painter: ModelManager) -> None:
        with pytest.raises(UserError, match="prompt_says_nothing") as caught:
            image_generate.run(MemoryContext(models=painter), **PAINT | {"prompt": prompt})
        assert caught.value.port == "prompt"

    @pytest.mark.parametrize("said", ["prompt", "negative"])
    def test_what_is_longer_than_the_model_reads_is_refused_with_both_lengths(
        self, said: str, painter: ModelManager
    ) -> None:
        image_generate.run(MemoryContext(models=painter), **PAINT | {said: "x" * 75})
        with pytest.raises(UserError, match=r"prompt_too_long.*78 tokens, and it takes 77") as caught:
            image_generate.run(MemoryContext(models=painter), **PAINT | {said: "x" * 76})
        assert caught.value.port == ("prompt" if said == "prompt" else None)

    def test_the_same_seed_paints_the_same_picture(self, painter: ModelManager) -> None:
        context = MemoryContext(models=painter)
        first = image_generate.run(context, **PAINT)["image"]
        other = image_generate.run(context, **PAINT | {"seed": 6})["image"]
        assert image_generate.run(context, **PAINT)["image"] == first
        assert other != first

    def test_cancelling_ends_it_within_the_step(self, painter: ModelManager) -> None:
        context = MemoryContext(models=painter, cancel_after=3)  # one look before the first step
        with pytest.raises(Cancelled):
            image_generate.run(context, **PAINT | {"steps": 50})
        assert [done for done, _ in context.progressed] == [1, 2]
        assert image_generate.run(MemoryContext(models=painter), **PAINT)

    def test_a_missing_starter_is_said_so(self, tmp_path: Path) -> None:
        empty = ModelManager(open_shelf(tmp_path))
        with pytest.raises(OperationalError, match="model_missing"):
            image_generate.run(MemoryContext(models=empty), **PAINT | {"model": "starter"})

    def test_an_index_that_names_another_library_is_not_followed(self, tmp_path: Path) -> None:
        def save(folder: Path) -> Path:
            index = save_stable_diffusion(folder) / "model_index.json"
            index.write_text(index.read_text().replace('"diffusers",\n    "DDIM', '"os",\n    "DDIM'))
            return folder

        models = installed(tmp_path, save)
        with pytest.raises(OperationalError, match="model_unreadable"):
            image_generate.run(MemoryContext(models=models), **PAINT)


CHANGE = {name: value for name, value in PAINT.items() if name not in ("width", "height")} | {"steps": 10}


class TestRedraw:
    def test_only_the_asked_part_of_the_way_is_gone(self, painter: ModelManager) -> None:
        context = MemoryContext(models=painter)
        ref = stored(context, drawn(SIDE, SIDE))
        image_redraw.run(context, image=ref, strength=0.3, **CHANGE)
        assert context.progressed == [(1, 3), (2, 3), (3, 3)]

    def test_the_weaker_it_is_the_more_is_kept(self, painter: ModelManager) -> None:
        context = MemoryContext(models=painter)
        picture = drawn(SIDE, SIDE)
        ref = stored(context, picture)

        def away(strength: float) -> float:
            made = opened(context, image_redraw.run(context, image=ref, strength=strength, **CHANGE))
            return float(np.abs(np.asarray(made, float) - np.asarray(picture, float)).mean())

        assert away(0.1) < away(1.0)

    @pytest.mark.parametrize(("given", "expected"), [((200, 100), (SIDE, SIDE // 2)), ((30, 60), (32, SIDE))])
    def test_proportions_are_kept_at_the_model_s_own_size(
        self, painter: ModelManager, given: tuple[int, int], expected: tuple[int, int]
    ) -> None:
        context = MemoryContext(models=painter)
        made = image_redraw.run(context, image=stored(context, drawn(*given)), strength=0.5, **CHANGE)
        assert opened(context, made).size == expected

    def test_no_strength_at_all_still_gives_a_picture(self, painter: ModelManager) -> None:
        context = MemoryContext(models=painter)
        ref = stored(context, drawn(SIDE, SIDE, "RGBA"))
        assert opened(context, image_redraw.run(context, image=ref, strength=0.0, **CHANGE)).mode == "RGB"

    def test_an_sdxl_folder_redraws_too(self, tmp_path: Path) -> None:
        context = MemoryContext(models=installed(tmp_path, save_stable_diffusion_xl))
        made = image_redraw.run(context, image=stored(context, drawn(64, 64)), strength=0.5, **CHANGE)
        assert opened(context, made).size == (SIDE, SIDE)


class TestInpaint:
    def test_outside_of_the_mask_no_pixel_changes(self, painter: ModelManager) -> None:
        context = MemoryContext(models=painter)
        picture, mask = drawn(150, 90), Image.new("L", (50, 30), 0)
        mask.paste(255, (25, 0, 50, 30))
        made = opened(
            context,
            image_inpaint.run(
                context, image=stored(context, picture), mask=stored(context, mask), strength=1.0, **CHANGE
            ),
        )
        before, after = np.asarray(picture, int), np.asarray(made, int)
        assert made.size == picture.size
        assert (after[:, :70] == before[:, :70]).all()
        assert np.abs(after[:, 80:] - before[:, 80:]).mean() > 10

    def test_it_can_be_cancelled_and_tells_its_steps(self, painter: ModelManager) -> None:
        context = MemoryContext(models=painter, cancel_after=3)
        ref, mask = stored(context, drawn(64, 64)), stored(context, Image.new("L", (64, 64), 255))
        with pytest.raises(Cancelled):
            image_inpaint.run(context, image=ref, mask=mask, strength=1.0, **CHANGE)
        assert [done for done, _ in context.progressed] == [1, 2]
