"""Stub nodes that take time which nothing inside their process can end."""

import ctypes

from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from tests.packs_stub.nodes import SECONDS, spec, text_in, text_out


@node_type(spec("hang", inputs=(text_in(),), outputs=(text_out(),), params=(SECONDS,), time_limit=1.0))
def hang(context: Context, *, text: str, seconds: float) -> Outputs:
    """Waits inside native code and keeps the interpreter's lock: nothing inside the process can stop it."""
    ctypes.PyDLL(None).sleep(int(seconds))
    return {"text": text}


@node_type(spec("hang_long", inputs=(text_in(),), outputs=(text_out(),), params=(SECONDS,)))
def hang_long(context: Context, *, text: str, seconds: float) -> Outputs:
    return hang.run(context, text=text, seconds=seconds)
