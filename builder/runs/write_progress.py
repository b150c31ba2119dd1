"""Writes a piece of a segment's history into a ledger: steps, findings, and results through `deliver()`."""

from functools import partial

from builder.common.bulk import insert, update
from builder.runs.doubts import BEGUN
from builder.runs.end_shadows import is_shadow, shadow_of, write_shadow_finding
from builder.runs.keep_back import keep_back
from builder.runs.ledger import Ledger
from builder.runs.models import Finding, Output, Step
from builder.runs.moments import begin_pause, end_pause
from builder.runs.questions import put_question
from builder.runs.seal import sealed
from builder.runs.show_value import show_value
from builder.runs.step_cache import keep_results
from builder.runs.take_over import tell_findings
from builder.runs.uses import note_uses
from builder.safety.record_shadow import count_look
from runtime.dispatch.states import STEP_ENDED, StepState
from runtime.dispatch.store import Claim, Progress, StepRecord
from runtime.events import Event, EventKind
from runtime.labelling.profile import Labelling
from runtime.labels import Sink
from runtime.plan import SHADOW, Result
from runtime.safety.deliver import deliver
from runtime.values import Value

# What of a step an attempt may change.
WRITTEN = (
    "state", "attempt", "started", "finished", "seconds", "cost", "error", "outputs", "waits", "due", "failures", "key", "effect", "question",
)  # fmt: skip


def write_progress(ledger: Ledger, claim: Claim, progress: Progress) -> None:
    """Keep the progress, once: a batch that is here already, because its answer was lost, changes nothing.

    Raises NotCleared when a result lacks a clearance; the caller's transaction then keeps nothing of it.
    """
    steps = ledger.steps_named(claim.segment, {record.step for record in progress.steps})
    fresh = [record for record in progress.steps if not _is_known(steps[record.step], record, claim.attempt)]
    if len(fresh) < len(progress.steps):
        return
    for record in fresh:
        steps[record.step].key = claim.keys.get(record.step, "") if record.keyed else ""
        _take(ledger, steps[record.step], record, claim.attempt)
        if record.asked is not None:
            put_question(ledger, steps[record.step], record.asked, claim.policy)
    changed = {record.step: steps[record.step] for record in fresh}
    update(Step, list(changed.values()), WRITTEN)
    keep_results(ledger.run, claim, progress, steps)
    note_uses(ledger.run, (value for record in fresh for value in _named(record)))
    for record in fresh:
        if steps[record.step].type == SHADOW and record.state is StepState.DONE:
            count_look(shadow_of(ledger, record.step), judged=bool((record.cost or {}).get("judged")))
        if record.held is not None:
            keep_back(ledger, steps[record.step], record.held, claim.policy)
    tell_findings(ledger, [record.step for record in fresh if record.state is StepState.CACHED])
    for event in progress.events:
        if event.kind is EventKind.GATE_FINDING and is_shadow(ledger, event.data["step"]):
            write_shadow_finding(ledger, event.data)
        elif event.kind is EventKind.GATE_FINDING:
            _write_finding(ledger, event)
    for name, value in progress.results:
        result = next(item for item in ledger.plan.results if item.name == name)
        deliver(
            value, Sink.PERSON, claim.policy, partial(_write_output, ledger, result, claim.policy.labelling)
        )


def _is_known(step: Step, record: StepRecord, attempt: int) -> bool:
    """Whether this attempt has already written so much of the step. A batch is written whole or not at all."""
    if step.attempt != attempt:
        return StepState(step.state) in STEP_ENDED
    return step.state == record.state or StepState(step.state) in STEP_ENDED


def _take(ledger: Ledger, step: Step, record: StepRecord, attempt: int) -> None:
    if record.state is StepState.WAITING and record.held is None and record.pause is None:
        raise ValueError("a step that waits must say what for")
    step.state, step.attempt = record.state.value, attempt
    end_pause(step)
    step.question = None  # whoever was asked has answered, or is asked no more
    if record.pause is not None:
        begin_pause(step, record.pause)
    if record.state is StepState.RUNNING:
        step.started, step.finished = ledger.now, None
        if record.intends:
            step.effect = BEGUN
        step.seconds = step.cost = step.error = step.outputs = None
    else:
        step.finished = ledger.now if record.state in STEP_ENDED else None
        step.seconds = record.seconds
        step.cost = dict(record.cost) if record.cost else None
        step.error = record.error.to_json() if record.error else None
        step.outputs = {port: value.to_json() for port, value in record.outputs.items()}
    ledger.step_event(step)


def _named(record: StepRecord) -> list[Value]:
    """The values that are written down with the record."""
    held = [record.held.value] if record.held else []
    return [*record.outputs.values(), *held, *(record.asked or {}).values()]


def _write_finding(ledger: Ledger, event: Event) -> None:
    Finding.objects.create(run=ledger.run, at=ledger.now, **event.data)
    ledger.event(event.kind, event.data)


def _write_output(ledger: Ledger, result: Result, labelling: Labelling, value: Value) -> None:
    """Called by `deliver()`: these bytes may be seen."""
    provenance = {"run": str(ledger.run.pk), "output": result.name}
    final = sealed(value, labelling)
    shown = show_value(final, ledger.run, provenance)
    note_uses(ledger.run, [final])
    row = Output(
        run=ledger.run,
        name=result.name,
        title=result.title,
        type=str(value.type),
        value=shown,
        created=ledger.now,
    )
    if insert(Output, [row], ignore_conflicts=True):
        ledger.event(EventKind.OUTPUT, {"name": result.name, "type": str(value.type), "value": shown})
