"""questions: what steps ask people, from the moment at which somebody can see it until nobody need any more.

What is shown stands in the step's row while it waits, and no longer. What was answered comes to the worker that claims the
segment next, and goes on as what a user gave.
"""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from functools import partial
from typing import NamedTuple

from builder.common.bulk import update
from builder.common.clock import moment
from builder.runs.ledger import Ledger, has_ended
from builder.runs.models import Run, Segment, Step
from builder.runs.plans import plan_of
from builder.runs.seal import sealed
from builder.runs.uses import note_uses
from runtime.dispatch.states import STEP_ENDED, SegmentState, StepState
from runtime.dispatch.store import WaitsFor
from runtime.events import EventKind
from runtime.labelling.profile import Labelling
from runtime.labels import Sink
from runtime.nodes.registry import load_registry
from runtime.nodes.spec import Asks
from runtime.plan import Plan
from runtime.safety.deliver import deliver
from runtime.safety.policy import Policy
from runtime.values import Value


class Question(NamedTuple):
    """A step that waits for an answer: how it asks, and what a person is shown, by port."""

    step: Step
    asks: Asks
    shown: Mapping[str, Value]


def put_question(ledger: Ledger, step: Step, shown: Mapping[str, Value], policy: Policy) -> None:
    """Write into the step what a person is shown; the caller keeps it. Raises NotCleared."""
    write = partial(_final, ledger, policy.labelling)
    step.question = {
        port: deliver(value, Sink.PERSON, policy, write).to_json() for port, value in shown.items()
    }


def _final(ledger: Ledger, labelling: Labelling, value: Value) -> Value:
    """Called by `deliver()`: these bytes may be seen."""
    final = sealed(value, labelling)
    note_uses(ledger.run, [final])
    return final


def open_questions(run: Run) -> Iterator[Question]:
    """What the run asks now, in the order of the drawing."""
    if run.cancel_requested or has_ended(run):
        return
    plan = plan_of(run.plan_id)
    waiting = run.steps.filter(state=StepState.WAITING.value, question__isnull=False)
    for step in waiting.defer("outputs").order_by("position"):
        found = _question(step, plan)
        if found is not None:
            yield found


def open_question(ledger: Ledger, name: str) -> Question | None:
    """The same of one step, under the run's lock."""
    if ledger.run.cancel_requested or has_ended(ledger.run):
        return None
    step = ledger.run.steps.filter(name=name, state=StepState.WAITING.value, question__isnull=False).first()
    return None if step is None else _question(step, ledger.plan)


def _question(step: Step, plan: Plan) -> Question | None:
    drawn = plan.step(step.name)
    spec = load_registry().spec(drawn.type, drawn.version)
    is_open = step.waits is not None and step.waits["for"] == WaitsFor.ANSWER
    # Whose time is over is nobody's to answer, whether or not a sweep has come by.
    is_late = step.due is not None and step.due <= moment(timedelta(0))
    if spec is None or spec.asks is None or not is_open or is_late:
        return None
    shown = {port: Value.from_json(raw) for port, raw in (step.question or {}).items()}
    return Question(step, spec.asks, shown)


def take_answer(ledger: Ledger, question: Question, said: str) -> None:
    """It goes on as soon as a worker is free, and is shown to nobody any more."""
    step = question.step
    step.answer, step.question, step.due = said, None, moment(timedelta(0))
    step.waits = {
        "for": WaitsFor.TIME.value, "until": step.due.isoformat(), "seconds": 0.0, "number": None, "of": None,
    }  # fmt: skip
    update(Step, [step], ("answer", "question", "due", "waits"))
    # What a text says is told to nobody who follows the run: it has passed no gate.
    told = said if question.asks.answers else None
    data = {"step": step.name, "attempt": step.attempt, "answer": told}
    ledger.event(EventKind.STEP_ANSWERED, data)
    # One in which others still work is found by the sweep: the step's moment has come.
    segment: Segment = ledger.run.segments.get(index=step.segment)
    if segment.state == SegmentState.WAITING:
        ledger.offer(segment)


def answers_in(ledger: Ledger, segment: int) -> dict[str, str]:
    """What people answered to steps of the segment that have not ended."""
    open_states = [state.value for state in StepState if state not in STEP_ENDED]
    rows = ledger.run.steps.filter(segment=segment, answer__isnull=False, state__in=open_states)
    return {name: str(said) for name, said in rows.values_list("name", "answer")}
