"""image.resize: a picture in another size."""

from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
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

LARGEST = 8_000

SPEC = NodeSpec(
    type="image.resize",
    version=1,
    title=Words("Resize image", "调整图像大小"),
    summary=Words("Makes a picture larger or smaller.", "放大或缩小图像。"),
    help=Words(
        "Contain keeps the whole picture and its shape inside the size. Cover fills the size and cuts what is over. "
        "Stretch fills it and changes the shape. To gain detail, use Upscale instead.",
        "“完整”在指定尺寸内保留整幅图像及其比例；“填满”铺满尺寸并裁去多余部分；“拉伸”铺满尺寸但会改变比例。若要增加细节，请使用“放大图像”。",
    ),
    purpose=Purpose.IMAGE,
    icon="resize",
    inputs=(Input("image", IMAGE, Words("Image", "图像"), sink=None),),
    outputs=(Output("image", IMAGE, Words("Image", "图像"), source=None),),
    params=(
        Param(
            "width",
            ParamKind.INTEGER,
            Words("Width", "宽度"),
            Reach.NOWHERE,
            default=512,
            required=True,
            help=Words("In pixels.", "以像素计。"),
            minimum=1,
            maximum=LARGEST,
        ),
        Param(
            "height",
            ParamKind.INTEGER,
            Words("Height", "高度"),
            Reach.NOWHERE,
            default=512,
            required=True,
            help=Words("In pixels.", "以像素计。"),
            minimum=1,
            maximum=LARGEST,
        ),
        Param(
            "fit",
            ParamKind.CHOICE,
            Words("Fit", "适应方式"),
            Reach.NOWHERE,
            default="contain",
            required=True,
            choices=(
                Choice("contain", Words("Contain", "完整")),
                Choice("cover", Words("Cover", "填满")),
                Choice("stretch", Words("Stretch", "拉伸")),
            ),
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.CPU,
)


@node_type(SPEC)
def image_resize(context: Context, *, image: AssetRef, width: int, height: int, fit: str) -> Outputs:
    from PIL import Image, ImageOps

    from runtime.packs.image.pictures import open_picture, save_picture

    picture = open_picture(context.assets, image)
    size, method = (int(width), int(height)), Image.Resampling.LANCZOS
    match fit:
        case "contain":
            resized = ImageOps.contain(picture, size, method)
        case "cover":
            resized = ImageOps.fit(picture, size, method)
        case "stretch":
            resized = picture.resize(size, method)
        case _:
            raise ValueError(f"no fit is called {fit!r}")
    return {"image": save_picture(context, resized)}
