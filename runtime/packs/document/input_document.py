"""input.document: the text of a document that whoever runs the workflow uploads."""

from runtime.document.extract import MAX_CHARACTERS, extract
from runtime.document.recognise import NotADocument, TooMuch
from runtime.errors import UserError
from runtime.labels import Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, NodeSpec, Output, Param, ParamKind, Purpose, Resource
from runtime.ports import DOCUMENT, TEXT
from runtime.values import AssetRef
from runtime.words import Words

SPEC = NodeSpec(
    type="input.document",
    version=1,
    title=Words("Document input", "文档输入"),
    summary=Words("The text of a document that is asked for at each run.", "每次运行时上传的文档中的文字。"),
    help=Words(
        "Becomes an upload field of the run form: PDF, Word (DOCX), HTML, Markdown, CSV or plain text. Gives all its "
        "text, also what is hidden, and nothing else of it. Writing in pictures is not read.",
        "会成为运行表单中的上传字段，支持 PDF、Word（DOCX）、HTML、Markdown、CSV 与纯文本。给出其中全部文字（包括隐藏文字），"
        "此外不含任何内容。图片中的文字不会被识读。",
    ),
    purpose=Purpose.INPUTS,
    icon="file-text",
    inputs=(),
    outputs=(Output("text", TEXT, Words("Text", "文本"), source=Source.UPLOAD),),
    params=(
        Param(
            "name",
            ParamKind.TEXT,
            Words("Name", "名称"),
            help=Words("Unique among the inputs, e.g. report.", "在所有输入中唯一，例如 report。"),
            max_length=64,
        ),
        Param(
            "label",
            ParamKind.TEXT,
            Words("Label", "标签"),
            help=Words("What people see above the field.", "显示在字段上方的文字。"),
            max_length=200,
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.CPU,
    takes=DOCUMENT,
    # A page can be built so that reading it takes for ever.
    time_limit=60.0,
)


@node_type(SPEC)
def input_document(context: Context, *, name: str | None, label: str | None) -> Outputs:
    given = context.arguments.get(name or context.step_id)
    if not isinstance(given, AssetRef):
        raise UserError(
            "input_missing",
            Words("{name}: a document is needed.", "{name}：需要一份文档。").fill(
                name=label or name or context.step_id
            ),
            Words("Upload one and run again.", "请上传后重新运行。"),
        )
    try:
        text = extract(context.assets.read(given), context.check)
    except TooMuch as fault:
        raise UserError(
            "document_too_long",
            Words(
                f"The document holds more than is read: at most {MAX_CHARACTERS:,} characters on 300 pages.",
                f"文档内容超出上限：最多 {MAX_CHARACTERS:,} 个字符、300 页。",
            ),
            Words("Upload a part of it.", "请上传其中一部分。"),
        ) from fault
    except NotADocument as fault:
        raise UserError(
            "document_unreadable",
            Words("The document is damaged or locked.", "该文档已损坏或已加密。"),
            Words("Save it again without a password.", "请去除密码后重新保存。"),
        ) from fault
    if not text.strip():
        raise UserError(
            "document_empty",
            Words("No text stands in this document.", "该文档中没有文字。"),
            Words("A scan holds only pictures of text.", "扫描件只包含文字的图像。"),
        )
    return {"text": text}
