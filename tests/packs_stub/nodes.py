"""The stub node types. They take their time, their failures and their output from params."""

import io
import json
import os
import time
from pathlib import Path

from runtime.errors import OperationalError, UserError
from runtime.labels import Sink, Source
from runtime.nodes.base import NodeType, Outputs, node_type
from runtime.nodes.conditions import CONDITION
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
    Repeat,
    Resource,
)
from runtime.ports import ANY, AUDIO, IMAGE, JSON, TEXT, Kind, PortType
from runtime.sound.wav import write_plain
from runtime.values import AssetRef, Json
from runtime.words import Words

TEXTS = PortType(Kind.TEXT, many=True)


def words(text: str) -> Words:
    return Words(text, text)


def spec(
    name: str,
    inputs: tuple[Input, ...] = (),
    outputs: tuple[Output, ...] = (),
    params: tuple[Param, ...] = (),
    purpose: Purpose = Purpose.LANGUAGE,
    resource: Resource = Resource.CPU,
    routes: bool = False,
    time_limit: float = 60.0,
    repeat: Repeat | None = None,
) -> NodeSpec:
    return NodeSpec(
        type=f"stub.{name}", version=1, title=words(name), summary=words(name), help=words(name), purpose=purpose,
        icon="box", inputs=inputs, outputs=outputs, params=params, effects=Effects.PURE, resource=resource,
        routes=routes, time_limit=time_limit, repeat=repeat,
    )  # fmt: skip


def text_in(name: str = "text", sink: Sink | None = None, required: bool = True) -> Input:
    return Input(name, TEXT, words(name), sink, required)


def text_out(source: Source | None = Source.MODEL, streams: bool = False) -> Output:
    return Output("text", TEXT, words("text"), source, streams)


NAME = Param("name", ParamKind.TEXT, words("name"), Reach.DRAWING, default="")
SECONDS = Param("seconds", ParamKind.NUMBER, words("seconds"), Reach.NOWHERE, default=0.0)


@node_type(
    spec(
        "input",
        outputs=(text_out(Source.USER),),
        params=(NAME,),
        purpose=Purpose.INPUTS,
        resource=Resource.INLINE,
    )
)
def take(context: Context, *, name: str) -> Outputs:
    return {"text": str(context.arguments.get(name, ""))}


@node_type(
    spec(
        "output",
        inputs=(text_in(sink=Sink.PERSON),),
        params=(NAME,),
        purpose=Purpose.OUTPUTS,
        resource=Resource.INLINE,
    )
)
def show(context: Context, *, text: str, name: str) -> Outputs:
    return {}


@node_type(
    spec(
        "show_image",
        inputs=(Input("image", IMAGE, words("image"), Sink.PERSON),),
        params=(NAME,),
        purpose=Purpose.OUTPUTS,
        resource=Resource.INLINE,
    )
)
def show_image(context: Context, *, image: AssetRef, name: str) -> Outputs:
    return {}


@node_type(
    spec("facts", inputs=(text_in(),), outputs=(Output("data", JSON, words("data"), Source.MODEL),)),
)
def facts(context: Context, *, text: str) -> Outputs:
    """What a model might have found in the text, as data."""
    return {"data": {"text": text}}


@node_type(
    spec(
        "show_data",
        inputs=(Input("data", JSON, words("data"), Sink.PERSON),),
        params=(NAME,),
        purpose=Purpose.OUTPUTS,
        resource=Resource.INLINE,
    )
)
def show_data(context: Context, *, data: Json, name: str) -> Outputs:
    return {}


@node_type(
    spec(
        "sound",
        inputs=(Input("text", TEXT, words("text"), None),),
        outputs=(Output("audio", AUDIO, words("audio"), Source.MODEL),),
    )
)
def sound(context: Context, *, text: str) -> Outputs:
    """A sound whose samples are the bytes of the text, over and over."""
    import numpy as np

    spelt = text.encode().ljust(len(text.encode()) + len(text.encode()) % 2)
    samples = np.frombuffer(spelt * 200, "<i2")
    return {"audio": context.assets.write(write_plain(samples, 8_000), "audio/wav")}


