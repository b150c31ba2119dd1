"""image.upscale: a picture two, three or four times as large, with detail that a model fills in."""

from collections.abc import Iterator, Mapping

from runtime.errors import UserError
from runtime.labels import Sink, Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context, Models
from runtime.nodes.spec import (
    Choice,
    Effects,
    Input,
    NodeSpec,
    Output,
    Param,
    ParamKind,
    Purpose,
    Reach,
    Resource,
)
from runtime.ports import IMAGE
from runtime.values import AssetRef
from runtime.words import Words

# Measured: 15 s of one processor core for a million pixels.
MAX_PIXELS = 4_000_000

SPEC = NodeSpec(
    type="image.upscale",
    version=1,
    title=Words("Upscale image", "放大图像"),
    summary=Words("Enlarges a picture and sharpens it.", "放大图像并使其清晰。"),
    help=Words(
        "A model fills in fine detail, so the result is sharp but not a record of what was there. "
        "Best for drawings; fine for photos. Transparency is kept. Takes pictures of up to 4 million pixels.",
        "由模型补充细节，因此结果清晰，但并非真实记录。最适合绘画，也可用于照片；透明部分会保留。最多支持 400 万像素的图像。",
    ),
    purpose=Purpose.IMAGE,
    icon="zoom-in-area",
    inputs=(Input("image", IMAGE, Words("Image", "图像"), sink=Sink.MODEL),),
    outputs=(Output("image", IMAGE, Words("Image", "图像"), source=Source.MODEL),),
    params=(
        Param(
            "model",
            ParamKind.MODEL,
            Words("Model", "模型"),
            Reach.NOWHERE,
            default="realesr",
            required=True,
            capability="upscale",
        ),
        Param(
            "scale",
            ParamKind.CHOICE,
            Words("Scale", "倍数"),
            Reach.NOWHERE,
            default="2",
            required=True,
            choices=(
                Choice("2", Words("2 times", "2 倍")),
                Choice("3", Words("3 times", "3 倍")),
                Choice("4", Words("4 times", "4 倍")),
            ),
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.CPU,
    time_limit=900.0,
)


def ready(models: Models, named: Mapping[str, str]) -> Iterator[None]:
    import ncnn  # noqa: F401 - for what it takes

    from runtime.packs.image.realesr import load

    with models.use(named["model"], load, "upscale"):
        yield


@node_type(SPEC, ready)
def image_upscale(context: Context, *, image: AssetRef, model: str, scale: str) -> Outputs:
    from PIL import Image

    from runtime.packs.image.pictures import open_picture, require_size, save_picture
    from runtime.packs.image.realesr import load

    picture = open_picture(context.assets, image)
    factor = int(scale)
    if picture.width * picture.height > MAX_PIXELS:
        raise UserError(
            "picture_too_large",
            Words("The picture has more than 4 million pixels.", "图像超过 400 万像素。"),
            Words("Make it smaller with Resize first.", "请先用“调整图像大小”将其缩小。"),
            port="image",
        )
    size = (picture.width * factor, picture.height * factor)
    require_size(*size)

    def on_tile(done: int, total: int) -> None:
        context.check()
        context.progress(done, total)

    with context.models.use(model, load, "upscale") as upscaler:
        enlarged = upscaler.enlarge(picture.convert("RGB"), factor, on_tile)
    if picture.mode == "RGBA":
        enlarged.putalpha(picture.getchannel("A").resize(size, Image.Resampling.LANCZOS))
    context.cost(device="cpu", model=model)
    return {"image": save_picture(context, enlarged)}
