"""take_over: what a run that begins another one again need not make anew.

It is asked for at each claim, by the same keys as the step cache, and answered out of the steps of that one run: also of those
that are not worth a place in the cache, or were decided by a person, who has decided about exactly these bytes.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

from builder.runs.ledger import Ledger
from builder.runs.models import Finding, Purpose, Review, Run, Step
from builder.runs.view_run import view_finding
from runtime.dispatch.states import StepState
from runtime.events import EventKind
from runtime.safety.ruling import Decision, Ruling
from runtime.values import Value

ENDED_WELL = (StepState.DONE.value, StepState.CACHED.value)


def taken_over(run: Run, keys: Mapping[str, str]) -> dict[str, dict[str, Value]]:
    """What these steps gave in the run that this one begins again, where their keys are still the same.

    The plan must be the very same, with its policy. What was taken out since, or stood in for a failure, is not there.
    """
    if run.restarts_id is None or not keys:
        return {}
    earlier = Step.objects.filter(
        run=run.restarts_id, run__plan=run.plan_id, name__in=keys, state__in=ENDED_WELL, error__isnull=True
    )
    return {
        name: {port: Value.from_json(raw) for port, raw in outputs.items()}
        for name, key, outputs in earlier.values_list("name", "key", "outputs")
        if outputs and key == keys[name]
    }


# Runs of which one began the next again; further back nobody's decision is looked for.
MOST_EARLIER = 50


def ruled_before(run: Run, gates: Collection[str]) -> dict[str, Ruling]:
    """What people let through at these gates in the runs of the same plan that this one begins again, the newest first.

    A ruling is for exactly these bytes under these rules: where the value is another one, it says nothing, and somebody is asked.
    """
    found: dict[str, Ruling] = {}
    for earlier in _earlier(run):
        rows = Review.objects.filter(
            run=earlier, purpose=Purpose.HOLD, step__in=gates, ruling__isnull=False
        ).order_by("-id")
        for step, raw in rows.values_list("step", "ruling"):
            ruling = Ruling.from_json(raw or {})
            if step not in found and ruling.decision is not Decision.BLOCK:
                found[step] = ruling
    return found


def _earlier(run: Run) -> Iterator[UUID]:
    begun_from = run.restarts_id
    for _ in range(MOST_EARLIER):
        rows = Run.objects.filter(plan=run.plan_id).values_list("pk", "restarts_id")
        found = rows.filter(pk=begun_from).first() if begun_from else None
        if found is None:
            return
        yield found[0]
        begun_from = found[1]


def tell_findings(ledger: Ledger, steps: Sequence[str]) -> None:
    """What gates had found that are not asked again is told in this run as well: it is true of these bytes."""
    if not steps or ledger.run.restarts_id is None:
        return
    for finding in Finding.objects.filter(run=ledger.run.restarts_id, step__in=steps).order_by("id"):
        data = view_finding(finding)
        Finding.objects.create(run=ledger.run, at=ledger.now, **data)
        ledger.event(EventKind.GATE_FINDING, data)
