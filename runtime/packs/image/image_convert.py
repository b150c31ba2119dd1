"""image.convert: a picture as another kind of file."""

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

SPEC = NodeSpec(
    type="image.convert",
    version=1,
    title=Words("Convert image", "转换图像格式"),
    summary=Words("Makes a JPEG, WebP or PNG file of a picture.", "将图像转换为 JPEG、WebP 或 PNG 文件。"),
    help=Words(
        "JPEG and WebP files are much smaller than PNG and lose a little of the picture. JPEG knows no transparency: "
        "what is transparent becomes white. Put it last: every other node writes PNG.",
        "JPEG 与 WebP 文件远小于 PNG，但会损失少许画质。JPEG 不支持透明，透明部分会变为白色。请放在最后一步：其他节点均输出 PNG。",
    ),
    purpose=Purpose.IMAGE,
    icon="photo-down",
    inputs=(Input("image", IMAGE, Words("Image", "图像"), sink=None),),
    outputs=(Output("image", IMAGE, Words("Image", "图像"), source=None),),
    params=(
        Param(
            "format",
            ParamKind.CHOICE,
            Words("Format", "格式"),
            Reach.NOWHERE,
            default="JPEG",
            required=True,
            choices=(
                Choice("JPEG", Words("JPEG, small", "JPEG（文件小）")),
                Choice("WEBP", Words("WebP, smallest", "WebP（文件最小）")),
                Choice("PNG", Words("PNG, exact", "PNG（无损）")),
            ),
        ),
        Param(
            "quality",
            ParamKind.INTEGER,
            Words("Quality", "质量"),
            Reach.NOWHERE,
            default=85,
            required=True,
            help=Words(
                "Of JPEG and WebP: 100 keeps most, 50 is small.",
                "适用于 JPEG 与 WebP：100 画质最高，50 文件较小。",
            ),
            minimum=1,
            maximum=100,
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.CPU,
)


@node_type(SPEC)
def image_convert(context: Context, *, image: AssetRef, format: str, quality: int) -> Outputs:
    from runtime.packs.image.pictures import encoded, flattened, open_picture

    picture = open_picture(context.assets, image)
    if format == "JPEG":
        picture = flattened(picture)
    content = encoded(picture, format, int(quality))
    return {"image": context.assets.write(content, f"image/{format.lower()}", *picture.size)}