@node_type(
    spec(
        "play_sound",
        inputs=(Input("audio", AUDIO, words("audio"), Sink.PERSON),),
        params=(NAME,),
        purpose=Purpose.OUTPUTS,
        resource=Resource.INLINE,
    )
)
def play_sound(context: Context, *, audio: AssetRef, name: str) -> Outputs:
    return {}


@node_type(
    spec(
        "input_image",
        outputs=(Output("image", IMAGE, words("image"), Source.UPLOAD),),
        params=(NAME,),
        purpose=Purpose.INPUTS,
        resource=Resource.INLINE,
    )
)
def take_image(context: Context, *, name: str) -> Outputs:
    return {"image": context.arguments[name]}


@node_type(
    spec(
        "author",
        outputs=(text_out(Source.AUTHOR),),
        params=(Param("text", ParamKind.TEXT, words("text"), Reach.GIVEN, default="authored"),),
        resource=Resource.INLINE,
    )
)
def author(context: Context, *, text: str) -> Outputs:
    return {"text": text}


@node_type(
    spec(
        "echo",
        inputs=(text_in(),),
        outputs=(text_out(),),
        params=(Param("log", ParamKind.TEXT, words("log"), Reach.NOWHERE, default=""),),
    )
)
def echo(context: Context, *, text: str, log: str) -> Outputs:
    """Says what it is told; writes a line into the file `log` for each time that it ran."""
    if log:
        with Path(log).open("a") as file:
            file.write(f"{context.step_id}\n")
    context.cost(device="stub", tokens=len(text))
    return {"text": text}


@node_type(spec("ask", inputs=(text_in("prompt", Sink.MODEL),), outputs=(text_out(),)))
def ask(context: Context, *, prompt: str) -> Outputs:
    return {"text": f"answer to {prompt}"}


@node_type(spec("upper", inputs=(text_in(),), outputs=(text_out(None),), resource=Resource.INLINE))
def upper(context: Context, *, text: str) -> Outputs:
    return {"text": text.upper()}


@node_type(
    spec(
        "join",
        inputs=(Input("texts", TEXTS, words("texts"), None),),
        outputs=(text_out(None),),
        resource=Resource.INLINE,
    )
)
def join(context: Context, *, texts: list[str]) -> Outputs:
    return {"text": "+".join(texts)}


@node_type(
    spec(
        "choose",
        inputs=(Input("value", ANY, words("value"), None),),
        outputs=(Output("left", ANY, words("left"), None), Output("right", ANY, words("right"), None)),
        params=(Param("way", ParamKind.TEXT, words("way"), Reach.NOWHERE, default="left"),),
        purpose=Purpose.CONTROL,
        resource=Resource.INLINE,
        routes=True,
    )
)
def choose(context: Context, *, value: object, way: str) -> Outputs:
    return {way: value}


