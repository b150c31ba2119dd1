"""Faults: what an exception out of a node means for its step, in words that carry nothing of the material."""

import logging
import traceback

from runtime.dispatch.failures import effect_happened, not_answered, not_cleared, out_of_memory
from runtime.dispatch.store import Failure
from runtime.errors import OperationalError, UserError
from runtime.safety.deliver import NotCleared
from runtime.words import Words

log = logging.getLogger(__name__)

# Characters of a sentence that a node has written. Nobody reads more, and whoever follows the run gets all of it.
LONGEST = 2_000
# What torch's and onnxruntime's allocators say when the system gives them nothing.
_ALLOCATORS = ("can't allocate memory", "not enough memory", "Failed to allocate memory", "bad_alloc")


class BadOutput(Exception):
    """A node gave something else than its ports declare."""


def failure_of(fault: BaseException, node: str | None) -> Failure:
    """The failure that a person reads. Only the two honest errors speak for themselves; a bug gets our words.

    The text of any other exception may quote prompts or results, so neither the person nor the log sees it.
    """
    if isinstance(fault, UserError):
        return Failure(fault.code, *_said(fault), fault.node or node)
    if isinstance(fault, OperationalError):
        return Failure(fault.code, *_said(fault), node)
    if isinstance(fault, NotCleared):
        log.error("not cleared: %s", fault)
        return not_cleared(node)
    if lacks_memory(fault):
        return out_of_memory(node)
    log.error("a step failed with %s at %s", type(fault).__name__, places(fault))
    return Failure(
        "node_error",
        Words("This step failed because of a mistake in its program.", "此步骤因程序错误而失败。"),
        Words(
            "Tell an administrator; the worker's log names the place.",
            "请联系管理员；工作进程日志记录了出错位置。",
        ),
        node,
    )


def _said(fault: UserError | OperationalError) -> tuple[Words, Words | None]:
    return fault.message.within(LONGEST), fault.hint.within(LONGEST) if fault.hint else None


def said_to_have_happened(node: str | None) -> UserError:
    """What the step fails with that is not run again because a person said that it happened."""
    said = effect_happened(node)
    return UserError(said.code, said.message, said.hint, said.node)


def unanswered(node: str | None) -> UserError:
    """What a step fails with that asked a person who did not answer in time."""
    said = not_answered(node)
    return UserError(said.code, said.message, said.hint, said.node)


def lacks_memory(fault: BaseException) -> bool:
    """Whether memory ran out, the machine's or a GPU's. torch says so by a class of its own, or in a sentence."""
    if isinstance(fault, MemoryError) or type(fault).__name__ == "OutOfMemoryError":
        return True
    if isinstance(fault, UserError | OperationalError):
        return fault.code == "out_of_memory"
    return isinstance(fault, RuntimeError) and any(words in str(fault) for words in _ALLOCATORS)


def places(fault: BaseException) -> str:
    """Where the exception came from, file and line only."""
    frames = traceback.extract_tb(fault.__traceback__)
    return " < ".join(f"{frame.filename}:{frame.lineno}" for frame in reversed(frames)) or "nowhere"
