"""control.approve: lets a value go on the way that a person chooses."""

from runtime.labels import Sink
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import (
    Asks,
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
from runtime.packs.control.asking import LIMIT, QUESTION
from runtime.ports import ANY
from runtime.values import Data
from runtime.words import Words

YES, NO = "yes", "no"

SPEC = NodeSpec(
    type="control.approve",
    version=1,
    title=Words("Approval", "人工批准"),
    summary=Words("Asks a person whether a value may go on.", "询问用户某个值能否继续传递。"),
    help=Words(
        "The run waits until somebody who may run the workflow has said yes or no; no worker is held until then. They see the "
        "value as a result would show it, behind its gate, and what they have seen leaves by “yes” or by “no”; the other way "
        "does not run.",
        "运行会一直等待，直到有权运行该工作流的人回答“是”或“否”；等待期间不占用工作进程。回答者看到的值与结果一样先经过闸门，"
        "看到的内容从“是”或“否”一侧送出，另一侧不会运行。",
    ),
    purpose=Purpose.CONTROL,
    icon="user-check",
    inputs=(Input("value", ANY, Words("Value", "值"), sink=Sink.PERSON),),
    outputs=(
        Output(YES, ANY, Words("Yes", "是"), source=None),
        Output(NO, ANY, Words("No", "否"), source=None),
    ),
    params=(
        QUESTION,
        LIMIT,
        Param(
            "late",
            ParamKind.CHOICE,
            Words("If nobody answers", "无人回答时"),
            Reach.NOWHERE,
            default="fail",
            choices=(
                Choice("fail", Words("The step fails", "该步骤失败")),
                Choice(NO, Words("It counts as no", "视为“否”")),
            ),
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.INLINE,
    routes=True,
    asks=Asks("question", "limit", answers=(YES, NO), late="late"),
)


@node_type(SPEC)
def control_approve(
    context: Context, *, value: Data, question: str, limit: float | None, late: str
) -> Outputs:
    """Runs when the answer is there. Whatever it is, nothing but a yes is one."""
    return {YES: value} if context.answer == YES else {NO: value}
