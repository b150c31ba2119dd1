"""The step cache: results that steps of a workspace gave, found again by what decided them.

A result stays where it is, in the step that gave it, and goes with that step's run: what is deleted, or kept no longer,
is in no cache either. Here is only which result has which key, how large it is, and what it took to make.
"""

import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from builder.catalog.installed_models import model_digest
from builder.common.bulk import insert
from builder.runs.models import CachedStep, Run, Step
from builder.runs.rows import cached_steps
from builder.runs.take_over import taken_over
from runtime.arithmetic import Arithmetic
from runtime.dispatch.states import STEP_ENDED, StepState
from runtime.dispatch.step_key import Known, Surroundings, is_worth_keeping, step_keys
from runtime.dispatch.store import Claim, Progress, StepRecord
from runtime.events import EventKind
from runtime.nodes.registry import load_registry
from runtime.plan import Plan
from runtime.ports import ASSET_KINDS
from runtime.safety.filters import load_filters
from runtime.values import AssetRef, Value

# How exactly the last use of a result is known: written down at each use, it would cost a write a run.
EXACT = timedelta(minutes=10)
# Results that one sweep weighs against each other when there are too many.
WEIGHED = 2_000


class Found(NamedTuple):
    keys: Mapping[str, str]
    cached: Mapping[str, Mapping[str, Value]]


def look_up(run: Run, plan: Plan, segment: int, so_far: Known, arithmetic: Arithmetic) -> Found:
    """The keys of the segment's steps that have one, made by this arithmetic, and the results that are known by them.

    What was answered in this run is what its step gives: no other run's result takes its place.
    """
    if segment in plan.shadows:
        return Found({}, {})
    around = Surroundings(load_registry(), load_filters(), model_digest, arithmetic)
    keys = {
        name: key
        for name, key in step_keys(plan, segment, so_far, around).items()
        if so_far.states.get(name) not in STEP_ENDED
    }
    unasked = {name: key for name, key in keys.items() if name not in so_far.answers}
    known: dict[str, Mapping[str, Value]] = {**taken_over(run, unasked)}
    wanted = {
        name: key
        for name, key in unasked.items()
        # One that has begun, and waits for a person or a moment, ends by itself.
        if name not in known and name not in so_far.states and is_worth_keeping(plan.step(name))
    }
    if settings.CACHE_MB > 0 and wanted:
        known |= _known(run.workspace_id, wanted)
    return Found(keys, known)


def _known(workspace: UUID, wanted: Mapping[str, str]) -> dict[str, Mapping[str, Value]]:
    """What earlier runs of the workspace gave by these keys."""
    found = {}
    seen_again, emptied = [], []
    known_since = timezone.now() - EXACT
    for key, pk, used, outputs in cached_steps(workspace, set(wanted.values())):
        if not outputs:
            emptied.append(pk)  # kept no longer; without this the next result could not take its place
            continue
        found[key] = {port: Value.from_json(raw) for port, raw in outputs.items()}
        if used < known_since:
            seen_again.append(pk)
    if emptied:
        CachedStep.objects.filter(pk__in=emptied).delete()
    if seen_again:
        CachedStep.objects.filter(pk__in=seen_again).update(used=timezone.now())
    return {name: found[key] for name, key in wanted.items() if key in found}


def keep_results(run: Run, claim: Claim, progress: Progress, steps: Mapping[str, Step]) -> None:
    """Remember what the steps gave whose keys are known. In the transaction that writes the results."""
    if settings.CACHE_MB <= 0:
        return
    told = {event.data["step"] for event in progress.events if event.kind is EventKind.GATE_FINDING}
    insert(
        CachedStep,
        [
            CachedStep(
                workspace_id=run.workspace_id,
                key=claim.keys[record.step],
                step=steps[record.step],
                size=_size(record.outputs.values()),
                seconds=record.seconds or 0.0,
            )
            for record in progress.steps
            if record.step in claim.keys
            and record.step not in told
            and record.step not in claim.rulings
            and _is_plain(record)
            and is_worth_keeping(claim.plan.step(record.step))
        ],
        ignore_conflicts=True,
    )


def _is_plain(record: StepRecord) -> bool:
    """Whether the step gave this by itself, of what its key stands for, and nobody decided about it."""
    return record.state is StepState.DONE and record.keyed and record.held is None and bool(record.outputs)


def _size(values: Iterable[Value]) -> int:
    return sum(_bytes(value) for value in values)


def _bytes(value: Value) -> int:
    if value.type.kind not in ASSET_KINDS:
        return len(json.dumps(value.data, ensure_ascii=False).encode("utf-8", "surrogatepass"))
    items = value.data if isinstance(value.data, list) else [value.data]
    return sum(item.size for item in items if isinstance(item, AssetRef))


def forget_results(run: Run) -> None:
    """Before anything is taken out of what the run's steps gave."""
    CachedStep.objects.filter(step__run=run).delete()
    run.steps.exclude(key="").update(key="")


def shrink() -> int:
    """Forget results until the rest is small enough; how many went. Called by the sweep.

    Of those that were not used for the longest go first what is large, and quick to make again.
    """
    most = settings.CACHE_MB * 1_000_000
    used: int = CachedStep.objects.aggregate(used=Sum("size"))["used"] or 0
    if used <= most:
        return 0
    now = timezone.now()
    rows = CachedStep.objects.order_by("used").values_list("pk", "size", "seconds", "used")[:WEIGHED]
    ranked = sorted(
        rows, key=lambda row: (now - row[3]).total_seconds() * row[1] / (row[2] + 0.001), reverse=True
    )
    gone = []
    for pk, size, _, _ in ranked:
        if used <= most * 0.9:
            break
        gone.append(pk)
        used -= size
    CachedStep.objects.filter(pk__in=gone).delete()
    return len(gone)
