"""Asks a worker what its filters say of a value, without a run. Nothing of it is logged, queued or kept.

No filter is loaded here, and no answer is believed: what a worker lets pass takes the way of every value to a sink.
"""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace

from django.conf import settings

from builder.common.errors import Refused
from runtime.dispatch.trial import Trial, Unanswered, ask
from runtime.safety.deliver import NotCleared, deliver
from runtime.values import Json, Value
from runtime.words import Words

log = logging.getLogger(__name__)


class Few:
    """Of the threads that answer requests, so many may wait for a worker's answer at a time."""

    def __init__(self, most: int) -> None:
        self._free = threading.BoundedSemaphore(most)

    @contextmanager
    def one(self) -> Iterator[None]:
        """Raises Refused `workers_busy`."""
        if not self._free.acquire(blocking=False):
            raise _busy()
        try:
            yield
        finally:
            self._free.release()


def ask_worker(trial: Trial) -> Mapping[str, Json]:
    """A worker's answer (runtime/engine/trial.py), which may name a fault. Raises Refused `no_worker`, `workers_busy`."""
    try:
        return ask(settings.SLUICEWAY_REDIS_URL, trial)
    except Unanswered as unanswered:
        raise (no_worker() if unanswered.reason == "no_worker" else _busy()) from None


def released(said: Mapping[str, Json], trial: Trial, show: Callable[[Value], str]) -> str:
    """What of the value would go on, as `show` puts it. Raises Refused `gate_unavailable` when it is not cleared."""
    try:
        # Whose it is was said here: a worker's answer must not make it harmless.
        value = replace(Value.from_json(said["value"]), sources=trial.value.sources)
        return deliver(value, trial.sink, trial.policy, show)
    except (NotCleared, KeyError, TypeError, ValueError, AttributeError):
        log.error("a worker let something pass that it had not cleared")
        raise unsound() from None


def no_worker() -> Refused:
    """For when nothing reaches one."""
    return Refused(
        "no_worker",
        Words("No worker answers, so nothing was checked.", "没有工作进程应答，因此未作检查。"),
        Words("An administrator sees the workers in the console.", "管理员可在控制台查看工作进程。"),
        status=409,
    )


def _busy() -> Refused:
    return Refused(
        "workers_busy",
        Words("All workers are busy, so nothing was checked.", "所有工作进程都在忙，因此未作检查。"),
        Words("Try again when a run has ended.", "请在运行结束后再试。"),
        status=409,
    )


def unsound() -> Refused:
    """For an answer that says nothing: nothing passes of what nobody could judge."""
    return Refused(
        "gate_unavailable",
        Words("The filters could not judge this.", "过滤器无法完成判断。"),
        Words("So nothing of it passes. Try again.", "因此内容不会被放行。请重试。"),
        status=422,
    )
