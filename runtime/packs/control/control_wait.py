"""control.wait: hands a value on after a time, and holds no worker until then."""

from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import (
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
from runtime.ports import ANY
from runtime.values import Data
from runtime.words import Words

LONGEST = 30 * 24 * 3_600  # seconds

SPEC = NodeSpec(
    type="control.wait",
    version=1,
    title=Words("Wait", "等待"),
    summary=Words("Hands a value on after a time.", "等待一段时间后送出值。"),
    help=Words(
        "What comes in goes out unchanged once the time is over, from a second to thirty days. No worker is held until "
        "then, the wait survives restarts, and the run can be cancelled meanwhile. What does not hang on it goes on.",
        "时间到后，传入的值原样送出，时长为一秒到三十天。等待期间不占用工作进程，重启后继续等待，也可随时取消运行。与其无关的步骤照常进行。",
    ),
    purpose=Purpose.CONTROL,
    icon="hourglass",
    inputs=(Input("value", ANY, Words("Value", "值"), sink=None),),
    outputs=(Output("value", ANY, Words("Value", "值"), source=None),),
    params=(
        Param(
            "duration",
            ParamKind.DURATION,
            Words("How long", "时长"),
            Reach.NOWHERE,
            default=60,
            minimum=1,
            maximum=LONGEST,
            required=True,
        ),
    ),
    effects=Effects.PURE,
    resource=Resource.INLINE,
    routes=True,
    waits="duration",
)


@node_type(SPEC)
def control_wait(context: Context, *, value: Data, duration: float) -> Outputs:
    """Runs when the wait is over: whoever runs a segment sees to that."""
    return {"value": value}
