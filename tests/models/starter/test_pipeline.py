"""The folder that training writes, opened as any Stable Diffusion folder is."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from diffusers import StableDiffusionImg2ImgPipeline, StableDiffusionPipeline
from PIL import Image

from runtime.models.starter.autoencoder import make_autoencoder
from runtime.models.starter.captions import COLOURS, make_tokenizer, seeded
from runtime.models.starter.data import SIDE
from runtime.models.starter.denoiser import Denoiser
from runtime.models.starter.export import assemble, export
from runtime.models.starter.latents import LinearCode
from runtime.models.starter.pictures import Mix, Painter
from runtime.models.starter.train import Trainer, settle_again, teach_words, train
from runtime.models.starter.words import make_encoder
from runtime.packs.image.diffusion import Order, load
from tests.models.starter.worlds import small_world

LIMIT = 40_000_000  # bytes


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a training of some seconds writes: it has hardly learned, and is whole."""
    torch.set_num_threads(1)
    out = tmp_path_factory.mktemp("training")
    train(small_world(), out, hours=6 / 3600, seed=0)
    return out / "starter"


@pytest.fixture(scope="module")
def pipeline(folder: Path) -> Any:
    opened = StableDiffusionPipeline.from_pretrained(str(folder))
    opened.set_progress_bar_config(disable=True)
    return opened


def paint(pipeline: Any, seed: int, prompt: str = "red disc, flat") -> np.ndarray:
    generator = torch.Generator().manual_seed(seed)
    return pipeline(
        prompt, num_inference_steps=4, guidance_scale=3.0, generator=generator, output_type="np"
    ).images[0]


def test_the_folder_opens_and_paints_at_its_own_size(pipeline: Any) -> None:
    assert paint(pipeline, 0).shape == (SIDE, SIDE, 3)


def test_the_same_seed_gives_the_same_picture_bit_for_bit_and_another_another(
    pipeline: Any, folder: Path
) -> None:
    first = paint(pipeline, 0)
    again = StableDiffusionPipeline.from_pretrained(str(folder))
    again.set_progress_bar_config(disable=True)
    assert np.array_equal(first, paint(again, 0))
    assert not np.array_equal(first, paint(pipeline, 1))


def test_the_same_weights_change_a_picture(pipeline: Any) -> None:
    changer = StableDiffusionImg2ImgPipeline.from_pipe(pipeline)
    changer.set_progress_bar_config(disable=True)
    picture = Image.new("RGB", (SIDE, SIDE), (40, 90, 200))
    made = changer("red disc", image=picture, strength=0.5, num_inference_steps=6, output_type="np").images[0]
    assert made.shape == (SIDE, SIDE, 3)


def test_the_same_weights_paint_inside_a_mask(folder: Path) -> None:
    picture = Image.new("RGB", (SIDE, SIDE), (40, 90, 200))
    mask = Image.new("L", (SIDE, SIDE), 0)
    mask.paste(255, (32, 0, 64, 64))
    order = Order("red disc", "", 6, 3.0, 0, picture=picture, mask=mask, strength=1.0)
    made = np.asarray(load(folder).paint(order, lambda *_: None))
    assert (made[:, :32] == (40, 90, 200)).all()
    assert (made[:, 32:] != (40, 90, 200)).any()


def test_the_folder_holds_safetensors_in_half_precision_and_is_small(folder: Path) -> None:
    weights = [*folder.rglob("*.safetensors")]
    assert len(weights) == 3
    assert not [*folder.rglob("*.bin")]


