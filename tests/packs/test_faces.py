"""The face filter with its real network, on a face that is drawn: no photograph of a person is carried here."""

from dataclasses import dataclass

import pytest
from PIL import Image, ImageDraw, ImageFilter

from runtime.models.manager import ModelManager
from runtime.packs.safety.faces import FACES
from runtime.packs.safety.onnx_graph import any_size
from runtime.packs.safety.pixels import NotJudged
from runtime.packs.safety.protobuf import fields_of, written
from tests.models.cache import real_models
from tests.packs.doubles import MemoryAssets
from tests.packs.written import encoded

THRESHOLD = 0.5


@dataclass(frozen=True)
class Services:
    assets: MemoryAssets
    models: ModelManager

    def score(self, picture: Image.Image | bytes) -> float:
        content = picture if isinstance(picture, bytes) else encoded(picture)
        (match,) = FACES.check(self.assets.write(content, "image/png"), self)
        assert match.category == "face"
        return match.score


@pytest.fixture(scope="module")
def services() -> Services:
    return Services(MemoryAssets(), ModelManager(real_models("centerface")))


def face(side: int) -> Image.Image:
    """A drawing whose colours were tried out until the network took it for a face at any size."""
    picture = Image.new("RGB", (256, 256), (184, 185, 187))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((104, 190, 152, 256), fill=(234, 0, 71))
    draw.ellipse((40, 226, 216, 330), fill=(128, 28, 12))
    draw.ellipse((70, 34, 186, 190), fill=(9, 0, 0))
    draw.ellipse((80, 56, 176, 206), fill=(255, 200, 180))
    for x in (106, 150):
        draw.ellipse((x - 18, 104, x + 18, 134), fill=(74, 108, 134))
        draw.ellipse((x - 13, 112, x + 13, 126), fill=(235, 230, 225))
        draw.ellipse((x - 6, 113, x + 6, 126), fill=(50, 35, 30))
        draw.arc((x - 20, 94, x + 20, 120), 200, 340, fill=(9, 0, 0), width=5)
    draw.polygon([(128, 116), (114, 160), (142, 160)], fill=(231, 56, 98))
    draw.ellipse((118, 152, 138, 164), fill=(231, 56, 98))
    draw.ellipse((106, 172, 150, 188), fill=(217, 89, 55))
    draw.line((106, 180, 150, 180), fill=(93, 73, 158), width=2)
    return picture.filter(ImageFilter.GaussianBlur(4)).resize((side, side), Image.Resampling.LANCZOS)


@pytest.mark.parametrize("side", [64, 256, 600])
def test_a_face_of_any_size_is_found(side: int, services: Services) -> None:
    assert services.score(face(side)) > THRESHOLD


def test_a_face_in_a_corner_of_a_large_picture_is_found(services: Services) -> None:
    wide = Image.new("RGB", (2_000, 1_300), (184, 185, 187))
    wide.paste(face(96), (1_880, 1_180))
    assert services.score(wide) > THRESHOLD


@pytest.mark.parametrize(
    "picture",
    [
        Image.new("RGB", (300, 200), "white"),
        Image.new("RGB", (300, 200), (224, 172, 140)),
        Image.effect_noise((256, 256), 80).convert("RGB"),
        Image.radial_gradient("L").convert("RGB"),
        Image.new("1", (1, 1)),
    ],
    ids=["white", "skin colour", "noise", "gradient", "pixel"],
)
def test_pictures_without_a_face_pass(picture: Image.Image, services: Services) -> None:
    assert services.score(picture) < THRESHOLD


def test_more_than_it_can_look_at_lets_nothing_pass(services: Services) -> None:
    with pytest.raises(NotJudged):
        services.score(Image.radial_gradient("L").resize((7_000, 7_000)))


def test_only_what_is_said_about_sizes_is_taken_out_of_the_network() -> None:
    stored = (real_models("centerface").home_of("centerface") / "centerface.onnx").read_bytes()
    assert written(fields_of(stored)) == stored
    assert 0 < len(stored) - len(any_size(stored)) < 200


@pytest.mark.parametrize("damaged", [b"\x3a\xff", b"\x3a\x05ab", b"\x0f", b"\xff" * 12])
def test_what_is_no_message_is_refused(damaged: bytes) -> None:
    with pytest.raises(ValueError, match=r"ends inside|is not a valid"):
        any_size(damaged)
