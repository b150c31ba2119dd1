"""take_over: what a run that begins another one again need not make anew.

It is asked for at each claim, by the same keys as the step cache, and answered out of the steps of that one run: also of those
that are not worth a place in the cache, or were decided by a person, who has decided about exactly these bytes.
"""

from collections.abc import Mapping, Sequence

from builder.runs.ledger import Ledger
from builder.runs.models import Finding, Run, Step
from builder.runs.view_run import view_finding
from runtime.dispatch.states import StepState
from runtime.events import EventKind
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


def tell_findings(ledger: Ledger, steps: Sequence[str]) -> None:
    """What gates had found that are not asked again is told in this run as well: it is true of these bytes."""
    if not steps or ledger.run.restarts_id is None:
        return
    for finding in Finding.objects.filter(run=ledger.run.restarts_id, step__in=steps).order_by("id"):
        data = view_finding(finding)
        Finding.objects.create(run=ledger.run, at=ledger.now, **data)
        ledger.event(EventKind.GATE_FINDING, data)
