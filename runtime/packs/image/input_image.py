"""input.image: a picture that whoever runs the workflow uploads."""

from runtime.errors import UserError
from runtime.labels import Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, NodeSpec, Output, Param, ParamKind, Purpose, Reach, Resource
from runtime.ports import IMAGE
from runtime.values import AssetRef
from runtime.words import Words

SPEC = NodeSpec(
    type="input.image",
    version=1,
    title=Words("Image input", "图像输入"),
    summary=Words("A picture that is asked for at each run.", "每次运行时上传的图像。"),
    help=Words(
        "Becomes an upload field of the run form: PNG, JPEG or WebP. "
        "The file is checked by its header, and its pixels are written anew as a plain picture before anything "
        "looks at it.",
        "会成为运行表单中的上传字段，支持 PNG、JPEG 与 WebP。文件会先按文件头检查，其像素会重新写成普通图像，然后才会被使用。",
    ),
    purpose=Purpose.INPUTS,
    icon="photo-up",
    inputs=(),
    outputs=(Output("image", IMAGE, Words("Image", "图像"), source=Source.UPLOAD),),
    params=(
        Param(
            "name",
            ParamKind.TEXT,
            Words("Name", "名称"),
            Reach.DRAWING,
            help=Words("Unique among the inputs, e.g. photo.", "在所有输入中唯一，例如 photo。"),
            max_length=64,
        ),
        Param(
            "label",
            ParamKind.TEXT,
            Words("Label", "标签"),
            Reach.DRAWING,
            help=Words("What people see above the field.", "显示在字段上方的文字。"),
            max_length=200,
        ),
        Param(
            "asset",
            ParamKind.ASSET,
            Words("Default picture", "默认图像"),
            Reach.GIVEN,
            help=Words(
                "Used when none is uploaded; without it one is needed.", "未上传时使用；留空则必须上传。"
            ),
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.INLINE,
)


@node_type(SPEC)
def input_image(context: Context, *, name: str | None, label: str | None, asset: str | None) -> Outputs:
    from runtime.packs.image.pictures import open_picture, save_picture

    # Whoever starts the run looks up the default picture too, and gives it as the argument.
    given = context.arguments.get(name or context.step_id)
    if not isinstance(given, AssetRef):
        shown = label or name or context.step_id
        raise UserError(
            "input_missing",
            Words("{name}: a picture is needed.", "{name}：需要一张图像。").fill(name=shown),
            Words("Upload one and run again.", "请上传后重新运行。"),
        )
    # The file of a stranger may show a viewer other pixels than it shows a filter; these are the same for both.
    return {"image": save_picture(context, open_picture(context.assets, given))}
