"""The nudity filter with its real network: what must block, what must pass, and in which forms."""

from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw

from runtime.models.manager import ModelManager
from runtime.packs.safety import nudity
from runtime.packs.safety.network import open_network
from runtime.packs.safety.nudity import MEAN_BGR, NUDITY, SEEN
from runtime.packs.safety.pixels import MAX_FRAMES, NotJudged
from runtime.values import AssetRef
from tests.models.cache import real_models
from tests.packs.crafted import behind_a_gamma, png_chunk, with_chunks
from tests.packs.doubles import MemoryAssets

THRESHOLD = 0.6
FLAGGED = Path(__file__).parent / "pictures" / "flagged.png"


@dataclass(frozen=True)
class Services:
    assets: MemoryAssets
    models: ModelManager

    def scores(self, *contents: bytes) -> list[float]:
        refs = [self.assets.write(content, "image/png") for content in contents]
        data: AssetRef | list[AssetRef] = refs[0] if len(refs) == 1 else refs
        return [match.score for match in NUDITY.check(data, self)]

    def score(self, content: bytes) -> float:
        return max(self.scores(content))


@pytest.fixture(scope="module")
def services(models: ModelManager) -> Services:
    return Services(MemoryAssets(), models)


def encoded(picture: Image.Image, form: str = "PNG", **options: object) -> bytes:
    out = BytesIO()
    picture.save(out, form, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def flagged() -> Image.Image:
    return Image.open(FLAGGED).convert("RGB")


def landscape(width: int = 400, height: int = 300) -> Image.Image:
    sky = np.linspace((90, 150, 230), (230, 220, 200), height)[:, None, :].repeat(width, axis=1)
    picture = Image.fromarray(sky.astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    draw.polygon([(0, height), (width // 3, height // 3), (width, height)], fill=(60, 110, 60))
    draw.rectangle((width // 2, height * 2 // 3, width * 3 // 4, height - 10), fill=(150, 70, 50))
    return picture


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
@pytest.mark.parametrize("side", [96, 192, 900])
def test_what_the_network_knows_blocks_in_every_form(
    form: str, side: int, flagged: Image.Image, services: Services
) -> None:
    assert services.score(encoded(flagged.resize((side, side)), form)) > 0.9


@pytest.mark.parametrize(
    "picture",
    [
        landscape(),
        landscape(1_600, 900),
        Image.new("RGB", (300, 200), "white"),
        Image.new("RGB", (300, 200), (224, 172, 140)),  # the colour of skin alone is nothing
        Image.effect_noise((256, 256), 80).convert("RGB"),
        Image.new("RGBA", (64, 64), (0, 0, 0, 0)),
        Image.new("L", (50, 400), 128),
        Image.new("1", (1, 1)),
    ],
    ids=[
        "landscape",
        "large landscape",
        "white",
        "skin colour",
        "noise",
        "transparent",
        "grey strip",
        "one pixel",
    ],
)
def test_harmless_pictures_pass(picture: Image.Image, services: Services) -> None:
    assert services.score(encoded(picture)) < THRESHOLD


def test_a_part_of_a_large_picture_is_seen(flagged: Image.Image, services: Services) -> None:
    wide = landscape(2_000, 1_200)
    wide.paste(flagged.resize((666, 666)), (1_334, 534))
    assert services.score(encoded(wide.resize((400, 240)))) < THRESHOLD, "as a whole it does not stand out"
    assert services.score(encoded(wide)) > THRESHOLD


@pytest.mark.parametrize("place", [(0, 0), (300, 300), (400, 512), (512, 512)])
def test_half_of_a_picture_as_models_make_them_is_seen(
    place: tuple[int, int], flagged: Image.Image, services: Services
) -> None:
    picture = landscape(1_024, 1_024)
    picture.paste(flagged.resize((512, 512)), place)
    assert services.score(encoded(picture.resize((512, 512)))) < THRESHOLD, "as a whole it does not stand out"
    assert services.score(encoded(picture)) > THRESHOLD


@pytest.mark.parametrize("size", [(8_000, 9), (3, 5_000), (1_537, 1)])
def test_a_strip_is_judged(size: tuple[int, int], services: Services) -> None:
    assert services.score(encoded(Image.linear_gradient("L").resize(size))) < THRESHOLD


def test_a_finer_map_begins_as_the_network_of_the_whole_does() -> None:
    """Of a picture of just the network's size, the mean of its map is the answer that the whole network gives."""
    session = open_network(real_models().home_of("opennsfw") / "open-nsfw.onnx")
    network = nudity.load(real_models().home_of("opennsfw"))
    picture = Image.effect_noise((SEEN, SEEN), 60).convert("RGB")
    pixels = np.asarray(Image.open(BytesIO(encoded(picture, "JPEG"))), dtype=np.float32)[:, :, ::-1]
    ((_, wanted),) = session.run(None, {"input:0": (pixels - np.array(MEAN_BGR, dtype=np.float32))[None]})[0]
    assert 1 / (1 + np.exp(-nudity._maps(network, [picture]).mean())) == pytest.approx(wanted, abs=1e-4)


def test_of_its_input_the_network_knows_the_three_colours_and_no_size() -> None:
    """Where not even so much is known, onnxruntime leaves layers apart that it could compute in one."""
    (taken,) = nudity.load(real_models().home_of("opennsfw")).session.get_inputs()
    assert [side if isinstance(side, int) else None for side in taken.shape] == [None, None, None, 3]


@pytest.mark.parametrize("size", [(1_024, 1_024), (1_237, 811), (300, 41), (97, 500)])
def test_the_middle_that_is_looked_at_is_the_middle_of_the_whole(size: tuple[int, int]) -> None:
    """Nobody makes the border of 16 pixels any more; what lies inside of it is what it was."""
    picture = Image.effect_noise(size, 60).convert("RGB")
    whole = picture.resize((256, 256), Image.Resampling.BILINEAR).crop((16, 16, 240, 240))
    apart = np.abs(np.asarray(nudity._middle(picture), dtype=int) - np.asarray(whole, dtype=int))
    assert apart.max() <= 1


def test_transparency_hides_nothing(flagged: Image.Image, services: Services) -> None:
    ghost = flagged.convert("RGBA")
    ghost.putalpha(1)
    assert services.score(encoded(ghost)) > 0.9


def test_the_last_frame_counts_as_the_first(flagged: Image.Image, services: Services) -> None:
    frames = [landscape(192, 192)] * 3 + [flagged]
    film = encoded(frames[0], "WEBP", save_all=True, append_images=frames[1:], quality=90)
    assert services.score(film) > 0.9


def test_more_frames_than_it_reads_let_nothing_pass(services: Services) -> None:
    frames = [Image.new("L", (8, 8), n) for n in range(MAX_FRAMES + 1)]
    with pytest.raises(NotJudged):
        services.score(encoded(frames[0], "GIF", save_all=True, append_images=frames[1:]))


def test_grey_of_sixteen_bits_is_scaled_and_not_clipped(services: Services) -> None:
    deep = Image.fromarray((np.linspace(0, 1, 64 * 64).reshape(64, 64) * 65_535).astype(np.uint16))
    assert services.score(encoded(deep)) < THRESHOLD


@pytest.mark.parametrize("transparency", [None, 0])
def test_grey_of_sixteen_bits_is_judged_by_what_a_browser_shows(
    transparency: int | None, flagged: Image.Image, services: Services
) -> None:
    grey = flagged.convert("L")
    deep = Image.fromarray(np.asarray(grey, dtype=np.uint16) * 257)
    options = {} if transparency is None else {"transparency": transparency}
    shown, blank = (services.score(encoded(picture)) for picture in (grey, Image.new("L", grey.size, 255)))
    assert shown > 2 * blank, "the test could tell a clipped picture"
    assert services.score(encoded(deep, **options)) >= shown - 0.001


def test_colours_that_only_a_viewer_applies_let_nothing_pass(
    flagged: Image.Image, services: Services
) -> None:
    plain = encoded(flagged)
    files = [
        behind_a_gamma(flagged),
        with_chunks(plain, png_chunk(b"cHRM", bytes(32))),
        # A text that names the pixels' chunk does not end the search.
        with_chunks(plain, png_chunk(b"tEXt", b"a\0IDAT"), png_chunk(b"cICP", b"\x09\x10\0\1")),
        *(encoded(flagged, form, icc_profile=b"profile" * 20) for form in ("PNG", "JPEG", "WEBP")),
    ]
    for content in files:
        with pytest.raises(NotJudged):
            services.score(content)


@pytest.mark.parametrize("form", ["TIFF", "BMP", "ICO"])
def test_what_no_node_writes_is_not_decoded(form: str, services: Services) -> None:
    with pytest.raises(OSError, match="cannot identify"):
        services.score(encoded(Image.new("RGB", (32, 32)), form))


def test_one_bad_picture_of_a_list_is_enough(flagged: Image.Image, services: Services) -> None:
    assert max(services.scores(encoded(landscape()), encoded(flagged))) > 0.9


def test_what_is_no_picture_raises(services: Services) -> None:
    with pytest.raises(OSError, match="cannot identify"):
        services.score(b"no picture")


def test_pictures_that_are_looked_at_together_score_as_they_do_alone(
    services: Services, flagged: Image.Image
) -> None:
    shown = [
        landscape(),
        flagged,
        landscape(1_100, 900),
        flagged.resize((900, 1_000)),
        landscape(60, 200),
    ] * 2
    contents = [encoded(picture) for picture in shown]
    alone = [services.score(content) for content in contents]
    refs = [services.assets.write(content, "image/png") for content in contents]
    together = [[match.score for match in matches] for matches in NUDITY.answers(refs, services)]
    assert [len(scores) for scores in together] == [1] * len(shown)
    assert [scores[0] for scores in together] == pytest.approx(alone, abs=1e-4)
    assert max(alone) > THRESHOLD > min(alone)
