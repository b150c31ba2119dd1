"""A stub whose steps meet: those of several runs are made in one call, which may be slow, fail for one, or crash."""

import os
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from runtime.errors import Cancelled, UserError
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, NodeSpec, Param, ParamKind, Purpose, Reach, Resource
from tests.packs_stub.nodes import text_in, text_out, words

SPEC = NodeSpec(
    type="stub.meet",
    version=1,
    title=words("meet"),
    summary=words("meet"),
    help=words("meet"),
    purpose=Purpose.LANGUAGE,
    icon="box",
    inputs=(text_in(),),
    outputs=(text_out(),),
    params=(Param("log", ParamKind.TEXT, words("log"), Reach.NOWHERE, default=""),),
    effects=Effects.PURE,
    resource=Resource.CPU,
    alike=("log",),
)


@node_type(SPEC)
def meet(context: Context, *, text: str, log: str) -> Outputs:
    """Notes in `log` how many texts a call was for. `slow` lasts until there is a file `log`.go, `crash` aborts,
    `bad` fails, and with `hung` the call itself never ends.

    With `stuck` in a text the step ignores that it should stop.
    """

    def check() -> None:
        if "stuck" not in text:
            context.check()

    def hear(done: int) -> None:
        check()
        context.progress(done, 10)

    made, together = context.batches.join(log, text, lambda *given: _make(log, *given), hear, check)
    context.cost(together=together)
    return {"text": made}


# With a short time limit.
meet_briefly = replace(meet, spec=replace(SPEC, type="stub.meet_briefly", time_limit=1.0))


def _make(
    log: str, texts: Sequence[str], hears: Sequence[Callable[[Any], None]]
) -> list[str | BaseException]:
    with Path(log).open("a") as file:
        file.write(f"{len(texts)}\n")
    if any("hung" in text for text in texts):
        time.sleep(300)
    going = dict(enumerate(hears))
    while going:
        for number, hear in list(going.items()):
            try:
                hear(len(going))
            except Cancelled:
                del going[number]
        if any("crash" in text for text in texts):
            time.sleep(0.3)  # until it is known that all of them run
            os.abort()
        if not any("slow" in text for text in texts) or Path(f"{log}.go").exists():
            break
        time.sleep(0.02)
    return [_bad() if "bad" in text else f"{text} made" for text in texts]


def _bad() -> UserError:
    return UserError("bad", words("This text is bad."))
