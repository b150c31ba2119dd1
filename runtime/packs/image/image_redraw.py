"""image.redraw: a diffusion model paints a given picture anew, as a prompt says."""

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
    type="image.redraw",
    version=1,
    title=Words("Redraw image", "重绘图像"),
    summary=Words("Paints a picture anew, as the prompt says.", "按提示词重新绘制图像。"),
    help=Words(
        "Begins from your picture instead of from noise, so its colours and shapes are kept the more, the lower the "
        "strength. The result keeps the picture's proportions at the model's own size.",
        "从您的图像而非噪声开始绘制；重绘幅度越低，原有的颜色和形状保留越多。结果保持原图比例，大小为模型的默认尺寸。",
    ),
    purpose=Purpose.IMAGE,
    icon="photo-edit",
    inputs=(
        Input("image", IMAGE, Words("Image", "图像"), sink=Sink.MODEL),
        Input("prompt", TEXT, Words("Prompt", "提示词"), sink=Sink.MODEL),
    ),
    outputs=(Output("image", IMAGE, Words("Image", "图像"), source=Source.MODEL),),
    params=(MODEL, STRENGTH, STEPS, GUIDANCE, NEGATIVE, SEED),
    effects=Effects.PURE,
    resource=Resource.GPU,
    time_limit=1_800.0,
)


@node_type(SPEC, ready)
def image_redraw(
    context: Context,
    *,
    image: AssetRef,
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
    order = Order(
        prompt, negative, int(steps), float(guidance), int(seed), picture=picture, strength=float(strength)
    )
    return paint(context, model, order)
