"""image.generate: a diffusion model paints a prompt."""

from runtime.labels import Sink, Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, Input, NodeSpec, Output, Param, ParamKind, Purpose, Resource
from runtime.ports import IMAGE, TEXT
from runtime.words import Words

SPEC = NodeSpec(
    type="image.generate",
    version=1,
    title=Words("Generate image", "生成图像"),
    summary=Words("A diffusion model paints the prompt.", "由扩散模型根据提示词绘制图像。"),
    help=Words(
        "Works with any installed diffusers model. While it paints, a small blurred preview shows how far it is; "
        "the picture itself appears after its gate has passed it. Uses a graphics processor when there is one.",
        "适用于任何已安装的 diffusers 模型。绘制过程中会显示模糊的小预览图；图像本身在通过安全闸门后才会显示。有显卡时会使用显卡。",
    ),
    purpose=Purpose.IMAGE,
    icon="photo-ai",
    inputs=(Input("prompt", TEXT, Words("Prompt", "提示词"), sink=Sink.MODEL),),
    outputs=(Output("image", IMAGE, Words("Image", "图像"), source=Source.MODEL),),
    params=(
        Param(
            "model",
            ParamKind.MODEL,
            Words("Model", "模型"),
            default="starter",
            required=True,
            capability="image",
        ),
        Param(
            "steps",
            ParamKind.INTEGER,
            Words("Steps", "步数"),
            default=20,
            required=True,
            help=Words("More steps take longer and give finer pictures.", "步数越多，耗时越长，图像越精细。"),
            minimum=1,
            maximum=100,
        ),
        Param(
            "guidance",
            ParamKind.NUMBER,
            Words("Guidance", "提示词强度"),
            default=5.0,
            required=True,
            help=Words("How closely the picture follows the prompt.", "图像贴近提示词的程度。"),
            minimum=0,
            maximum=20,
            step=0.5,
        ),
        Param(
            "width",
            ParamKind.INTEGER,
            Words("Width", "宽度"),
            help=Words("In pixels; empty: the model's own size.", "以像素计；留空则使用模型的默认尺寸。"),
            minimum=32,
            maximum=2_048,
            step=8,
        ),
        Param(
            "height",
            ParamKind.INTEGER,
            Words("Height", "高度"),
            help=Words("In pixels; empty: the model's own size.", "以像素计；留空则使用模型的默认尺寸。"),
            minimum=32,
            maximum=2_048,
            step=8,
        ),
        Param(
            "negative",
            ParamKind.MULTILINE,
            Words("Avoid", "避免的内容"),
            default="",
            help=Words("What should not be in the picture.", "不希望出现在图像中的内容。"),
            max_length=2_000,
            advanced=True,
        ),
        Param(
            "seed",
            ParamKind.INTEGER,
            Words("Seed", "随机种子"),
            default=1,
            required=True,
            help=Words("The same seed gives the same picture.", "相同的种子会得到相同的图像。"),
            minimum=0,
            maximum=2**32 - 1,
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.GPU,
    time_limit=1_800.0,
)


@node_type(SPEC)
def image_generate(
    context: Context,
    *,
    prompt: str,
    model: str,
    steps: int,
    guidance: float,
    width: int | None,
    height: int | None,
    negative: str,
    seed: int,
) -> Outputs:
    from runtime.packs.image.diffusion import Order, load
    from runtime.packs.image.pictures import save_picture

    def on_step(done: int, preview: bytes | None) -> None:
        context.check()
        context.progress(done, steps)
        if preview is not None:
            context.preview(preview)

    order = Order(prompt, negative, int(steps), float(guidance), width, height, int(seed))
    with context.models.use(model, load, "image") as painter:
        context.check()
        picture = painter.paint(order, on_step)
        context.cost(device=painter.device, model=model, steps=steps)
    return {"image": save_picture(context, picture)}
