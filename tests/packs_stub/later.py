"""The stub that waits for a time, as `control.wait` does."""

from dataclasses import replace

from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Param, ParamKind, Reach
from tests.packs_stub.nodes import spec, text_in, text_out, words

DURATION = Param("duration", ParamKind.DURATION, words("duration"), Reach.NOWHERE, default=60)
SPEC = replace(
    spec("later", (text_in(),), (text_out(source=None),), (DURATION,), routes=True), waits="duration"
)


@node_type(SPEC)
def later(context: Context, *, text: str, duration: float) -> Outputs:
    return {"text": text}
