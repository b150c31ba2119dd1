"""The nodes of the load: an effect that is counted outside, and a picture that no other run has."""

import hashlib
import io
import time
from dataclasses import replace

from runtime.labels import Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, Output
from runtime.ports import IMAGE
from tests.chaos import points
from tests.packs_stub.nodes import SECONDS, spec, text_in, text_out, words

SIDE = 120


@node_type(
    replace(spec("effect", (text_in(),), (text_out(),), params=(SECONDS,)), effects=Effects.IDEMPOTENT)
)
def effect(context: Context, *, text: str, seconds: float) -> Outputs:
    """Does something outside that cannot be undone: a line with the run's own word and the step, in a file."""
    time.sleep(seconds / 2)
    points.note(points.EFFECTS, f"{text.split()[0]} {context.step_id}")
    time.sleep(seconds / 2)
    return {"text": f"{text} {context.step_id}"}


@node_type(spec("draw", (text_in(),), (Output("image", IMAGE, words("image"), Source.MODEL),)))
def draw(context: Context, *, text: str) -> Outputs:
    """A picture of the text's own noise."""
    from PIL import Image

    noise = bytes(3) + hashlib.shake_256(text.encode()).digest(
        3 * SIDE * SIDE - 3
    )  # its first pixel is not red
    out = io.BytesIO()
    Image.frombytes("RGB", (SIDE, SIDE), noise).save(out, "PNG")
    return {"image": context.assets.write(out.getvalue(), "image/png", SIDE, SIDE)}


NODE_TYPES = (effect, draw)
