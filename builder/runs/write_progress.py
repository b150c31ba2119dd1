"""Writes a piece of a segment's history into a ledger: steps, findings, and results through `deliver()`."""

from functools import partial

from builder.assets.record_output import record_output
from builder.runs.ledger import Ledger
from builder.runs.models import Finding, Output, Step
from builder.runs.seal import sealed
from runtime.dispatch.states import STEP_ENDED, StepState
from runtime.dispatch.store import Claim, Progress, StepRecord
from runtime.events import Event, EventKind
from runtime.labelling.profile import Labelling
from runtime.labels import Sink
from runtime.plan import Result
from runtime.ports import ASSET_KINDS
from runtime.safety.deliver import deliver
from runtime.values import AssetRef, Json, Value, data_to_json


def write_progress(ledger: Ledger, claim: Claim, progress: Progress) -> None:
    """Keep the progress, once: a batch that is here already, because its answer was lost, changes nothing.

    Raises NotCleared when a result lacks a clearance; the caller's transaction then keeps nothing of it.
    """
    names = {record.step for record in progress.steps}
    steps = {step.name: step for step in ledger.run.steps.filter(segment=claim.segment, name__in=names)}
    fresh = [record for record in progress.steps if not _is_known(steps[record.step], record, claim.attempt)]
    if len(fresh) < len(progress.steps):
        return
    for record in fresh:
        _write_step(ledger, steps[record.step], record, claim.attempt)
    for event in progress.events:
        if event.kind is EventKind.GATE_FINDING:
            _write_finding(ledger, event)
    for name, value in progress.results:
        result = next(item for item in ledger.plan.results if item.name == name)
        deliver(value, Sink.PERSON, claim.policy, partial(_write_output, ledger, result, claim.policy.labelling))


def _is_known(step: Step, record: StepRecord, attempt: int) -> bool:
    """Whether this attempt has already written so much of the step. A batch is written whole or not at all."""
    if step.attempt != attempt:
        return StepState(step.state) in STEP_ENDED
    return step.state == record.state or StepState(step.state) in STEP_ENDED


def _write_step(ledger: Ledger, step: Step, record: StepRecord, attempt: int) -> None:
    step.state, step.attempt = record.state.value, attempt
    if record.state is StepState.RUNNING:
        step.started = ledger.now
    else:
        step.finished = ledger.now
        step.seconds = record.seconds
        step.cost = dict(record.cost) if record.cost else None
        step.error = record.error.to_json() if record.error else None
        step.outputs = {port: value.to_json() for port, value in record.outputs.items()}
    step.save()
    ledger.step_event(step)


def _write_finding(ledger: Ledger, event: Event) -> None:
    Finding.objects.create(run=ledger.run, at=ledger.now, **event.data)
    ledger.event(event.kind, event.data)


def _write_output(ledger: Ledger, result: Result, labelling: Labelling, value: Value) -> None:
    """Called by `deliver()`: these bytes may be seen."""
    shown = _shown(ledger, result, sealed(value, labelling))
    _, created = Output.objects.get_or_create(
        run=ledger.run,
        name=result.name,
        defaults={"title": result.title, "type": str(value.type), "value": shown, "created": ledger.now},
    )
    if created:
        ledger.event(EventKind.OUTPUT, {"name": result.name, "type": str(value.type), "value": shown})


def _shown(ledger: Ledger, result: Result, value: Value) -> Json:
    """The value as a person gets it: plain data as it is, stored bytes by an address."""
    if value.type.kind not in ASSET_KINDS:
        return data_to_json(value.type, value.data)
    if isinstance(value.data, list):
        return [_address(ledger, result, item) for item in value.data]
    assert isinstance(value.data, AssetRef)
    return _address(ledger, result, value.data)


def _address(ledger: Ledger, result: Result, ref: AssetRef) -> dict[str, Json]:
    provenance = {"run": str(ledger.run.pk), "output": result.name}
    asset = record_output(ledger.run.workspace, ref, provenance)
    return {
        "asset": str(asset.pk),
        "url": asset.url,
        "width": ref.width,
        "height": ref.height,
        "media_type": ref.media_type,
        "size": ref.size,
    }
