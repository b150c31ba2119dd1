"""Train the starter picture model from nothing: first words, then what they name, a memory, and pictures, in a given time.

python -m runtime.models.starter.train --data FOLDER --out FOLDER --hours N
Reads from top to bottom. Stopped and started again with the same --out, it goes on from its last checkpoint.
"""

import argparse
import json
import math
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextModel, CLIPTokenizer

from runtime.models.starter import checkpoint
from runtime.models.starter.autoencoder import make_autoencoder
from runtime.models.starter.captions import GRID, STYLES, kept_out_caption, make_tokenizer, seeded
from runtime.models.starter.data import World, data_folder, fetch, read_world
from runtime.models.starter.denoiser import Denoiser
from runtime.models.starter.export import SCHEDULE, assemble, export
from runtime.models.starter.latents import CHANNELS, LinearCode
from runtime.models.starter.memory import remember
from runtime.models.starter.pictures import Mix, Painter, Scene
from runtime.models.starter.redraw import EARLIEST, LATEST, begin_from, redrawn
from runtime.models.starter.settle import CAPTIONS, settle
from runtime.models.starter.silence import silence
from runtime.models.starter.spelling import spelled
from runtime.models.starter.told import Told
from runtime.models.starter.words import Heads, keep_apart, make_encoder, word_loss

# Small batches: what is learned here, reading registers, is the same for every picture, so that more steps teach more
# than larger ones. A GPU is idle on small ones.
BATCH = {"cpu": 16, "cuda": 128}
WORDS_BATCH = {"cpu": 32, "cuda": 256}
# Peaks for AdamW, falling to nothing with the time: the fall does much of the work.
RATE, WORDS_RATE = 1e-3, 1.5e-3
DROPPED = 0.1  # captions left out, so that guidance has something to lead away from
PURE = 0.25  # of the pictures begin at nothing but noise, where it is decided what they show
REDRAWN = 0.4  # of the pictures begin from another picture than the caption names
WORDS_SHARE = 0.4  # of the time; the memory can only recognise what the words tell apart
KEEP_EVERY = 240.0  # seconds between checkpoints
LOOK_EVERY = 900.0  # seconds between looks at what it can do: 40 pictures, about 15 s
GUIDANCE = 1.5
CHECKPOINT = "checkpoint.safetensors"


class Trainer:
    """Everything that a checkpoint holds, and the clock."""

    def __init__(self, world: World, out: Path, hours: float, seed: int) -> None:
        self.out = out
        self.budget = hours * 3600
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        # Products in bfloat16 where the hardware has them: half the time a step on a CPU with AVX-512 BF16, and a loss as good.
        self.halved = self.device.type == "cuda" or torch.cpu.get_capabilities().get("avx512_bf16", False)
        torch.manual_seed(seed)
        self.rng = seeded(seed)
        self.world = world
        self.painter = Painter(self.world, self.device)
        self.code = LinearCode(self.painter.plain().cpu())
        self.tokenizer = open_tokenizer(world, out / "tokenizer")
        self.words = make_encoder(self.tokenizer).to(self.device)
        self.heads = Heads(len(self.world.subjects)).to(self.device)
        self.denoiser = Denoiser()
        self.unet = self.denoiser.unet.to(self.device)
        self.averaged = [p.detach().clone() for p in self.unet.parameters()]
        self.step, self.words_step, self.before, self.began = 0, 0, 0.0, time.monotonic()
        self.words_optimizer = torch.optim.AdamW(
            self.worded(), lr=WORDS_RATE, betas=(0.9, 0.98), weight_decay=1e-3, fused=True
        )
        self.words_done = False
        self.curve: list[dict[str, Any]] = []
        self.optimizer = torch.optim.AdamW(
            self.unet.parameters(), lr=RATE, betas=(0.9, 0.99), weight_decay=1e-2, fused=True
        )

    def worded(self) -> list[Tensor]:
        """What the words' stage learns."""
        return [*self.words.parameters(), *self.heads.parameters()]

    @property
    def spent(self) -> float:
        return self.before + time.monotonic() - self.began

    def note(self, **figures: Any) -> None:
        figures = {"seconds": round(self.spent, 1), **figures}
        self.curve.append(figures)
        print(json.dumps(figures), flush=True)

    def keep(self) -> None:
        """Writes the checkpoint."""
        tensors = {
            **checkpoint.named("words", checkpoint.of_module(self.words)),
            **checkpoint.named("heads", checkpoint.of_module(self.heads)),
            **checkpoint.named("unet", checkpoint.of_module(self.unet)),
            **checkpoint.named("averaged", {str(i): tensor for i, tensor in enumerate(self.averaged)}),
            **checkpoint.named("optimizer", checkpoint.of_optimizer(self.optimizer)),
            **checkpoint.named("words_optimizer", checkpoint.of_optimizer(self.words_optimizer)),
            "rng": torch.get_rng_state(),
        }
        notes = {
            "step": self.step,
            "words_step": self.words_step,
            "spent": self.spent,
            "words_done": self.words_done,
            "curve": self.curve,
            "lots": self.rng.getstate(),
        }
        kept = {name: json.dumps(value) for name, value in notes.items()}
        checkpoint.write(self.out / CHECKPOINT, tensors, {**kept, "digest": self.world.digest})
        (self.out / "curve.json").write_text(json.dumps(self.curve))

    def resume(self) -> None:
        path = self.out / CHECKPOINT
        if not path.exists():
            return
        tensors, notes = checkpoint.read(path, str(self.device))
        if notes["digest"] != self.world.digest:
            raise ValueError(f"{path} was trained on other data. Give another --out to begin anew.")
        for name, part in (("words", self.words), ("heads", self.heads)):
            part.load_state_dict(checkpoint.below(name, tensors))
        checkpoint.into_optimizer(self.words_optimizer, checkpoint.below("words_optimizer", tensors))
        if json.loads(notes["step"]):
            self.unet.load_state_dict(checkpoint.below("unet", tensors))
            checkpoint.into_optimizer(self.optimizer, checkpoint.below("optimizer", tensors))
            averaged = checkpoint.below("averaged", tensors)
            self.averaged = [averaged[str(index)] for index in range(len(averaged))]
        self.step, self.words_step = json.loads(notes["step"]), json.loads(notes["words_step"])
        self.before = json.loads(notes["spent"])
        self.words_done, self.curve = json.loads(notes["words_done"]), json.loads(notes["curve"])
        torch.set_rng_state(tensors["rng"].cpu())
        version, lots, last = json.loads(notes.get("lots") or json.dumps(seeded(self.step).getstate()))
        self.rng.setstate((version, tuple(lots), last))  # the same captions as without a stop, and none twice
        self.began = time.monotonic()


