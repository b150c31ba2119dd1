"""image.inpaint: a diffusion model paints one part of a picture; the rest stays as it is."""

from dataclasses import replace

from runtime.labels import Sink, Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, Input, NodeSpec, Output, Purpose, Resource
from runtime.packs.image.diffusion import Order
from runtime.packs.image.painting import GUIDANCE, MODEL, NEGATIVE, SEED, STEPS, STRENGTH, paint, ready
from runtime.ports import IMAGE, TEXT
from runtime.values import AssetRef
from runtime.words import Words

SPEC = NodeSpec(
    type="image.inpaint",
    version=1,
    title=Words("Paint a part", "局部重绘"),
    summary=Words("Paints where the mask is white.", "在蒙版的白色区域内绘制。"),
    help=Words(
        "Outside of the mask not a single pixel changes. The mask is a picture of its own: white is painted, black is "
        "kept; it is stretched to the picture's size.",
        "蒙版以外的像素完全不变。蒙版是另一幅图像：白色区域会被绘制，黑色区域保持原样；大小会拉伸至与图像一致。",
    ),
    purpose=Purpose.IMAGE,
    icon="brush",
    inputs=(
        Input("image", IMAGE, Words("Image", "图像"), sink=Sink.MODEL),
        Input("mask", IMAGE, Words("Mask", "蒙版"), sink=Sink.MODEL),
        Input("prompt", TEXT, Words("Prompt", "提示词"), sink=Sink.MODEL),
    ),
    outputs=(Output("image", IMAGE, Words("Image", "图像"), source=Source.MODEL),),
    params=(MODEL, replace(STRENGTH, default=1.0), STEPS, GUIDANCE, NEGATIVE, SEED),
    effects=Effects.PURE,
    resource=Resource.GPU,
    time_limit=1_800.0,
)


@node_type(SPEC, ready)
def image_inpaint(
    context: Context,
    *,
    image: AssetRef,
    mask: AssetRef,
    prompt: str,
    model: str,
    strength: float,
    steps: int,
    guidance: float,
    negative: str,
    seed: int,
) -> Outputs:
    from runtime.packs.image.pictures import flattened, open_picture

    picture = flattened(open_picture(context.assets, image))
    where = flattened(open_picture(context.assets, mask)).convert("L").resize(picture.size)
    order = Order(
        prompt, negative, int(steps), float(guidance), int(seed), picture=picture, mask=where,
        strength=float(strength),
    )  # fmt: skip
    return paint(context, model, order)
