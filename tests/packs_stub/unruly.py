"""The stubs that misuse their process: one takes all its memory, one splits it and lives on, one prints without end,
one gives more than fits anywhere."""

import os
import subprocess
import time
from pathlib import Path

from runtime.labels import Source
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Output, Param, ParamKind, Reach
from runtime.ports import JSON
from tests.packs_stub.nodes import SECONDS, spec, text_in, text_out, words

HOW = Param("how", ParamKind.TEXT, words("how"), Reach.NOWHERE, default="return")
LOG = Param("log", ParamKind.TEXT, words("log"), Reach.NOWHERE, default="")


@node_type(spec("split_off", inputs=(text_in(),), outputs=(text_out(),), params=(HOW, LOG)))
def split_off(context: Context, *, text: str, how: str, log: str) -> Outputs:
    """Forks, and notes both processes in `log`. The copy lives on, or goes the way of the original; that may abort."""
    copy = os.fork()
    if copy == 0:
        with Path(log).open("a") as file:
            file.write(f"{os.getpid()}\n")
        if how != "return":
            time.sleep(300)
    elif how == "abort":
        while not Path(log).exists():
            time.sleep(0.01)
        os.abort()
    return {"text": text}


@node_type(spec("launch", inputs=(text_in(),), outputs=(text_out(),), params=(HOW, LOG)))
def launch(context: Context, *, text: str, how: str, log: str) -> Outputs:
    """Starts a program in a session of its own, whose parent is gone at once, and notes it in `log`. May abort then.

    A bare one (`bare`, `bare abort`) gets nothing of our environment.
    """
    command = ["/bin/sh", "-c", f"sleep 300 & echo $! >> '{log}'"]
    subprocess.run(command, start_new_session=True, check=True, env={} if "bare" in how else None)
    if "abort" in how:
        os.abort()
    return {"text": text}


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


@node_type(
    spec(
        "shout",
        inputs=(text_in(),),
        outputs=(text_out(),),
        params=(Param("megabytes", ParamKind.INTEGER, words("megabytes"), Reach.NOWHERE, default=1),),
    )
)
def shout(context: Context, *, text: str, megabytes: int) -> Outputs:
    """Prints so much to its standard output, and as much to its standard error."""
    line = b"the same again and again" * 40_000 + b"\n"
    for _ in range(int(megabytes * 1_000_000 / len(line)) + 1):
        for stream in (1, 2):
            os.write(stream, line)
    return {"text": text}


@node_type(
    spec(
        "huge",
        inputs=(text_in(),),
        outputs=(text_out(streams=True), Output("data", JSON, words("data"), Source.MODEL)),
        params=(HOW, Param("megabytes", ParamKind.INTEGER, words("megabytes"), Reach.NOWHERE, default=1)),
    )
)
def huge(context: Context, *, text: str, how: str, megabytes: int) -> Outputs:
    """Gives so much text, or data, or tells it while it is being made."""
    much = "much " * (megabytes * 1024 * 1024 // 5)
    if how == "stream":
        context.stream("text", much)
    return {
        "text": text if how == "data" else much,
        "data": [much[:1024]] * (megabytes * 1024) if how == "data" else None,
    }


@node_type(
    spec(
        "odd",
        inputs=(text_in(),),
        outputs=(text_out(), Output("data", JSON, words("data"), Source.MODEL)),
        params=(HOW,),
    )
)
def odd(context: Context, *, text: str, how: str) -> Outputs:
    """Gives back what nobody can take."""
    deep: list[object] = []
    for _ in range(100_000):
        deep = [deep]
    loop: list[object] = []
    loop.append(loop)
    given: dict[str, object] = {
        "bytes": text.encode(), "deep": deep, "loop": loop, "nan": float("nan"), "object": object(), "set": {text}, "keys": {1: 2},
    }  # fmt: skip
    if how in given:
        return {"text": text, "data": given[how]}  # type: ignore[dict-item]  # that is what it is for
    return None if how == "none" else [text]  # type: ignore[return-value]  # the same