def open_tokenizer(world: World, folder: Path) -> CLIPTokenizer:
    """The one in the folder, else a new one, kept there: among words that are equally frequent its order is chance."""
    if not folder.exists():
        make_tokenizer(world.subjects).save_pretrained(folder)
    tokenizer: CLIPTokenizer = CLIPTokenizer.from_pretrained(folder)
    return tokenizer


def teach_words(trainer: Trainer) -> None:
    """First the captions alone: which things they name. It costs a hundredth of what the denoiser does per picture."""
    parameters, optimizer = trainer.worded(), trainer.words_optimizer
    limit, smooth, saved = trainer.budget * WORDS_SHARE, None, trainer.spent
    while (fraction := trainer.spent / limit) < 1:
        _set_rate(
            optimizer, WORDS_RATE * min(1.0, (trainer.words_step + 1) / 50) * math.cos(fraction * math.pi / 2)
        )
        # Twos more often than in pictures: a half must learn to be told of its own thing alone.
        scenes, captions = trainer.painter.plan(WORDS_BATCH[trainer.device.type], trainer.rng, Mix(pair=0.2))
        loss, right = word_loss(trainer.words, trainer.heads, trainer.tokenizer, scenes, captions)
        _descend(optimizer, loss, parameters)
        keep_apart(trainer.words)
        trainer.heads.keep_apart()
        smooth = _smooth(smooth, loss.item(), right)
        trainer.words_step += 1
        if trainer.words_step == 10 or trainer.words_step % 100 == 0:
            trainer.note(
                stage="words", step=trainer.words_step, loss=round(smooth[0], 5), right=round(smooth[1], 4)
            )
        if trainer.spent - saved > KEEP_EVERY:
            saved = trainer.spent
            trainer.keep()
    settle_heads(trainer)
    trainer.words_done = True


