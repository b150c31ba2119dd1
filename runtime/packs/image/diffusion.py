"""Paints with any diffusers pipeline from a folder."""

import inspect
import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.errors import OperationalError, UserError
from runtime.models.threads import threads
from runtime.packs.image.masking import Kept, knows_masks
from runtime.packs.image.pictures import as_png
from runtime.packs.image.reading import longest_prompt, require_readable
from runtime.packs.image.side import Square, only_side
from runtime.words import Words

if TYPE_CHECKING:
    from PIL.Image import Image

# A pipeline's index names the library of each part. diffusers would import any installed library that it names.
LIBRARIES = frozenset({"diffusers", "transformers"})
# Previews of one picture: enough to watch it grow, few enough to cost little.
PREVIEWS = 8
# Latent cells of a preview's longer side.
PREVIEW_CELLS = 16

# (steps done, a small PNG of the work so far, or None)
OnStep = Callable[[int, bytes | None], None]


@dataclass(frozen=True, slots=True)
class Order:
    """What to paint. Sizes are pixels; None is the model's own.

    With a picture (RGB) to begin from, `strength` (0..1) says how much of it is painted anew; a mask (L, of the
    picture's size; white: here) keeps the rest.
    """

    prompt: str
    negative: str
    steps: int
    guidance: float
    seed: int
    width: int | None = None
    height: int | None = None
    picture: "Image | None" = None
    mask: "Image | None" = None
    strength: float = 1.0

    @property
    def taken(self) -> int:
        """Steps that are really taken: of a picture that is there, only the last part of the way is gone again."""
        return self.steps if self.picture is None else max(1, int(self.steps * self.strength))

    def options(self, pipeline: Any) -> dict[str, Any]:
        """What this pipeline understands of the order."""
        import torch

        grid = _grid(pipeline)
        width, height = (side and max(grid, side // grid * grid) for side in self._size(pipeline))
        options: dict[str, Any] = {
            "prompt": self.prompt,
            "negative_prompt": self.negative or None,
            "num_inference_steps": self.steps,
            "guidance_scale": self.guidance,
            "width": width,
            "height": height,
            # Made on the processor whatever the device, so that a seed means the same picture's beginning everywhere.
            "generator": torch.Generator("cpu").manual_seed(self.seed),
            "output_type": "np",
        }
        if self.picture is not None and width and height:
            options["image"] = self.picture.resize((width, height))
            options["strength"] = max(self.strength, 1 / self.steps)
        if self.mask is not None and width and height:
            options["mask_image"] = self.mask.resize((width, height))
        known = inspect.signature(type(pipeline).__call__).parameters
        return {name: value for name, value in options.items() if name in known}

    def _size(self, pipeline: Any) -> tuple[int | None, int | None]:
        """Width and height to paint at: a given picture keeps its shape within the model's own size."""
        if self.picture is None:
            return self.width, self.height
        longest = max(self.width or 0, self.height or 0) or _own_side(pipeline)
        scale = longest / max(self.picture.size)
        return round(self.picture.width * scale), round(self.picture.height * scale)


class Painter:
    """A loaded pipeline on its device."""

    def __init__(
        self, pipeline: Any, device: str, side: int | None = None, longest: int | None = None
    ) -> None:
        """`side`: of the only squares that it paints, in pixels; None where it takes any size. `longest`: the tokens that it
        reads, where its tokenizers say more."""
        self._pipeline = pipeline.to(device)
        self._side, self._longest = side, longest
        self._pipeline.set_progress_bar_config(disable=True)
        self._variants: dict[str, Any] = {}
        self.device = device

    def paint(self, order: Order, on_step: OnStep) -> "Image":
        """One picture. What `on_step` raises ends the work within the step and is raised here.

        Raises UserError `prompt_says_nothing` or `prompt_too_long`.
        """
        from PIL import Image

        require_readable(self._pipeline, order.prompt, order.negative, self._longest)
        if self._side is None:
            painted = self._paint(order, on_step)
        else:
            inside, square = Square.around(order, self._side)
            painted = square.out_of(self._paint(inside, on_step))
        if order.picture is None or order.mask is None:
            return painted
        # Pipelines let the whole picture through their autoencoder; here what the mask keeps stays to the pixel.
        return Image.composite(painted.resize(order.picture.size), order.picture, order.mask)

    def save_memory(self) -> None:
        """Attend to a picture, and decode it, piece by piece from now on: slower, with a fraction of the memory."""
        for pipeline in (self._pipeline, *self._variants.values()):
            pipeline.enable_attention_slicing()
            vae = getattr(pipeline, "vae", None)
            if vae is not None and hasattr(vae, "enable_tiling"):
                vae.enable_tiling()

    def _paint(self, order: Order, on_step: OnStep) -> "Image":
        import numpy as np
        import torch
        from PIL import Image

        pipeline = self._for(order)
        every = max(1, order.taken // PREVIEWS)
        options = order.options(pipeline)
        kept: Kept | None = None

        def after_step(_pipeline: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            latents = (
                tensors["latents"] if kept is None else kept.put_back(pipeline, tensors["latents"], timestep)
            )
            shows = (step + 1) % every == 0 and step + 1 < order.taken
            on_step(step + 1, self._preview(latents) if shows else None)
            return {"latents": latents}

        try:
            with torch.inference_mode():
                if order.mask is not None and not knows_masks(pipeline):
                    picture = options["image"]
                    kept = Kept.of(pipeline, picture, order.mask.resize(picture.size), order.seed)
                pixels = pipeline(**options, callback_on_step_end=after_step).images[0]
        except torch.cuda.OutOfMemoryError as error:
            raise UserError(
                "out_of_memory",
                Words(
                    "The picture does not fit into the memory of the graphics processor.",
                    "显存不足，无法绘制该图像。",
                ),
                Words("Choose a smaller size.", "请选择更小的尺寸。"),
            ) from error
        if not np.isfinite(pixels).all():
            raise OperationalError(
                "model_failed",
                Words("The model painted nothing that is a picture.", "模型未能生成有效图像。"),
                retryable=True,
            )
        return Image.fromarray((np.clip(pixels, 0, 1) * 255).round().astype(np.uint8))

    def _for(self, order: Order) -> Any:
        """The pipeline that takes such an order, of the same weights. Raises UserError `model_paints_words_only`."""
        if order.picture is None:
            return self._pipeline
        from diffusers import (
            AutoPipelineForImage2Image,
            AutoPipelineForInpainting,
        )  # half a second, the first time

        inside = order.mask is not None and knows_masks(self._pipeline)
        kind: Any = AutoPipelineForInpainting if inside else AutoPipelineForImage2Image
        if kind.__name__ not in self._variants:
            try:
                variant = kind.from_pipe(self._pipeline)
            except ValueError as error:  # diffusers knows no such pipeline for this architecture
                raise _words_only() from error
            variant.set_progress_bar_config(disable=True)
            self._variants[kind.__name__] = variant
        return self._variants[kind.__name__]

    def _preview(self, latents: Any) -> bytes | None:
        """A small PNG of unfinished latents, decoded after they are made small: a hundredth of a full decode."""
        import numpy as np
        import torch.nn.functional as functional
        from PIL import Image

        vae = getattr(self._pipeline, "vae", None)
        if vae is None or latents.ndim != 4:
            return None
        shrink = max(1.0, max(latents.shape[-2:]) / PREVIEW_CELLS)
        size = [max(1, round(side / shrink)) for side in latents.shape[-2:]]
        small = functional.interpolate(latents[:1].float(), size=size, mode="area").to(vae.dtype)
        shift = getattr(vae.config, "shift_factor", None) or 0.0
        decoded = vae.decode(small / vae.config.scaling_factor + shift, return_dict=False)[0]
        pixels = decoded[0].float().clamp(-1, 1).add(1).mul(127.5).nan_to_num().permute(1, 2, 0).cpu().numpy()
        return as_png(Image.fromarray(pixels.astype(np.uint8)))


def _grid(pipeline: Any) -> int:
    return math.lcm(8, int(getattr(pipeline, "vae_scale_factor", 8)))  # pipelines refuse anything between


def _own_side(pipeline: Any) -> int:
    """The side of the pictures that the model was trained on, in pixels."""
    denoiser = getattr(pipeline, "unet", None) or pipeline.transformer
    return int(denoiser.config.sample_size) * int(pipeline.vae_scale_factor)


def _words_only() -> UserError:
    return UserError(
        "model_paints_words_only",
        Words("This model paints from words only.", "该模型只能根据文字绘图。"),
        Words("Choose another model.", "请选择其他模型。"),
    )


def load(folder: Path) -> Painter:
    """The pipeline in `folder`, on the graphics processor when there is one. Raises OperationalError `model_unreadable`."""
    import torch
    from diffusers import DiffusionPipeline

    _require_plain(folder)
    torch.set_num_threads(threads())
    on_gpu = torch.cuda.is_available()
    any_pipeline: Any = DiffusionPipeline  # the library leaves the call below without types
    try:
        side, longest = only_side(folder), longest_prompt(folder)
        pipeline = any_pipeline.from_pretrained(
            str(folder),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=torch.float16 if on_gpu else torch.float32,
        )
    except (OSError, ValueError) as error:
        raise _unreadable() from error
    return Painter(pipeline, "cuda" if on_gpu else "cpu", side, longest)


def _require_plain(folder: Path) -> None:
    """The index names parts of diffusers and transformers only, and no code of the model's own."""
    try:
        index = json.loads((folder / "model_index.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _unreadable() from error
    parts = [value for name, value in index.items() if not name.startswith("_") and isinstance(value, list)]
    named = {part[0] for part in parts if part and part[0] is not None}
    if named - LIBRARIES or not isinstance(index.get("_class_name"), str) or any(folder.rglob("*.py")):
        raise _unreadable()


def _unreadable() -> OperationalError:
    return OperationalError(
        "model_unreadable", Words("The picture model cannot be loaded.", "无法加载图像模型。")
    )