def test_training_goes_on_from_its_checkpoint(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    train(small_world(), tmp_path, hours=3 / 3600, seed=0)
    again = Trainer(small_world(), tmp_path, hours=3 / 3600, seed=0)
    began = [p.detach().clone() for p in again.words.parameters()]
    again.resume()
    assert again.words_done
    assert again.spent >= 3
    assert any(not torch.equal(a, b) for a, b in zip(began, again.words.parameters(), strict=True))
    assert again.curve == [] or again.curve[0]["seconds"] < again.spent


def test_a_stop_among_the_words_loses_no_more_than_minutes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    torch.set_num_threads(1)
    monkeypatch.setattr("runtime.models.starter.train.KEEP_EVERY", 0.0)
    trainer = Trainer(small_world(), tmp_path, hours=1, seed=0)

    def stop(**_: object) -> None:
        raise SystemExit(143)

    monkeypatch.setattr(
        trainer, "note", stop
    )  # called at the tenth step; nothing else keeps what the first nine learned
    with pytest.raises(SystemExit):
        teach_words(trainer)
    again = Trainer(small_world(), tmp_path, hours=1, seed=0)
    again.resume()
    assert again.words_step == 9 and not again.words_done
    moments = [state["exp_avg"] for state in again.words_optimizer.state.values()]
    assert moments and all(state["step"] == 9 for state in again.words_optimizer.state.values())
    assert any(moment.any() for moment in moments)


def test_who_goes_on_draws_the_lots_that_would_have_come(tmp_path: Path) -> None:
    trainer = Trainer(small_world(), tmp_path, hours=1, seed=0)
    trainer.painter.plan(50, trainer.rng, Mix())
    trainer.keep()
    again = Trainer(small_world(), tmp_path, hours=1, seed=0)
    again.resume()
    assert again.painter.plan(50, again.rng, Mix()) == trainer.painter.plan(50, trainer.rng, Mix())
    assert torch.equal(torch.rand(3), _after(trainer, tmp_path))


def _after(trainer: Trainer, folder: Path) -> torch.Tensor:
    """What torch draws next after another start from the same checkpoint."""
    again = Trainer(trainer.world, folder, hours=1, seed=9)
    again.resume()
    return torch.rand(3)


def test_settling_has_a_command_of_its_own_and_leaves_the_denoiser(folder: Path) -> None:
    before = {path.name: path.read_bytes() for path in (folder / "unet").iterdir()}
    settle_again(small_world(), folder.parent)
    assert {path.name: path.read_bytes() for path in (folder / "unet").iterdir()} == before
    with pytest.raises(SystemExit, match="no training"):
        settle_again(small_world(), folder / "unet")


def test_a_checkpoint_of_other_data_is_refused(tmp_path: Path) -> None:
    trainer = Trainer(small_world(), tmp_path, hours=1, seed=0)
    trainer.world = trainer.world.__class__(trainer.world.subjects, trainer.world.icons, "other")
    trainer.keep()
    with pytest.raises(ValueError, match="other data"):
        Trainer(small_world(), tmp_path, hours=1, seed=0).resume()


@pytest.mark.parametrize("half", [False, True])
def test_the_encoder_computes_the_linear_code_and_the_decoder_reads_it(half: bool) -> None:
    painter = Painter(small_world())
    pictures = painter.plain()
    code = LinearCode(pictures)
    model = make_autoencoder(code, pictures)
    if half:
        model.half().float()
    latents = code.encode(pictures)
    with torch.no_grad():
        coded, read = model.encode(pictures).latent_dist, model.decode(latents).sample.clamp(-1, 1)
    assert (coded.mode() - latents).square().mean() < 0.01 * latents.square().mean()
    assert coded.std.max() < 1e-5
    assert (read - pictures).square().mean() <= (code.decode(latents) - pictures).square().mean()


def test_a_coloured_ground_has_no_frame() -> None:
    painter = Painter(small_world())
    code = LinearCode(painter.plain())
    scenes, _ = painter.plan(60, seeded(0), Mix(pair=0, ground=1, hue=0))
    model = make_autoencoder(code, torch.cat([painter.plain(), painter.draw(scenes)]))
    grounds = torch.tensor([rgb for rgb, _ in COLOURS.values()])[:, :, None, None] / 127.5 - 1
    plain = grounds.expand(-1, 3, SIDE, SIDE)
    with torch.no_grad():
        read = model.decode(code.encode(plain)).sample
    edge = torch.ones(SIDE, SIDE, dtype=torch.bool)
    edge[1:-1, 1:-1] = False
    assert (read - plain)[:, :, edge].abs().mean() < 0.1, "a twentieth of the range"


def test_saving_leaves_the_pipeline_as_it_was(tmp_path: Path) -> None:
    world = small_world()
    tokenizer = make_tokenizer(world.subjects)
    code = LinearCode(Painter(world).plain())
    made = assemble(
        make_autoencoder(code, Painter(world).plain()), Denoiser().unet, make_encoder(tokenizer), tokenizer
    )
    export(made, tmp_path)
    assert {made.vae.dtype, made.unet.dtype, made.text_encoder.dtype} == {torch.float32}
