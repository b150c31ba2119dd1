"""Train the starter picture model from nothing: first words, then pictures, in a given time.

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
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from diffusers import DDIMScheduler, UNet2DConditionModel
from diffusers.models.attention_processor import AttnProcessor
from torch import Tensor, nn
from torch.nn import functional
from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

from runtime.models.starter import checkpoint
from runtime.models.starter.autoencoder import make_autoencoder
from runtime.models.starter.captions import LONGEST, STYLES, kept_out_caption, make_tokenizer, seeded
from runtime.models.starter.data import SIDE, World, data_folder, fetch, read_world
from runtime.models.starter.export import SCHEDULE, assemble, export
from runtime.models.starter.pictures import CHANNELS, PATCH, LinearCode, Mix, Painter

# Where steps are dear, more of them teach more than larger ones; a GPU is idle on small ones.
BATCH = {"cpu": 32, "cuda": 64}
WORDS_BATCH = {"cpu": 96, "cuda": 256}
RATE = 1e-3  # for AdamW with cosine decay to nothing at the end of the time: the decay does much of the work
TEXT_RATE = 1e-4  # the text encoder has learned what the words mean by then; it only adapts
DROPPED = 0.1  # captions left out, so that guidance has something to lead away from
WORDS_SHARE = 0.06  # of the time: words cost little and save much
KEEP_EVERY = 240.0  # seconds between checkpoints
LOOK_EVERY = 1_200.0  # seconds between looks at what it can do: 40 pictures, about 15 s
GUIDANCE = 3.0
CHECKPOINT = "checkpoint.safetensors"


def make_text_encoder(tokenizer: CLIPTokenizer) -> CLIPTextModel:
    """Two layers: captions are short."""
    return CLIPTextModel(CLIPTextConfig(
        vocab_size=len(tokenizer), hidden_size=192, intermediate_size=512, projection_dim=192, num_hidden_layers=2,
        num_attention_heads=4, max_position_embeddings=LONGEST, pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
    ))  # fmt: skip


def make_unet() -> UNet2DConditionModel:
    """Twice as wide at each level down, so that every level costs about the same; most of it is remembered at 8x8 and 4x4.

    The caption comes in twice. Pooled (`addition_embed_type="text"`, which needs nothing from the pipeline) it scales and
    shifts every layer and says what is in the picture; word by word, in the attention at 8x8 and 4x4, it says where.
    """
    unet = UNet2DConditionModel(
        sample_size=SIDE // PATCH, in_channels=CHANNELS, out_channels=CHANNELS, layers_per_block=(0, 1, 1, 1), norm_num_groups=8,
        block_out_channels=(32, 64, 128, 256), cross_attention_dim=192, attention_head_dim=4,
        down_block_types=("DownBlock2D", "DownBlock2D", "CrossAttnDownBlock2D", "DownBlock2D"),
        up_block_types=("UpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D", "UpBlock2D"),
        addition_embed_type="text", addition_embed_type_num_heads=8, resnet_time_scale_shift="scale_shift",
        time_embedding_dim=512,
    )  # fmt: skip
    # Plain products: torch's fused attention is slow backwards in bfloat16 on a CPU.
    unet.set_attn_processor(AttnProcessor())
    return unet


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
        self.tokenizer = make_tokenizer(self.world.subjects)
        self.text = make_text_encoder(self.tokenizer).to(self.device)
        self.unet = make_unet().to(self.device)
        self.averaged = [p.detach().clone() for p in self.parameters()]
        self.step, self.text_step, self.before, self.began = 0, 0, 0.0, time.monotonic()
        self.text_done = False
        self.curve: list[dict[str, Any]] = []
        groups = [
            {"params": list(self.unet.parameters()), "peak": RATE},
            {"params": list(self.text.parameters()), "peak": TEXT_RATE},
        ]
        self.optimizer = torch.optim.AdamW(groups, lr=RATE, betas=(0.9, 0.99), weight_decay=1e-2, fused=True)

    def parameters(self) -> Iterator[nn.Parameter]:
        yield from self.unet.parameters()
        yield from self.text.parameters()

    @property
    def spent(self) -> float:
        return self.before + time.monotonic() - self.began

    def tokens(self, captions: list[str]) -> Tensor:
        ids: Tensor = self.tokenizer(
            captions, padding="max_length", max_length=LONGEST, truncation=True, return_tensors="pt"
        ).input_ids
        return ids.to(self.device)

    def note(self, **figures: Any) -> None:
        figures = {"seconds": round(self.spent, 1), **figures}
        self.curve.append(figures)
        print(json.dumps(figures), flush=True)

    def keep(self) -> None:
        """Writes the checkpoint."""
        tensors = {
            **checkpoint.named("text", checkpoint.of_module(self.text)),
            **checkpoint.named("unet", checkpoint.of_module(self.unet)),
            **checkpoint.named("averaged", {str(i): tensor for i, tensor in enumerate(self.averaged)}),
            **checkpoint.named("optimizer", checkpoint.of_optimizer(self.optimizer)),
            "rng": torch.get_rng_state(),
        }
        notes = {"step": self.step, "spent": self.spent, "text_done": self.text_done, "curve": self.curve}
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
        self.text.load_state_dict(checkpoint.below("text", tensors))
        self.unet.load_state_dict(checkpoint.below("unet", tensors))
        checkpoint.into_optimizer(self.optimizer, checkpoint.below("optimizer", tensors))
        averaged = checkpoint.below("averaged", tensors)
        self.averaged = [averaged[str(index)] for index in range(len(averaged))]
        self.step, self.before = json.loads(notes["step"]), json.loads(notes["spent"])
        self.text_done, self.curve = json.loads(notes["text_done"]), json.loads(notes["curve"])
        torch.set_rng_state(tensors["rng"].cpu())
        self.rng.seed(self.step)
        self.began = time.monotonic()


def teach_words(trainer: Trainer) -> None:
    """First the captions alone: guess a thumbnail of the picture from its words, by a head that is thrown away.

    It costs a tenth of what the denoiser does per picture, and spares the denoiser from waiting until `狐狸` and `fox` mean the same.
    """
    head = nn.Sequential(nn.LayerNorm(192), nn.Linear(192, 512), nn.GELU(), nn.Linear(512, 768)).to(
        trainer.device
    )
    parameters = [*trainer.text.parameters(), *head.parameters()]
    optimizer = torch.optim.AdamW(parameters, lr=2e-3, betas=(0.9, 0.98), weight_decay=1e-2, fused=True)
    limit, smooth = trainer.budget * WORDS_SHARE, None
    while (fraction := trainer.spent / limit) < 1:
        for group in optimizer.param_groups:
            group["lr"] = (
                2e-3 * min(1.0, (trainer.text_step + 1) / 50) * max(0.02, math.cos(fraction * math.pi / 2))
            )
        pictures, captions = trainer.painter.paint(
            WORDS_BATCH[trainer.device.type], trainer.rng, Mix(pair=0.1, moved=0, mirrored=0)
        )
        wanted = functional.avg_pool2d(pictures, 4).flatten(1)
        ids = trainer.tokens(captions)
        ids = ids[
            :, : max(2, int((ids != trainer.tokenizer.pad_token_id).sum(1).max()) + 1)
        ]  # causal: what follows is not seen
        states = trainer.text(input_ids=ids)
        loss = functional.mse_loss(head(states.pooler_output), wanted)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it bare
        nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
        trainer.text_step += 1
        if trainer.text_step in (10, 50) or trainer.text_step % 100 == 0:
            trainer.note(stage="words", step=trainer.text_step, loss=round(smooth, 5))
    trainer.text_done = True
    trainer.averaged = [p.detach().clone() for p in trainer.parameters()]


def teach_pictures(trainer: Trainer) -> None:
    alphas = DDIMScheduler(**SCHEDULE).alphas_cumprod.to(trainer.device)
    start = trainer.budget * WORDS_SHARE
    smooth, saved, looked = None, trainer.spent, trainer.spent
    parameters: list[Tensor] = [*trainer.parameters()]
    code, batch = trainer.code.to(trainer.device), BATCH[trainer.device.type]
    while (fraction := (trainer.spent - start) / (trainer.budget - start)) < 1:
        for group in trainer.optimizer.param_groups:
            group["lr"] = (
                group["peak"]
                * min(1.0, (trainer.step + 1) / 200)
                * (0.5 + 0.5 * math.cos(math.pi * fraction))
            )
        # Two icons come late: they are composed of what single ones have taught.
        mix = Mix(pair=0.0 if fraction < 0.5 else 0.12)
        pictures, captions = trainer.painter.paint(batch, trainer.rng, mix)
        captions = ["" if trainer.rng.random() < DROPPED else text for text in captions]
        latents = code.encode(pictures)
        # Half of all steps in the noisiest third, where it is decided what the picture shows.
        times = (999 * (1 - torch.rand(batch, device=trainer.device) ** 1.5)).round().long()
        kept = alphas[times].sqrt()[:, None, None, None]
        noised = (1 - alphas[times]).sqrt()[:, None, None, None]
        noise = torch.randn_like(latents)
        words = trainer.text(input_ids=trainer.tokens(captions)).last_hidden_state
        with torch.autocast(trainer.device.type, torch.bfloat16, enabled=trainer.halved):
            guess = trainer.unet(kept * latents + noised * noise, times, words).sample
        loss = functional.mse_loss(guess.float(), kept * noise - noised * latents)
        trainer.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]  # torch leaves it bare
        nn.utils.clip_grad_norm_(parameters, 1.0)
        trainer.optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(
                trainer.averaged, parameters, 1 - min(0.998, (1 + trainer.step) / (10 + trainer.step))
            )
        smooth = loss.item() if smooth is None else 0.98 * smooth + 0.02 * loss.item()
        trainer.step += 1
        if trainer.step in (10, 50) or trainer.step % 100 == 0:
            trainer.note(stage="pictures", step=trainer.step, loss=round(smooth, 5))
        if trainer.spent - looked > LOOK_EVERY:
            looked = trainer.spent
            trainer.note(stage="look", step=trainer.step, **look(trainer))
        if trainer.spent - saved > KEEP_EVERY:
            saved = trainer.spent
            trainer.keep()


def look(trainer: Trainer, count: int = 40) -> dict[str, float]:
    """How many of a few kept-out captions bring the right icon nearest, by thumbnails: a sign of progress, no more."""
    rng = seeded(7)
    chosen = [(rng.randrange(len(trainer.world.subjects)), rng.randrange(2)) for _ in range(count)]
    captions = [
        kept_out_caption(trainer.world.subjects[n], STYLES[s], rng.choice(("en", "zh")), rng)
        for n, s in chosen
    ]
    with averaged(trainer), torch.no_grad():
        pictures = trainer.code.decode(sample(trainer, captions).cpu())
    real = functional.avg_pool2d(trainer.painter.plain().cpu(), 4).flatten(1)
    ranks = torch.cdist(functional.avg_pool2d(pictures, 4).flatten(1), real).argsort(1)
    wanted = torch.tensor([n * len(STYLES) + s for n, s in chosen])[:, None]
    checkpoint.write(trainer.out / "look.safetensors", {"pictures": pictures}, {})
    return {
        "top1": float((ranks[:, :1] == wanted).any(1).float().mean()),
        "top5": float((ranks[:, :5] == wanted).any(1).float().mean()),
    }


def sample(trainer: Trainer, captions: list[str], steps: int = 20) -> Tensor:
    scheduler = DDIMScheduler(**SCHEDULE)
    scheduler.set_timesteps(steps)
    words = trainer.text(input_ids=trainer.tokens([*captions, *[""] * len(captions)])).last_hidden_state
    generator = torch.Generator().manual_seed(0)
    latents = torch.randn(len(captions), CHANNELS, SIDE // PATCH, SIDE // PATCH, generator=generator).to(
        trainer.device
    )
    for moment in scheduler.timesteps:
        with_words, without = trainer.unet(torch.cat([latents, latents]), moment, words).sample.chunk(2)
        latents = scheduler.step(without + GUIDANCE * (with_words - without), moment, latents).prev_sample
    return latents


@contextmanager
def averaged(trainer: Trainer) -> Iterator[None]:
    """Puts the averaged weights in place of the last ones, for as long as it lasts."""
    last = [p.detach().clone() for p in trainer.parameters()]
    _put(trainer, trainer.averaged)
    yield
    _put(trainer, last)


@torch.no_grad()
def _put(trainer: Trainer, values: list[Tensor]) -> None:
    for parameter, value in zip(trainer.parameters(), values, strict=True):
        parameter.copy_(value)


def train(world: World, out: Path, hours: float, seed: int) -> None:
    """Trains until `hours` of wall time are spent, over all starts, and writes the pipeline to `out`/starter."""
    out.mkdir(parents=True, exist_ok=True)
    trainer = Trainer(world, out, hours, seed)
    trainer.resume()
    try:
        if not trainer.text_done:
            teach_words(trainer)
        teach_pictures(trainer)
    finally:
        trainer.keep()
    autoencoder = make_autoencoder(trainer.code, trainer.painter.plain()[::12].cpu()).to(trainer.device)
    with averaged(trainer):
        export(assemble(autoencoder, trainer.unet, trainer.text, trainer.tokenizer), out / "starter")
    print(f"Written: {out / 'starter'}", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--hours", type=float, default=1.0, help="wall time to train for, in all (default: %(default)s)"
    )
    parser.add_argument(
        "--data", type=Path, default=data_folder(), help="folder of the data; what it lacks is fetched"
    )
    parser.add_argument(
        "--out", type=Path, default=data_folder() / "training", help="folder of checkpoint and result"
    )
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    torch.set_float32_matmul_precision("high")  # on a GPU; nothing here needs more
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what is asked to end keeps its checkpoint first
    try:
        fetch(arguments.data)
        world = read_world(arguments.data)
    except (OSError, ValueError, subprocess.CalledProcessError) as error:
        sys.exit(f"The data cannot be used. {error}")
    train(world, arguments.out, arguments.hours, arguments.seed)


if __name__ == "__main__":
    main()
