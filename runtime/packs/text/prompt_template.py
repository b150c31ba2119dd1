"""prompt.template: text with places that other nodes fill."""

from runtime.labels import Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import (
    PLACEHOLDER,
    Dynamic,
    Effects,
    NodeSpec,
    Output,
    Param,
    ParamKind,
    Purpose,
    Reach,
    Resource,
)
from runtime.ports import TEXT
from runtime.words import Words

SPEC = NodeSpec(
    type="prompt.template",
    version=1,
    title=Words("Prompt template", "提示词模板"),
    summary=Words("Text with places to fill.", "带有占位符的文本。"),
    help=Words(
        "Each {{name}} in the text becomes an input. Values are put in once and as they are: "
        "braces inside a value stay text, and there is no logic.",
        "文本中的每个 {{name}} 都会成为一个输入。填入的值只替换一次并保持原样：值中的花括号仍是普通文字，也没有任何逻辑。",
    ),
    purpose=Purpose.LANGUAGE,
    icon="template",
    inputs=(),
    outputs=(Output("text", TEXT, Words("Text", "文本"), source=Source.AUTHOR),),
    params=(
        Param(
            "template",
            ParamKind.MULTILINE,
            Words("Template", "模板"),
            Reach.GIVEN,
            default="{{question}}",
            required=True,
            help=Words(
                "For example: Answer in one sentence: {{question}}", "例如：请用一句话回答：{{question}}"
            ),
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.INLINE,
    dynamic=Dynamic("inputs", "template", "placeholders", TEXT),
)


@node_type(SPEC)
def prompt_template(context: Context, *, template: str, **values: str) -> Outputs:
    return {"text": PLACEHOLDER.sub(lambda found: values[found[1]], template)}
