"""The stub that uses a model, and its ways to take time when that is loaded beforehand."""

import time
from collections.abc import Iterator, Mapping
from pathlib import Path

from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context, Models
from runtime.nodes.spec import Param, ParamKind, Reach
from tests.packs_stub.nodes import spec, text_in, text_out, words

MODEL = Param(
    "model", ParamKind.MODEL, words("model"), Reach.NOWHERE, default="one", required=True, capability="stub"
)


def load(folder: Path) -> str:
    """A model is a file with its name in it."""
    return (folder / "weights").read_text()


def ready(models: Models, named: Mapping[str, str]) -> Iterator[None]:
    """Loads the model. What is called `endless` takes so in many short steps, `stuck` in one that does not end."""
    while named["model"] == "endless":
        time.sleep(0.05)
        yield
    while named["model"] == "stuck":
        time.sleep(1)
    with models.use(named["model"], load, "stub"):
        yield


@node_type(spec("quote", inputs=(text_in(),), outputs=(text_out(),), params=(MODEL,)), ready)
def quote(context: Context, *, text: str, model: str) -> Outputs:
    """The text, in the name of a model."""
    with context.models.use(model, load, "stub") as name:
        return {"text": f"{name}: {text}"}
