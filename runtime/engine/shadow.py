"""Shadow: a gate of a candidate policy looks at a value, and tells what it would have acted on. Whatever goes wrong stays here."""

import logging
from collections.abc import Iterator

from runtime.dispatch.states import StepState
from runtime.dispatch.store import StepRecord
from runtime.engine.bindings import Arrival
from runtime.engine.gate import Verdict, judge
from runtime.engine.inspection import Inspector
from runtime.errors import Cancelled
from runtime.events import Event, EventKind
from runtime.plan import Step
from runtime.values import Json, Value

log = logging.getLogger(__name__)


def look(step: Step, arrival: Arrival, inspector: Inspector) -> tuple[StepRecord, list[Event]]:
    """The record of the step, without any output, and its findings. Raises nothing, come what may, but Cancelled.

    The record's cost says whether the value was judged at all.
    """
    assert step.shadow is not None
    if not isinstance(arrival, Value):
        return StepRecord(step.id, StepState.SKIPPED), []
    try:
        found = list(_findings(step, judge(arrival.type, arrival.data, step.shadow, inspector)))
    except Cancelled:
        raise
    except Exception as fault:  # noqa: BLE001 - a candidate stops nobody, whatever its filters do
        log.warning("shadow %s: %s", step.id, type(fault).__name__)
        return StepRecord(step.id, StepState.DONE, cost={"judged": 0}), []
    return StepRecord(step.id, StepState.DONE, cost={"judged": 1}), found


def _findings(step: Step, verdict: Verdict) -> Iterator[Event]:
    """One for each filter, action and category that was met; never anything of the material."""
    best: dict[tuple[str, str, str], float] = {}
    for hit in verdict.hits:
        key = (hit.filter, hit.action.value, hit.match.category)
        best[key] = max(best.get(key, 0.0), float(hit.match.score))
    for (name, action, category), score in sorted(best.items()):
        data: dict[str, Json] = {
            "step": step.id,
            "filter": name,
            "action": action,
            "category": category,
            "score": round(score, 4),
        }
        yield Event(EventKind.GATE_FINDING, data)
