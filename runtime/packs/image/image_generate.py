"""image.generate: a diffusion model paints a prompt."""

from runtime.labels import Sink, Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, Input, NodeSpec, Output, Param, ParamKind, Purpose, Reach, Resource
from runtime.packs.image.diffusion import Order
from runtime.packs.image.painting import GUIDANCE, MODEL, NEGATIVE, SEED, STEPS, paint, ready
from runtime.ports import IMAGE, TEXT
from runtime.words import Words

SPEC = NodeSpec(
    type="image.generate",
    version=1,
    title=Words("Generate image", "生成图像"),
    summary=Words("A diffusion model paints the prompt.", "由扩散模型根据提示词绘制图像。"),
    help=Words(
        "Works with any installed diffusers model. While it paints, a small blurred preview shows how far it is; "
        "the picture itself appears after its gate has passed it. Uses a graphics processor when there is one. "
        "A prompt that is empty or longer than the model reads is refused. Of words that it does not know a model paints "
        "something else, often without a sign; the starter refuses a prompt of which it knows no word.",
        "适用于任何已安装的 diffusers 模型。绘制过程中会显示模糊的小预览图；图像本身在通过安全闸门后才会显示。有显卡时会使用显卡。"
        "提示词为空或超出模型可读长度时会被拒绝。遇到不认识的词，模型会画出别的东西，且往往没有提示；提示词中没有任何认识的词时，入门模型会拒绝。",
    ),
    purpose=Purpose.IMAGE,
    icon="photo-ai",
    inputs=(Input("prompt", TEXT, Words("Prompt", "提示词"), sink=Sink.MODEL),),
    outputs=(Output("image", IMAGE, Words("Image", "图像"), source=Source.MODEL),),
    params=(
        MODEL,
        STEPS,
        GUIDANCE,
        Param(
            "width",
            ParamKind.INTEGER,
            Words("Width", "宽度"),
            Reach.MODEL,
            help=Words("In pixels; empty: the model's own size.", "以像素计；留空则使用模型的默认尺寸。"),
            minimum=32,
            maximum=2_048,
            step=8,
        ),
        Param(
            "height",
            ParamKind.INTEGER,
            Words("Height", "高度"),
            Reach.MODEL,
            help=Words("In pixels; empty: the model's own size.", "以像素计；留空则使用模型的默认尺寸。"),
            minimum=32,
            maximum=2_048,
            step=8,
        ),
        NEGATIVE,
        SEED,
    ),
    effects=Effects.PURE,
    resource=Resource.GPU,
    time_limit=1_800.0,
    alike=("model", "steps", "guidance", "width", "height"),
)


@node_type(SPEC, ready)
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
    return paint(
        context,
        model,
        Order(prompt, negative, int(steps), float(guidance), int(seed), width=width, height=height),
    )
