"""control.ask: a text that a person writes while the run waits."""

from runtime.labels import Sink, Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Asks, Effects, Input, NodeSpec, Output, Purpose, Resource
from runtime.packs.control.asking import LIMIT, QUESTION
from runtime.ports import ANY, TEXT
from runtime.values import Data
from runtime.words import Words

SPEC = NodeSpec(
    type="control.ask",
    version=1,
    title=Words("Question", "人工回答"),
    summary=Words("Asks a person for a text.", "请用户写一段文字。"),
    help=Words(
        "The run waits until somebody who may run the workflow has answered; no worker is held until then. They see the value "
        "that is connected, if one is, as a result would show it, behind its gate. What they write passes a gate before it "
        "steers a model or another person sees it. For an answer that counts when nobody gives one, say what the node gives "
        "if it fails.",
        "运行会一直等待，直到有权运行该工作流的人作答；等待期间不占用工作进程。若连接了值，回答者会看到它，与结果一样先经过闸门。"
        "其回答在引导模型或呈现给他人之前也会经过闸门。如需在无人回答时使用预先写好的答案，请设置该节点失败时给出的值。",
    ),
    purpose=Purpose.CONTROL,
    icon="user-question",
    inputs=(Input("value", ANY, Words("Value", "值"), sink=Sink.PERSON, required=False),),
    outputs=(Output("answer", TEXT, Words("Answer", "回答"), source=Source.USER),),
    params=(QUESTION, LIMIT),
    effects=Effects.PURE,
    resource=Resource.INLINE,
    asks=Asks("question", "limit"),
)


@node_type(SPEC)
def control_ask(
    context: Context, *, value: Data | None = None, question: str, limit: float | None
) -> Outputs:
    return {"answer": context.answer}
