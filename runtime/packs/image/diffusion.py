"""Paints with any diffusers pipeline from a folder, one picture or several that were ordered alike in one go."""

import inspect
import json
import math
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from runtime.errors import OperationalError, UserError
from runtime.models.precision import dtype_for
from runtime.models.threads import threads
from runtime.packs.image.compiling import compile_network
from runtime.packs.image.masking import Kept, knows_masks
from runtime.packs.image.pictures import as_png
from runtime.packs.image.quantise import quantise, weight
from runtime.packs.image.reading import longest_prompt, require_readable
from runtime.packs.image.room import Room, is_of_gpu, lacks_memory, parts
from runtime.packs.image.side import Square, only_side
from runtime.words import Words

if TYPE_CHECKING:
    from PIL.Image import Image

# A pipeline's index names the library of each part. diffusers would import any installed library that it names.
LIBRARIES = frozenset({"diffusers", "transformers"})
# Previews of one picture: enough to watch it grow, few enough to cost little.
PREVIEWS = 8
# At least so many times as long as one took, the next one waits: they cost a fiftieth of the time, or less.
PATIENCE = 50.0
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

    @property
    def alike(self) -> Hashable | None:
        """What orders share that can be painted in one go; None where one is always painted by itself.

        Some pipelines begin from nothing instead of from an empty text where nothing is to be avoided.
        """
        if self.picture is not None:
            return None
        return self.steps, self.guidance, self.width, self.height, bool(self.negative)

    def size(self, pipeline: Any) -> tuple[int | None, int | None]:
        """Width and height to paint at: a given picture keeps its shape within the model's own size."""
        if self.picture is None:
            return self.width, self.height
        longest = max(self.width or 0, self.height or 0) or _own_side(pipeline)
        scale = longest / max(self.picture.size)
        return round(self.picture.width * scale), round(self.picture.height * scale)


