"""Stub nodes that take what is not theirs: time that nothing inside their process can end, and memory."""

import ctypes
import time

from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Param, ParamKind, Reach
from tests.packs_stub.nodes import SECONDS, spec, text_in, text_out, words


@node_type(spec("hang", inputs=(text_in(),), outputs=(text_out(),), params=(SECONDS,), time_limit=1.0))
def hang(context: Context, *, text: str, seconds: float) -> Outputs:
    """Waits inside native code and keeps the interpreter's lock: nothing inside the process can stop it."""
    ctypes.PyDLL(None).sleep(int(seconds))
    return {"text": text}


@node_type(spec("hang_long", inputs=(text_in(),), outputs=(text_out(),), params=(SECONDS,)))
def hang_long(context: Context, *, text: str, seconds: float) -> Outputs:
    return hang.run(context, text=text, seconds=seconds)


@node_type(
    spec(
        "hungry",
        inputs=(text_in(),),
        outputs=(text_out(),),
        params=(Param("megabytes", ParamKind.INTEGER, words("megabytes"), Reach.NOWHERE, default=0), SECONDS),
    )
)
def hungry(context: Context, *, text: str, megabytes: int, seconds: float) -> Outputs:
    """Takes so much memory at the first try, and a quarter of it at the second; keeps it for some seconds."""
    taken = bytearray((megabytes // 4 if context.frugal else megabytes) * 1_000_000)
    for place in range(0, len(taken), 4096):
        taken[place] = 1
    time.sleep(seconds)
    return {"text": text}
