"""input.document: the text of a document that whoever runs the workflow uploads."""

from runtime.document.extract import MAX_CHARACTERS, extract
from runtime.document.recognise import HoldsPictures, NotADocument, TooMuch
from runtime.errors import UserError
from runtime.labels import Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Choice, Effects, NodeSpec, Output, Param, ParamKind, Purpose, Reach, Resource
from runtime.ports import DOCUMENT, TEXT
from runtime.values import AssetRef
from runtime.words import Words

REFUSE, LEAVE_OUT = "refuse", "leave_out"

SPEC = NodeSpec(
    type="input.document",
    version=1,
    title=Words("Document input", "文档输入"),
    summary=Words("The text of a document that is asked for at each run.", "每次运行时上传的文档中的文字。"),
    help=Words(
        "Becomes an upload field of the run form: PDF, Word (DOCX), HTML, Markdown, CSV or plain text. Gives all its "
        "text, also what is hidden, and nothing else of it. Writing in pictures is not read, so a PDF or Word file that "
        "holds pictures is refused, unless you choose to leave them out.",
        "会成为运行表单中的上传字段，支持 PDF、Word（DOCX）、HTML、Markdown、CSV 与纯文本。给出其中全部文字（包括隐藏文字），"
        "此外不含任何内容。图片中的文字不会被识读，因此含有图片的 PDF 或 Word 文档会被拒绝，除非您选择忽略图片。",
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
            Reach.DRAWING,
            help=Words("Unique among the inputs, e.g. report.", "在所有输入中唯一，例如 report。"),
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
            "pictures",
            ParamKind.CHOICE,
            Words("Pictures in it", "文档中的图片"),
            Reach.NOWHERE,
            help=Words(
                "A scan is a picture of text. What is left out is seen by nobody and goes nowhere.",
                "扫描件是文字的图像。被忽略的图片不会被任何人看到，也不会继续传递。",
            ),
            default=REFUSE,
            required=True,
            choices=(
                Choice(REFUSE, Words("refuse the document", "拒绝该文档")),
                Choice(LEAVE_OUT, Words("leave them out", "忽略图片")),
            ),
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.CPU,
    takes=DOCUMENT,
    # A page can be built so that reading it takes for ever.
    time_limit=60.0,
)


@node_type(SPEC)
def input_document(context: Context, *, name: str | None, label: str | None, pictures: str) -> Outputs:
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
        text = extract(context.assets.read(given), context.check, pictures == LEAVE_OUT)
    except TooMuch as fault:
        raise UserError(
            "document_too_long",
            Words(
                f"The document holds more than is read: at most {MAX_CHARACTERS:,} characters on 300 pages.",
                f"文档内容超出上限：最多 {MAX_CHARACTERS:,} 个字符、300 页。",
            ),
            Words("Upload a part of it.", "请上传其中一部分。"),
        ) from fault
    except HoldsPictures as fault:
        raise UserError(
            "document_has_pictures",
            Words(
                "The document holds pictures, and writing in them is not read.",
                "该文档含有图片，而图片中的文字不会被识读。",
            ),
            Words(
                "Upload a copy without pictures. The workflow's author can choose to leave them out.",
                "请上传不含图片的副本。工作流的作者可以选择忽略图片。",
            ),
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