def options(orders: Sequence[Order], pipeline: Any) -> dict[str, Any]:
    """What this pipeline understands of orders that are alike."""
    import torch

    first = orders[0]
    grid = _grid(pipeline)
    width, height = (side and max(grid, side // grid * grid) for side in first.size(pipeline))
    avoided = [order.negative for order in orders]
    # Made on the processor whatever the device, so that a seed means the same picture's beginning everywhere;
    # one for each picture, so that it begins alike in any company.
    generators = [torch.Generator("cpu").manual_seed(order.seed) for order in orders]
    named: dict[str, Any] = {
        "prompt": [order.prompt for order in orders],
        "negative_prompt": avoided if any(avoided) else None,
        "num_inference_steps": first.steps,
        "guidance_scale": first.guidance,
        "width": width,
        "height": height,
        "generator": generators,
        "output_type": "np",
    }
    if len(orders) == 1:
        named |= {
            "prompt": first.prompt,
            "negative_prompt": first.negative or None,
            "generator": generators[0],
        }
    if first.picture is not None and width and height:
        named["image"] = first.picture.resize((width, height))
        named["strength"] = max(first.strength, 1 / first.steps)
    if first.mask is not None and width and height:
        named["mask_image"] = first.mask.resize((width, height))
    known = inspect.signature(type(pipeline).__call__).parameters
    return {name: value for name, value in named.items() if name in known}


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
        self._forms = compile_network(self._pipeline)
        self._room = Room(self._pipeline, device)
        self._preview_took = 0.0  # seconds, the last time
        vae = getattr(self._pipeline, "vae", None)
        if vae is not None and hasattr(vae, "enable_slicing"):
            vae.enable_slicing()  # several are decoded one after another: as they would be alone, in as little memory
        self.device = device

    @property
    def weighs(self) -> int:
        """Bytes of its weights, as they are kept."""
        return weight(self._pipeline)

    def compiles(self, orders: Sequence[Order]) -> bool:
        """Whether it is compiled first for orders like these, which takes minutes. True once."""
        first = orders[0]
        return self._forms.is_new((len(orders), first.size(self._pipeline), first.guidance > 1))

    def paint(self, order: Order, on_step: OnStep) -> "Image":
        """One picture. What `on_step` raises ends the work within the step and is raised here.

        Raises UserError `prompt_says_nothing` or `prompt_too_long`.
        """
        (painted,) = self.paint_each([order], [on_step])
        if isinstance(painted, BaseException):
            raise painted
        return painted

    def paint_each(
        self, orders: Sequence[Order], on_steps: Sequence[OnStep]
    ) -> "list[Image | BaseException]":
        """A picture, or why there is none, for each of some orders that are `alike`.

        What an `on_step` raises ends its picture within the step, and the others go on. They are painted in as many goes
        as memory wants; what fails together is tried apart, so that each has its own end.
        """
        made: dict[int, Image | BaseException] = {}
        taken: dict[int, tuple[Order, Square | None]] = {}
        for number, order in enumerate(orders):
            try:
                taken[number] = self._take(order)
            except (UserError, OperationalError) as error:
                made[number] = error
        waiting = [list(taken)]
        while waiting:
            going = waiting.pop()
            size = taken[going[0]][0].size(self._pipeline) if going else (None, None)
            fits = self._room.fits(len(going), size)
            if going[fits:]:
                waiting.append(going[fits:])
            going = going[:fits]
            lacking = False
            try:
                done = self._go([taken[n][0] for n in going], [on_steps[n] for n in going]) if going else []
                made |= dict(zip(going, done, strict=True))
                continue
            except Exception as error:  # noqa: BLE001 - whatever it is, it is not to end the others
                lacking = lacks_memory(error)
                if len(going) == 1:
                    made[going[0]] = _too_large() if is_of_gpu(error) else error
            if lacking:  # outside the handler, whose traceback would keep alive what is in the way
                self._room.lacked(len(going), size)
            if len(going) > 1:
                waiting += reversed(parts(going, lacking))
        return [
            self._finish(orders[number], taken[number][1], made[number]) if number in taken else made[number]
            for number in range(len(orders))
        ]

    def _take(self, order: Order) -> tuple[Order, Square | None]:
        """The order as this model paints it. Raises UserError for what it does not read or paint."""
        require_readable(self._pipeline, order.prompt, order.negative, self._longest)
        return (order, None) if self._side is None else Square.around(order, self._side)

    def _finish(
        self, order: Order, square: Square | None, painted: "Image | BaseException"
    ) -> "Image | BaseException":
        from PIL import Image

        if isinstance(painted, BaseException):
            return painted
        if square is not None:
            painted = square.out_of(painted)
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

    def _go(self, orders: Sequence[Order], on_steps: Sequence[OnStep]) -> "list[Image | BaseException]":
        """Paint orders in one call of the pipeline. Raises what concerns all of them."""
        import torch

        first = orders[0]
        pipeline = self._for(first)
        every = max(1, first.taken // PREVIEWS)
        told = options(orders, pipeline)
        kept: Kept | None = None
        left: dict[int, BaseException] = {}
        shown = [time.monotonic()]

        def after_step(_pipeline: Any, step: int, timestep: Any, tensors: dict[str, Any]) -> dict[str, Any]:
            latents = (
                tensors["latents"] if kept is None else kept.put_back(pipeline, tensors["latents"], timestep)
            )
            began = time.monotonic()
            shows = (step + 1) % every == 0 and step + 1 < first.taken
            previews = None
            if shows and began - shown[0] >= self._preview_took * PATIENCE:
                previews = self._previews(latents)
                shown[0] = time.monotonic()
                self._preview_took = shown[0] - began
            for number, on_step in enumerate(on_steps):
                if number in left:
                    continue
                try:
                    on_step(step + 1, previews[number] if previews else None)
                except BaseException as error:  # noqa: BLE001 - it ends this picture, whatever it is
                    left[number] = error
            if len(left) == len(orders):
                raise _Deserted
            return {"latents": latents}

        try:
            with torch.inference_mode():
                if first.mask is not None and not knows_masks(pipeline):
                    picture = told["image"]
                    kept = Kept.of(pipeline, picture, first.mask.resize(picture.size), first.seed)
                painted = pipeline(**told, callback_on_step_end=after_step).images
        except _Deserted:
            return [left[number] for number in range(len(orders))]
        return [left.get(number) or _picture(pixels) for number, pixels in enumerate(painted)]

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

    def _previews(self, latents: Any) -> list[bytes] | None:
        """Small PNGs of unfinished latents, decoded after they are made small: a hundredth of a full decode."""
        import numpy as np
        import torch.nn.functional as functional
        from PIL import Image

        vae = getattr(self._pipeline, "vae", None)
        if vae is None or latents.ndim != 4:
            return None
        shrink = max(1.0, max(latents.shape[-2:]) / PREVIEW_CELLS)
        size = [max(1, round(side / shrink)) for side in latents.shape[-2:]]
        small = functional.interpolate(latents.float(), size=size, mode="area").to(vae.dtype)
        shift = getattr(vae.config, "shift_factor", None) or 0.0
        sliced, vae.use_slicing = getattr(vae, "use_slicing", False), False  # so small, one call takes all
        try:
            decoded = vae.decode(small / vae.config.scaling_factor + shift, return_dict=False)[0]
        finally:
            vae.use_slicing = sliced
        shades = decoded.float().clamp(-1, 1).add(1).mul(127.5).nan_to_num().permute(0, 2, 3, 1).cpu().numpy()
        return [as_png(Image.fromarray(pixels)) for pixels in shades.astype(np.uint8)]


class _Deserted(Exception):
    """Nobody waits any more for what is being painted."""


def _picture(pixels: Any) -> "Image | BaseException":
    import numpy as np
    from PIL import Image

    if not np.isfinite(pixels).all():
        return OperationalError(
            "model_failed",
            Words("The model painted nothing that is a picture.", "模型未能生成有效图像。"),
            retryable=True,
        )
    return Image.fromarray((np.clip(pixels, 0, 1) * 255).round().astype(np.uint8))


def _too_large() -> UserError:
    return UserError(
        "out_of_memory",
        Words(
            "The picture does not fit into the memory of the graphics processor.",
            "显存不足，无法绘制该图像。",
        ),
        Words("Choose a smaller size.", "请选择更小的尺寸。"),
    )


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
    """The pipeline in `folder`, on the graphics processor if there is one. Raises OperationalError `model_unreadable`,
    `precision_unknown` or `precision_missing`."""
    import torch
    from diffusers import DiffusionPipeline

    _require_plain(folder)
    torch.set_num_threads(threads())
    device = "cuda" if torch.cuda.is_available() else "cpu"
    any_pipeline: Any = DiffusionPipeline  # the library leaves the call below without types
    try:
        side, longest = only_side(folder), longest_prompt(folder)
        pipeline = any_pipeline.from_pretrained(
            str(folder),
            local_files_only=True,
            use_safetensors=True,
            trust_remote_code=False,
            dtype=dtype_for(device),
        )
    except (OSError, ValueError) as error:
        raise _unreadable() from error
    quantise(pipeline, device)
    return Painter(pipeline, device, side, longest)


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
