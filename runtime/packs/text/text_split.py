"""text.split: one text as a list of texts."""

import json

from runtime.errors import UserError
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
from runtime.ports import TEXT, Kind, PortType
from runtime.words import Words

SPEC = NodeSpec(
    type="text.split",
    version=1,
    title=Words("Split text", "拆分文本"),
    summary=Words("Makes a list of one text.", "将一段文本拆成列表。"),
    help=Words(
        "Each line, each paragraph, or each text of a JSON array becomes an item, without the blanks around it. "
        "What is empty is left out.",
        "每一行、每一段，或 JSON 数组中的每个文本成为一项，首尾空白会被去掉；空的部分会被略去。",
    ),
    purpose=Purpose.LANGUAGE,
    icon="arrows-split-2",
    inputs=(Input("text", TEXT, Words("Text", "文本"), sink=None),),
    outputs=(Output("texts", PortType(Kind.TEXT, many=True), Words("Texts", "文本列表"), source=None),),
    params=(
        Param(
            "by",
            ParamKind.CHOICE,
            Words("Items are", "每一项是"),
            Reach.NOWHERE,
            default="lines",
            required=True,
            choices=(
                Choice("lines", Words("lines", "一行")),
                Choice("paragraphs", Words("paragraphs", "一段")),
                Choice("json", Words("texts of a JSON array", "JSON 数组中的文本")),
            ),
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.INLINE,
)


@node_type(SPEC)
def text_split(context: Context, *, text: str, by: str) -> Outputs:
    parts = _array(text) if by == "json" else _paragraphs(text) if by == "paragraphs" else text.splitlines()
    return {"texts": [part.strip() for part in parts if part.strip()]}


def _paragraphs(text: str) -> list[str]:
    found: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.strip():
            found[-1].append(line)
        elif found[-1]:
            found.append([])
    return ["\n".join(lines) for lines in found]


def _array(text: str) -> list[str]:
    """Numbers, yes and no read as texts; anything else is no list of texts."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, list) or not all(isinstance(item, str | int | float) for item in found):
        # The text itself stays out of the message: no gate has seen it.
        raise UserError(
            "not_a_list",
            Words("The text is no JSON array of texts.", "该文本不是由文本组成的 JSON 数组。"),
            Words("Split it by lines, or ask the model for an array.", "请改为按行拆分，或让模型给出数组。"),
        )
    return [item if isinstance(item, str) else json.dumps(item) for item in found]