@node_type(spec("sleep", inputs=(text_in(),), outputs=(text_out(),), params=(SECONDS,), time_limit=2.0))
def sleep(context: Context, *, text: str, seconds: float) -> Outputs:
    """Sleeps in short naps, so that it can be cancelled; its time limit is two seconds."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        context.check()
        context.progress(seconds - (ends - time.monotonic()), seconds)
        time.sleep(0.02)
    return {"text": text}


@node_type(spec("nap", inputs=(text_in(),), outputs=(text_out(),), params=(SECONDS,)))
def nap(context: Context, *, text: str, seconds: float) -> Outputs:
    """Like sleep, with a long time limit."""
    return sleep.run(context, text=text, seconds=seconds)


@node_type(
    spec(
        "fail",
        inputs=(text_in(),),
        outputs=(text_out(),),
        params=(Param("how", ParamKind.TEXT, words("how"), Reach.NOWHERE, default="bug"),),
    )
)
def fail(context: Context, *, text: str, how: str) -> Outputs:
    if how == "user":
        raise UserError("stub_refused", words("The stub refuses."), words("Ask another."))
    if how == "endless":
        context.cost(device="x" * 1_000_000)
        context.progress(0, 1, words("x" * 1_000_000))
        raise UserError("stub_refused", words("x" * 1_000_000), words("y" * 1_000_000))
    if how == "operator":
        raise OperationalError("stub_broken", words("The stub is broken."))
    if how in (odd := {"output": {"text": 7}, "port": {"elsewhere": text}}):
        return odd[how]
    raise ValueError(f"a bug that quotes {text}")


@node_type(
    spec(
        "crash",
        inputs=(text_in(),),
        outputs=(text_out(),),
        params=(Param("marker", ParamKind.TEXT, words("marker"), Reach.NOWHERE, default=""),),
    )
)
def crash(context: Context, *, text: str, marker: str) -> Outputs:
    """Ends the process; with `marker` (a file's path) only the first time."""
    if marker and Path(marker).exists():
        return {"text": text}
    if marker:
        Path(marker).touch()
    os.abort()


@node_type(
    spec(
        "stream",
        inputs=(text_in(),),
        outputs=(text_out(streams=True),),
        params=(
            Param("piece", ParamKind.INTEGER, words("piece"), Reach.NOWHERE, default=5),
            SECONDS,
            Param("log", ParamKind.TEXT, words("log"), Reach.NOWHERE, default=""),
        ),
    )
)
def stream(context: Context, *, text: str, piece: int, seconds: float, log: str) -> Outputs:
    """Offers the text in pieces, with a pause between them; notes in `log` how far it came."""
    size = int(piece)
    for end in range(size, len(text) + size, size):
        context.check()
        context.stream("text", text[:end])
        time.sleep(seconds)
        if log:
            Path(log).write_text(str(end))
    return {"text": text}


@node_type(
    spec(
        "picture",
        inputs=(text_in(),),
        outputs=(Output("image", IMAGE, words("image"), Source.MODEL),),
        params=(Param("colour", ParamKind.TEXT, words("colour"), Reach.NOWHERE, default="red"),),
    )
)
def picture(context: Context, *, text: str, colour: str) -> Outputs:
    from PIL import Image

    out = io.BytesIO()
    Image.new("RGB", (64, 48), colour).save(out, "PNG")
    context.preview(out.getvalue())
    return {"image": context.assets.write(out.getvalue(), "image/png", 64, 48)}


@node_type(
    spec(
        "call",
        params=(Param("workflow", ParamKind.WORKFLOW, words("workflow"), Reach.NOWHERE, default=""),),
        purpose=Purpose.CONTROL,
        resource=Resource.INLINE,
    )
)
def call(context: Context, *, workflow: str) -> Outputs:
    raise RuntimeError("a call never runs")


CALLED = Param("workflow", ParamKind.WORKFLOW, words("workflow"), Reach.NOWHERE, default="")
TIMES = Param("times", ParamKind.INTEGER, words("times"), Reach.NOWHERE, minimum=1, maximum=50)
AT = Param("at", ParamKind.PORT, words("at"), Reach.NOWHERE, default="")


@node_type(
    spec(
        "loop",
        params=(CALLED, TIMES, AT, *CONDITION),
        purpose=Purpose.CONTROL,
        resource=Resource.INLINE,
        repeat=Repeat("loop", bound="times", port="at"),
    )
)
def loop(
    context: Context, *, workflow: str, times: int, at: str, test: str, operand: str, ignore_case: bool
) -> Outputs:
    raise RuntimeError("a loop never runs")


@node_type(
    spec(
        "map",
        params=(CALLED, TIMES, AT),
        purpose=Purpose.CONTROL,
        resource=Resource.INLINE,
        repeat=Repeat("map", bound="times", port="at"),
    )
)
def each(context: Context, *, workflow: str, times: int, at: str) -> Outputs:
    raise RuntimeError("a map never runs")


@node_type(
    spec(
        "split",
        inputs=(text_in(),),
        outputs=(Output("texts", TEXTS, words("texts"), None),),
        resource=Resource.INLINE,
    )
)
def split(context: Context, *, text: str) -> Outputs:
    """Its words."""
    return {"texts": text.split()}


@node_type(spec("spy", inputs=(text_in(),), outputs=(text_out(None),)))
def spy(context: Context, *, text: str) -> Outputs:
    """Tells what a node can find out about its process: the names in its environment, and its parent."""
    return {"text": json.dumps({"names": sorted(os.environ), "parent": os.getppid(), "own": os.getpid()})}


NODE_TYPES: tuple[NodeType, ...] = (
    take, take_image, show, show_image, facts, show_data, author, echo, ask, upper, join, choose, sleep, nap, fail, crash,
    stream, picture, call, loop, each, split, spy, sound, play_sound,
)  # fmt: skip