def settle_heads(trainer: Trainer) -> None:
    """By lots of its own, and all of it or nothing: stopped within, it begins anew and comes to the same end."""
    count = min(CAPTIONS, WORDS_BATCH[trainer.device.type] * trainer.words_step)
    right = settle(trainer.words, trainer.heads, trainer.tokenizer, trainer.painter, count, count // 10)
    trainer.note(stage="settled", right=round(right, 4))


def teach_pictures(trainer: Trainer, told: Told) -> None:
    """Then the denoiser: from noise, and from what the registers tell, to the picture."""
    alphas = DDIMScheduler(**SCHEDULE).alphas_cumprod.to(trainer.device)
    start = trainer.budget * WORDS_SHARE
    smooth, saved, looked = None, trainer.spent, trainer.spent
    parameters: list[Tensor] = [*trainer.unet.parameters()]
    code, batch = trainer.code.to(trainer.device), BATCH[trainer.device.type]
    while (fraction := (trainer.spent - start) / (trainer.budget - start)) < 1:
        _set_rate(
            trainer.optimizer,
            RATE * min(1.0, (trainer.step + 1) / 200) * (0.5 + 0.5 * math.cos(math.pi * fraction)),
        )
        scenes, captions = trainer.painter.plan(batch, trainer.rng, Mix())
        dropped = [trainer.rng.random() < DROPPED for _ in scenes]
        states = told.states(scenes, captions, dropped)
        shares = 1 - torch.rand(batch, device=trainer.device) ** 2  # of noise
        shares[torch.rand(batch, device=trainer.device) < PURE] = 1.0
        seen, wanted = _seen_and_wanted(trainer, scenes, shares, dropped)
        times = (999 * shares).round().long()
        kept = alphas[times].sqrt()[:, None, None, None]
        noised = (1 - alphas[times]).sqrt()[:, None, None, None]
        latents, wanted = code.encode(seen), code.encode(wanted)
        noise = torch.randn_like(latents)
        with torch.autocast(trainer.device.type, torch.bfloat16, enabled=trainer.halved):
            guess = trainer.unet(kept * latents + noised * noise, times, states).sample
        # v, such that a step leads to what is wanted, from wherever the latents are.
        aim = kept * noise - noised * latents + (latents - wanted) / noised
        loss = functional.mse_loss(guess.float(), aim)
        _descend(trainer.optimizer, loss, parameters)
        trainer.denoiser.hold()
        with torch.no_grad():
            torch._foreach_lerp_(
                trainer.averaged, parameters, 1 - min(0.998, (1 + trainer.step) / (10 + trainer.step))
            )
        smooth = _smooth(smooth, loss.item())
        trainer.step += 1
        if trainer.step in (10, 50) or trainer.step % 100 == 0:
            trainer.note(stage="pictures", step=trainer.step, loss=round(smooth[0], 5))
        if trainer.spent - looked > LOOK_EVERY:
            looked = trainer.spent
            trainer.note(stage="look", step=trainer.step, **look(trainer, told))
        if trainer.spent - saved > KEEP_EVERY:
            saved = trainer.spent
            trainer.keep()


def _seen_and_wanted(
    trainer: Trainer, scenes: Sequence[Scene], shares: Tensor, dropped: Sequence[bool]
) -> tuple[Tensor, Tensor]:
    """The pictures under the noise, and what is to become of them. Of the redrawn ones, the first, `shares` are drawn anew."""
    pictures = trainer.painter.draw(scenes)
    count = round(REDRAWN * len(scenes))
    seen, wanted = pictures.clone(), pictures.clone()
    seen[:count] = begin_from(pictures[:count], pictures[-count:], trainer.rng)
    shares[:count] = EARLIEST + (LATEST - EARLIEST) * torch.rand(count, device=shares.device)
    wanted[:count] = redrawn(seen[:count], pictures[:count], shares[:count])
    silent = torch.tensor(dropped, device=shares.device)
    wanted[silent] = seen[silent]  # where nothing is named nothing takes its place
    return seen, wanted


def _set_rate(optimizer: torch.optim.Optimizer, rate: float) -> None:
    for group in optimizer.param_groups:
        group["lr"] = rate


def _descend(optimizer: torch.optim.Optimizer, loss: Tensor, parameters: Sequence[Tensor]) -> None:
    optimizer.zero_grad(set_to_none=True)
    loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it bare
    nn.utils.clip_grad_norm_(parameters, 1.0)
    optimizer.step()


def _smooth(before: tuple[float, ...] | None, *now: float) -> tuple[float, ...]:
    """Means over about fifty steps."""
    return now if before is None else tuple(0.98 * b + 0.02 * n for b, n in zip(before, now, strict=True))


def look(trainer: Trainer, told: Told, count: int = 40) -> dict[str, float]:
    """How many of a few kept-out captions bring the right icon nearest, by thumbnails: a sign of progress, no more."""
    rng = seeded(7)
    chosen = [(rng.randrange(len(trainer.world.subjects)), rng.randrange(2)) for _ in range(count)]
    captions = [
        kept_out_caption(trainer.world.subjects[n], STYLES[s], rng.choice(("en", "zh")), rng)
        for n, s in chosen
    ]
    with averaged(trainer), torch.no_grad():
        pictures = trainer.code.decode(sample(trainer, told, captions).cpu())
    real = functional.avg_pool2d(trainer.painter.plain().cpu(), 4).flatten(1)
    ranks = torch.cdist(functional.avg_pool2d(pictures, 4).flatten(1), real).argsort(1)
    wanted = torch.tensor([n * len(STYLES) + s for n, s in chosen])[:, None]
    checkpoint.write(trainer.out / "look.safetensors", {"pictures": pictures}, {})
    return {
        "top1": float((ranks[:, :1] == wanted).any(1).float().mean()),
        "top5": float((ranks[:, :5] == wanted).any(1).float().mean()),
    }


def sample(trainer: Trainer, told: Told, captions: list[str], steps: int = 20) -> Tensor:
    scheduler = DDIMScheduler(**SCHEDULE)
    scheduler.set_timesteps(steps)
    words = told.read([*captions, *[""] * len(captions)])
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(len(captions), CHANNELS, GRID, GRID, generator=generator).to(trainer.device)
    for moment in scheduler.timesteps:
        with_words, without = trainer.unet(torch.cat([latents, latents]), moment, words).sample.chunk(2)
        latents = scheduler.step(without + GUIDANCE * (with_words - without), moment, latents).prev_sample
    return latents


@contextmanager
def averaged(trainer: Trainer) -> Iterator[None]:
    """Puts the averaged weights in place of the last ones, for as long as it lasts."""
    last = [p.detach().clone() for p in trainer.unet.parameters()]
    _put(trainer.unet, trainer.averaged)
    yield
    _put(trainer.unet, last)


@torch.no_grad()
def _put(unet: UNet2DConditionModel, values: list[Tensor]) -> None:
    for parameter, value in zip(unet.parameters(), values, strict=True):
        parameter.copy_(value)


def train(world: World, out: Path, hours: float, seed: int) -> None:
    """Trains until `hours` of wall time are spent, over all starts, and writes the pipeline to `out`/starter."""
    out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(world, out, hours, seed)
    trainer.resume()
    try:
        if not trainer.words_done:
            teach_words(trainer)
        encoder = written(trainer)
        teach_pictures(trainer, Told(encoder, trainer.tokenizer, world))
    finally:
        trainer.keep()
    write(trainer, encoder)


def settle_again(world: World, out: Path) -> None:
    """Settles the heads of a training in `out`, writes the memory anew with them, and the pipeline to `out`/starter.

    Nothing of the denoiser changes. For a checkpoint whose words were learned before settling was part of their stage.
    """
    trainer = Trainer(world, out, 0, 0)
    trainer.resume()
    if not trainer.words_step:
        raise SystemExit(f"There is no training in {out} that has learned words.")
    settle_heads(trainer)
    trainer.keep()
    write(trainer, written(trainer))


def written(trainer: Trainer) -> CLIPTextModel:
    """The text encoder with the memory of the pictures in it."""
    encoder = remember(trainer.words, trainer.heads, trainer.tokenizer, trainer.painter, trainer.code)
    return encoder.to(trainer.device)


def write(trainer: Trainer, encoder: CLIPTextModel) -> None:
    """The whole pipeline, to `starter` in the training's folder."""
    autoencoder = make_autoencoder(trainer.code, to_read(trainer.painter).cpu()).to(trainer.device)
    folder, subjects = trainer.out / "starter", trainer.world.subjects
    with averaged(trainer):
        silence(encoder, trainer.tokenizer, subjects)
        export(assemble(autoencoder, trainer.unet, encoder, spelled(trainer.tokenizer, subjects)), folder)
    print(f"Written: {folder}", flush=True)


def to_read(painter: Painter) -> Tensor:
    """What the decoder learns to read from: icons on white, and as many on coloured grounds, or else it expects white beyond
    every edge and puts a frame round the others."""
    plain = painter.plain()[::12]
    scenes, _ = painter.plan(len(plain), seeded(0), Mix(pair=0, ground=1, hue=0, moved=0))
    return torch.cat([plain, painter.draw(scenes)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--hours", type=float, default=2.0, help="wall time to train for, in all (default: %(default)s)"
    )
    parser.add_argument(
        "--data", type=Path, default=data_folder(), help="folder of the data; what it lacks is fetched"
    )
    parser.add_argument(
        "--out", type=Path, default=data_folder() / "training", help="folder of checkpoint and result"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument(
        "--settle", type=Path, metavar="FOLDER", help="only settle the heads of the training in this folder"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_float32_matmul_precision("high")  # on a GPU; nothing here needs more
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what is asked to end keeps its checkpoint first
    try:
        fetch(arguments.data)
        world = read_world(arguments.data)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        sys.exit(f"The data cannot be used. {error}")
    if arguments.settle is not None:
        settle_again(world, arguments.settle)
    else:
        train(world, arguments.out, arguments.hours, arguments.seed)


if __name__ == "__main__":
    main()
