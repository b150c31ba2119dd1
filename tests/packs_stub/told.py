"""The stubs whose settings hold words: one that a model is told, one that becomes part of a text."""

from runtime.labels import Sink, Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Param, ParamKind, Reach, Resource
from tests.packs_stub.nodes import spec, text_in, text_out, words


@node_type(
    spec(
        "instruct",
        inputs=(text_in("prompt", Sink.MODEL),),
        outputs=(text_out(),),
        params=(
            Param("system", ParamKind.MULTILINE, words("system"), Reach.MODEL, default=""),
            Param("stop", ParamKind.LINES, words("stop"), Reach.MODEL, default=[]),
        ),
    )
)
def instruct(context: Context, *, prompt: str, system: str, stop: list[str]) -> Outputs:
    """Tells what it was told, but for its prompt."""
    return {"text": f"told {system} {' '.join(stop)}"}


@node_type(
    spec(
        "say",
        inputs=(text_in(),),
        outputs=(text_out(Source.AUTHOR),),
        params=(Param("more", ParamKind.TEXT, words("more"), Reach.GIVEN, default="!"),),
        resource=Resource.INLINE,
    )
)
def say(context: Context, *, text: str, more: str) -> Outputs:
    """The text with something behind it."""
    return {"text": text + more}
