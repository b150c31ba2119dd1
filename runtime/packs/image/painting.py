"""What the nodes that paint have in common: their params, and the way to a painter."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from runtime.models.batching import Alone, Hear
from runtime.nodes.base import Outputs
from runtime.nodes.context import Batches, Context, Models
from runtime.nodes.spec import Param, ParamKind, Reach
from runtime.packs.image.compiling import COMPILING
from runtime.packs.image.diffusion import OnStep, Order
from runtime.words import Words

if TYPE_CHECKING:
    from PIL.Image import Image

MODEL = Param(
    "model",
    ParamKind.MODEL,
    Words("Model", "模型"),
    Reach.NOWHERE,
    default="starter",
    required=True,
    capability="image",
)
STEPS = Param(
    "steps",
    ParamKind.INTEGER,
    Words("Steps", "步数"),
    Reach.MODEL,
    default=20,
    required=True,
    help=Words(
        "More steps take longer. Large models paint finer with them, up to a point (20 to 50); the starter paints "
        "almost the same with 8 as with 20.",
        "步数越多，耗时越长。大模型会因此更精细，但有上限（20 至 50 步）；入门模型用 8 步与 20 步画出的图像几乎相同。",
    ),
    minimum=1,
    maximum=100,
)
GUIDANCE = Param(
    "guidance",
    ParamKind.NUMBER,
    Words("Guidance", "提示词强度"),
    Reach.MODEL,
    default=1.5,
    required=True,
    help=Words(
        "How closely the picture follows the prompt. The starter model likes 1.5, large ones 5 to 8.",
        "图像贴近提示词的程度。入门模型宜用 1.5，大模型宜用 5 到 8。",
    ),
    minimum=0,
    maximum=20,
    step=0.5,
)
STRENGTH = Param(
    "strength",
    ParamKind.NUMBER,
    Words("Strength", "重绘幅度"),
    Reach.MODEL,
    default=0.6,
    required=True,
    help=Words("0 keeps what is there, 1 paints all anew.", "0 表示保持原样，1 表示完全重画。"),
    minimum=0,
    maximum=1,
    step=0.05,
)
NEGATIVE = Param(
    "negative",
    ParamKind.MULTILINE,
    Words("Avoid", "避免的内容"),
    Reach.MODEL,
    default="",
    help=Words("What should not be in the picture.", "不希望出现在图像中的内容。"),
    max_length=2_000,
    advanced=True,
)
SEED = Param(
    "seed",
    ParamKind.INTEGER,
    Words("Seed", "随机种子"),
    Reach.MODEL,
    default=1,
    required=True,
    help=Words(
        "The same seed gives the same picture. With the starter another seed changes next to nothing.",
        "相同的种子会得到相同的图像。对入门模型而言，更换种子几乎不会改变图像。",
    ),
    minimum=0,
    maximum=2**32 - 1,
)


def ready(models: Models, named: Mapping[str, str]) -> Iterator[None]:
    """Loads the painter. Nine tenths of that is importing the libraries (7 s on a quiet core), so not all in one go."""
    import torch  # noqa: F401 - for what it takes

    yield
    import diffusers

    yield
    _ = diffusers.DiffusionPipeline  # imported when it is asked for

    yield
    from runtime.packs.image.diffusion import load

    with models.use(named["model"], load, "image"):
        yield


def paint(context: Context, model: str, order: Order) -> Outputs:
    """Paints the order with an installed model, and tells the context of every step."""
    from runtime.packs.image.diffusion import load
    from runtime.packs.image.pictures import save_picture

    def hear(step: tuple[int, bytes | None] | Words) -> None:
        context.check()
        if isinstance(step, Words):
            context.progress(0, 0, step)
            return
        done, preview = step
        context.progress(done, order.taken)
        if preview is not None:
            context.preview(preview)

    def make(orders: Sequence[Order], hears: Sequence[Hear]) -> "list[tuple[Image, str] | BaseException]":
        with context.models.use(model, load, "image") as painter:
            if context.frugal:
                painter.save_memory()
            if painter.compiles(orders):
                for hear_each in hears:
                    hear_each(COMPILING)
            painted = painter.paint_each(orders, [_on_step(item) for item in hears])
            return [item if isinstance(item, BaseException) else (item, painter.device) for item in painted]

    context.check()
    joins = order.alike is not None and not context.frugal
    batches: Batches = context.batches if joins else Alone()
    (picture, device), together = batches.join((model, order.alike), order, make, hear, context.check)
    context.cost(
        device=device, model=model, steps=order.taken, **({"together": together} if together > 1 else {})
    )
    return {"image": save_picture(context, picture)}


def _on_step(hear: Hear) -> OnStep:
    return lambda done, preview: hear((done, preview))
