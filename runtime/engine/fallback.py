"""fallback: what a step gives in place of what it failed to make: its author's words, and never those of the fault."""

import re

from runtime.dispatch.store import Failure
from runtime.labels import Source
from runtime.plan import ERROR_PORT, Step
from runtime.safety.deliver import NotCleared
from runtime.values import Value

_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}")
_PLACE = re.compile(r"\{\{\s*code\s*\}\}")


def fall_back(
    step: Step, fault: BaseException, failure: Failure, authors: frozenset[Source]
) -> dict[str, Value] | None:
    """The outputs that the author of the drawing wants instead; None when the step has failed for good.

    `authors` are those who may have written them.

    What lacks a clearance is no failure that anybody may draw a way around.
    """
    if step.fallback is None or isinstance(fault, NotCleared):
        return None
    types = dict(step.outputs)
    given = dict(step.fallback.values)
    if step.fallback.text is not None:
        # Codes are words of programs; one that is not may have been made of anything.
        code = failure.code if _CODE.fullmatch(failure.code) else "node_error"
        given = {ERROR_PORT: _PLACE.sub(code, step.fallback.text)}
    return {name: Value(types[name], data, authors) for name, data in given.items()}
