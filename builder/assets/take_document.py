"""Takes in an uploaded document: recognised by how it begins, within limits, and unpacked by nobody here."""

from builder.assets.taken import Taken
from builder.common.errors import Refused
from runtime.document.recognise import NotADocument, TooMuch, recognise
from runtime.words import Words


def take_document(content: bytes) -> Taken | None:
    """The document as it is: only its text will ever go on. None when the bytes are none. Raises Refused."""
    try:
        form = recognise(content)
    except NotADocument:
        raise Refused(
            "damaged_document",
            Words("The document is damaged or locked.", "该文档已损坏或已加密。"),
            Words("Save it again without a password.", "请去除密码后重新保存。"),
        ) from None
    except TooMuch:
        raise Refused(
            "too_packed",
            Words(
                "The document would unpack to far more than its size.", "该文档解压后的内容远超其文件大小。"
            ),
            Words("Save it again, or as plain text.", "请重新保存，或另存为纯文本。"),
        ) from None
    return Taken(form.value, content) if form else None
