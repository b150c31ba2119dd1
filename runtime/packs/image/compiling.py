"""Compiling: makes a picture model's network into code of this machine, where `SLUICEWAY_COMPILE` asks for it (torch.compile).

What cannot be compiled is computed as it is, and the log says so: a slower picture is what people want then, not none.
"""

import logging
import os
from collections.abc import Hashable
from pathlib import Path
from typing import Any

from runtime.arithmetic import asks_to_compile, compiler
from runtime.words import Words

log = logging.getLogger(__name__)

COMPILING = Words("Compiling the model, once for this size", "正在编译模型，每种尺寸仅一次")
FOLDER = "compiled"
# The library keeps eight forms of one network, and then gives up: each size, number and kind of pictures is one.
FORMS = 32


class Forms:
    """In which forms (size, number) a network has been used. Where it is compiled, each takes minutes the first time."""

    def __init__(self, compiled: bool) -> None:
        self._compiled = compiled
        self._used: set[Hashable] = set()

    def is_new(self, form: Hashable) -> bool:
        """Whether it will be compiled now for this form; from now on it is no new one."""
        new = self._compiled and form not in self._used
        self._used.add(form)
        return new


def compile_network(pipeline: Any) -> Forms:
    """Have its network compiled when it is first used. Where there is no compiler the log says so, and nothing is compiled."""
    network = getattr(pipeline, "unet", None) or getattr(pipeline, "transformer", None)
    if not asks_to_compile() or network is None:
        return Forms(compiled=False)
    if compiler() is None:
        log.warning("the model is not compiled: there is no C++ compiler (g++ or clang++)")
        return Forms(compiled=False)
    _prepare()
    # In place, so that whoever looks at the network still finds it.
    network.compile(backend=_compiled_or_as_it_is)
    return Forms(compiled=True)


def _prepare() -> None:
    """Compile in this process, keep the code in our own folder, and read none that was pickled."""
    # Its own place would be a folder of /tmp with a name that everybody knows.
    folder = Path(os.environ.get("SLUICEWAY_HOME") or "var").resolve() / FOLDER
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.environ["TORCHINDUCTOR_CACHE_DIR"] = str(folder)
    import torch._dynamo.config as tracing
    import torch._functorch.config as between
    import torch._inductor.config as making

    making.compile_threads = 1
    making.fx_graph_cache = False
    between.enable_autograd_cache = False
    tracing.suppress_errors = True
    tracing.recompile_limit = FORMS


def _compiled_or_as_it_is(graph: Any, inputs: list[Any]) -> Any:
    """Code for this part of the network, or what computes it otherwise."""
    from torch._inductor.compile_fx import compile_fx

    try:
        return compile_fx(graph, inputs)
    except Exception as fault:
        log.warning("a part of the model is not compiled: %s", type(fault).__name__, exc_info=True)
        return graph.forward
