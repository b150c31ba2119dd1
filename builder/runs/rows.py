"""rows: what every claim and every end of a segment asks for, by questions that are written once (builder.common.prepared)."""

from collections.abc import Collection, Mapping
from datetime import datetime
from functools import cache
from typing import Any
from uuid import UUID

from django.db.models import Q

from builder.common.prepared import Prepared
from builder.runs.models import CachedStep, Run, Segment, Step
from runtime.dispatch.states import SegmentState, StepState
from runtime.plan import SHADOW
from runtime.values import Json

# What a step gave, was shown and cost is much, and is read by nobody who only looks how far it is.
UNREAD = ("outputs", "title", "cost", "question", "answer")
# Keys that are asked for at once.
TOGETHER = 512
STOPPED = (StepState.FAILED.value, StepState.CANCELLED.value)

_held = Prepared(
    lambda run, index, fence: Segment.objects.filter(
        run=run, index=index, fence=fence, state=SegmentState.LEASED.value
    ),
    slots=3,
)
_segments = Prepared(
    lambda run: (
        Segment.objects.filter(run=run).only("run_id", "index", "state", "resource").order_by("index")
    ),
    slots=1,
)
_steps = Prepared(
    lambda run, segment: Step.objects.filter(run=run, segment=segment).order_by("position").defer(*UNREAD),
    slots=2,
)


def locked_run(run: UUID, leave_out: tuple[str, ...]) -> Run | None:
    """The run, which nobody else changes until this transaction ends, without these of its fields."""
    return _locked_run(leave_out).first(run)


def held_segment(run: UUID, index: int, fence: int) -> Segment | None:
    """The segment, as long as this fence is the last."""
    return _held.first(run, index, fence)


def segments_of(run: UUID) -> list[Segment]:
    """How far each of the run's segments is, in their order."""
    return _segments.rows(run)


def steps_in(run: UUID, segment: int) -> list[Step]:
    """How far each of the segment's steps is, in their order."""
    return _steps.rows(run, segment)


def telling_steps(run: UUID, promised: Collection[str]) -> list[tuple[str, str, Json]]:
    """Name, state and error of those steps that decide how the run ends: the promised ones, and what failed or was stopped."""
    names = _padded(promised)
    return _telling(len(names)).rows(run, *names)


def cached_steps(
    workspace: UUID, keys: Collection[str]
) -> list[tuple[str, UUID, datetime, Mapping[str, Json]]]:
    """Key, id, last use and outputs of what runs of the workspace gave by these keys."""
    wanted = sorted(keys)
    pieces = (_padded(wanted[start : start + TOGETHER]) for start in range(0, len(wanted), TOGETHER))
    return [row for piece in pieces for row in _cached(len(piece)).rows(workspace, *piece)]


@cache
def _locked_run(leave_out: tuple[str, ...]) -> Prepared[Run]:
    return Prepared(
        lambda run: Run.objects.select_for_update(of=("self",)).defer(*leave_out).filter(pk=run), slots=1
    )


@cache
def _telling(count: int) -> Prepared[Any]:
    def ask(run: Any, *promised: Any) -> Any:
        telling = Q(name__in=promised) | Q(state__in=STOPPED)
        rows = Step.objects.filter(telling, run=run).exclude(type=SHADOW)
        return rows.order_by("position").values_list("name", "state", "error")

    return Prepared(ask, slots=1 + count)


@cache
def _cached(count: int) -> Prepared[Any]:
    def ask(workspace: Any, *keys: Any) -> Any:
        rows = CachedStep.objects.filter(workspace=workspace, key__in=keys)
        return rows.values_list("key", "pk", "used", "step__outputs")

    return Prepared(ask, slots=1 + count)


def _padded(names: Collection[str]) -> list[str]:
    """The names, some of them twice, so that there are a power of two: few questions are written that way, and none anew."""
    found = sorted(names)
    return found + found[-1:] * ((1 << (len(found) - 1).bit_length()) - len(found) if found else 0)
