"""Previews: too small and too blurred to show what they are, and only where the policy allows them."""

import base64
import io

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from runtime.safety.policy import Policy
from runtime.safety.preview import EDGE, blurred, preview_event


def png(width: int = 640, height: int = 480, note: str = "") -> bytes:
    info = PngInfo()
    info.add_text("comment", note)
    out = io.BytesIO()
    Image.effect_noise((width, height), 100).convert("RGB").save(out, "PNG", pnginfo=info)
    return out.getvalue()


@pytest.mark.parametrize(("width", "height"), [(640, 480), (480, 640), (4_000, 10), (8, 8)])
def test_a_preview_is_at_most_32_pixels_a_side(width: int, height: int) -> None:
    small = blurred(png(width, height))
    assert small is not None
    assert max(Image.open(io.BytesIO(small)).size) <= EDGE


def test_neighbouring_pixels_of_a_preview_can_hardly_be_told_apart() -> None:
    board = Image.new("L", (32, 32))
    board.putdata([255 * ((x + y) % 2) for y in range(32) for x in range(32)])
    out = io.BytesIO()
    board.save(out, "PNG")
    small = blurred(out.getvalue())
    assert small is not None
    inner = Image.open(io.BytesIO(small)).convert("L").crop((6, 6, 26, 26))
    low, high = inner.getextrema()
    assert high - low < 10


def test_nothing_but_pixels_travels_along() -> None:
    small = blurred(png(note="CANARY-7261"))
    assert small is not None and b"CANARY" not in small
    assert Image.open(io.BytesIO(small)).info == {}


@pytest.mark.parametrize("content", [b"", b"no picture", b"GIF89a" + b"\0" * 40, png()[:200]])
def test_what_cannot_be_read_is_not_shown(content: bytes) -> None:
    assert blurred(content) is None


def test_a_policy_without_previews_shows_none() -> None:
    assert preview_event("s", png(), Policy(1, (), "none")) is None
    event = preview_event("s", png(), Policy(1, (), "blurred"))
    assert event is not None and event.live
    head, _, body = event.data["image"].partition(",")
    assert head == "data:image/png;base64" and Image.open(io.BytesIO(base64.b64decode(body))).format == "PNG"
