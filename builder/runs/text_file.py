"""A delivered text as a file of its own, with the label that the run's policy asks for inside of it."""

import hashlib

from builder.common.errors import Refused, not_found
from builder.runs.models import Output, Run
from runtime.errors import OperationalError
from runtime.labelling.marks import Aigc, NotALabel
from runtime.labelling.profile import Labelling, Profile
from runtime.labelling.text import GAP, embed_aigc, is_labelled, read_marks
from runtime.values import Json
from runtime.words import Words


def text_file(run: Run, output: str) -> bytes:
    """The file's bytes, UTF-8. Raises Refused: 404 for what was not delivered, 400 `not_text`, 410 `output_gone`."""
    found = Output.objects.filter(run=run, name=output).first()
    if found is None:
        raise not_found()
    if found.value is None:
        raise Refused(
            "output_gone",
            Words("This result is no longer kept.", "该结果已不再保存。"),
            status=410,
        )
    return with_label(_text(found.value), run.policy.policy.labelling).encode("utf-8", "replace")


def with_label(text: str, labelling: Labelling) -> str:
    """The text as a file has it. Under `cn` what begins with the sentence of a model's texts gets the AIGC label too.

    No text of a model was delivered without that sentence. Under `eu` it is the whole label: text has no place for a
    credential.
    """
    if labelling.profile is not Profile.CN or not is_labelled(text, labelling):
        return text
    made = text.removeprefix(labelling.text_mark + GAP).encode("utf-8", "replace")
    label = Aigc(label="1", producer=labelling.producer, produced=hashlib.sha256(made).hexdigest())
    try:
        labelled = embed_aigc(text, label)
        if read_marks(labelled).aigc == label:
            return labelled
    except (ValueError, NotALabel):
        pass
    raise OperationalError(
        "label_impossible",
        Words(
            "This result cannot carry the label that the policy asks for.", "该结果无法添加策略要求的标识。"
        ),
        Words("Ask an administrator about the policy's labelling.", "请联系管理员检查策略的标识设置。"),
    )


def _text(value: Json) -> str:
    """A list of texts is one text, in its order."""
    items = value if isinstance(value, list) else [value]
    if not all(isinstance(item, str) for item in items):
        raise Refused(
            "not_text",
            Words("Only a text can be saved in this way.", "只有文本可以这样保存。"),
        )
    return GAP.join(items)
