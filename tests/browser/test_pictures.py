"""Pictures: one is painted from a prompt, another goes up; both come through the image gate, larger."""

import re
from pathlib import Path

from PIL import Image, ImageDraw
from playwright.sync_api import expect

from tests.browser.studio import SECONDS, Studio
from tests.browser.test_looks import dress


def a_photo(folder: Path) -> Path:
    """A small drawn landscape, as a JPEG with metadata that must not come back."""
    picture = Image.new("RGB", (96, 64), (140, 190, 230))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((64, 6, 84, 26), fill=(250, 210, 90))
    draw.polygon([(0, 64), (30, 24), (60, 64)], fill=(70, 120, 80))
    draw.rectangle((0, 54, 96, 64), fill=(90, 140, 90))
    path = folder / "holiday.jpg"
    exif = Image.Exif()
    exif[0x010E] = "secret place"
    picture.save(path, quality=92, exif=exif)
    return path


def test_a_prompt_becomes_a_picture_through_its_gate(studio: Studio) -> None:
    studio.use_template("Picture from a prompt")
    expect(studio.gates()).not_to_have_count(0)
    studio.ask("prompt", "a strawberry")
    studio.run()
    studio.wait_for_run("succeeded")
    picture = studio.page.get_by_test_id("results").locator("img").first
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") == 256
    studio.shoot("painted")
    assert {"step.progress", "step.preview"} <= studio.heard()


def test_a_photo_is_upscaled_shown_through_its_gate_and_downloaded(studio: Studio, tmp_path: Path) -> None:
    studio.use_template("Upscale a photo")
    expect(studio.gates()).to_have_count(2)  # before the model that enlarges it, and before the person
    studio.page.get_by_test_id("run-form").locator("input[type=file]").set_input_files(a_photo(tmp_path))
    expect(studio.page.get_by_test_id("run-form").locator("img")).to_be_visible()
    studio.run()
    studio.wait_for_run("succeeded")
    picture = studio.page.get_by_test_id("results").locator("img").first
    expect(picture).to_be_visible()
    studio.shoot("upscaled")
    with studio.page.expect_download() as waiting:
        studio.page.get_by_test_id("results").get_by_role("link", name="Download").first.click()
    kept = tmp_path / "kept"
    waiting.value.save_as(kept)
    with Image.open(kept) as result:
        assert result.width > 96 and result.width * 64 == result.height * 96
    assert b"secret place" not in kept.read_bytes()


def test_a_chinese_prompt_becomes_one_on_a_chinese_page(studio: Studio) -> None:
    dress(studio, "zh-hans", "dark")
    try:
        studio.open("/")
        studio.page.get_by_role("button", name=re.compile("用提示词生成图像")).first.click()
        expect(studio.gates()).not_to_have_count(0, timeout=30 * SECONDS)
        studio.ask("prompt", "一只微笑的猫")
        studio.run()
        studio.wait_for_run("succeeded")
        expect(studio.page.get_by_test_id("results").locator("img").first).to_be_visible()
        studio.shoot("painted-zh-dark")
    finally:
        dress(studio, "en", "light")  # it is kept by the server: what follows expects English
