"""The stub whose fault may pass: it fails so many times, and then gives what it took."""

import time
from dataclasses import replace
from pathlib import Path

from runtime.errors import OperationalError, UserError
from runtime.nodes.base import Outputs, node_type
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, Param, ParamKind, Reach
from tests.packs_stub.nodes import SECONDS, sleep, spec, text_in, text_out, words

LOG = Param("log", ParamKind.TEXT, words("log"), Reach.NOWHERE)
TIMES = Param("times", ParamKind.INTEGER, words("times"), Reach.NOWHERE, default=1)
HOW = Param("how", ParamKind.TEXT, words("how"), Reach.NOWHERE, default="retryable")


@node_type(spec("flaky", (text_in(),), (text_out(streams=True),), (LOG, TIMES, HOW, SECONDS)))
def flaky(context: Context, *, text: str, log: str, times: int, how: str, seconds: float) -> Outputs:
    """Notes each try in `log`; of the first `times` none does well."""
    with Path(log).open("a") as file:
        file.write("try\n")
    context.stream("text", text)
    tries = Path(log).read_text().count("try")
    if tries > times:
        time.sleep(seconds)
        return {"text": text}
    if how == "user":
        raise UserError("stub_refused", words("The stub refuses."))
    raise OperationalError("stub_busy", words("The stub is busy."), retryable=how == "retryable")


flaky_unsafe = replace(flaky, spec=replace(flaky.spec, type="stub.flaky_unsafe", effects=Effects.UNSAFE))
brief_unsafe = replace(flaky, spec=replace(flaky_unsafe.spec, type="stub.brief_unsafe", time_limit=1.0))
sleep_unsafe = replace(sleep, spec=replace(sleep.spec, type="stub.sleep_unsafe", effects=Effects.UNSAFE))
