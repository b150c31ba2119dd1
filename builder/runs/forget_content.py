"""Takes stored content out of the runs that name it: from what they were given, kept between steps, and delivered."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from builder.runs.models import ContentUse, Review, ReviewState, Run, Segment
from builder.runs.step_cache import forget_results
from builder.runs.uses import addresses_in, contents_of
from runtime.dispatch.states import RUN_ENDED, SEGMENT_ENDED
from runtime.events import EventKind
from runtime.values import Json, Value


def still_needed() -> Q:
    """Runs that nothing may be taken from: they go on, a shadow of them does, or a review of them is open."""
    return going_on() | Q(Exists(Review.objects.filter(run=OuterRef("pk"), state=ReviewState.OPEN)))


def going_on() -> Q:
    """Runs that have not ended, or of which a shadow has not."""
    working = Segment.objects.filter(run=OuterRef("pk")).exclude(
        state__in=[state.value for state in SEGMENT_ENDED]
    )
    ended = Q(state__in=[state.value for state in RUN_ENDED])
    return ~ended | Q(Exists(working))


def forget_content(run: Run, sha256: str, assets: Iterable[UUID]) -> None:
    """Of a run that has ended. `assets` are the addresses under which the run's workspace knew the content."""
    forget_results(run)
    ids = frozenset(assets)
    _forget_addresses(run, ids)
    inputs = {name: value for name, value in run.inputs.items() if not _is_one_of(value, ids)}
    arguments = {name: raw for name, raw in run.arguments.items() if not _names(raw, sha256)}
    if (inputs, arguments) != (run.inputs, run.arguments):
        run.inputs, run.arguments = inputs, arguments
        run.save(update_fields=["inputs", "arguments"])
    for step in run.steps.exclude(outputs=None):
        left = {port: raw for port, raw in (step.outputs or {}).items() if not _names(raw, sha256)}
        if left != step.outputs:
            step.outputs = left
            step.save(update_fields=["outputs"])
    for review in run.reviews.exclude(held=None):
        if review.held is not None and _names(review.held["value"], sha256):
            review.held = None
            review.save(update_fields=["held"])
    ContentUse.objects.filter(run=run, sha256=sha256).delete()


def forget_outputs(run: Run) -> None:
    """All values that the run delivered, wherever they were told; what steps handed to each other holds the same."""
    forget_results(run)
    run.outputs.update(value=None)
    run.steps.update(outputs=None, answer=None)
    run.reviews.update(released=None)
    for event in run.events.filter(kind=EventKind.OUTPUT.value):
        event.data = event.data | {"value": None}
        event.save(update_fields=["data"])


def _forget_addresses(run: Run, ids: frozenset[UUID]) -> None:
    for output in run.outputs.exclude(value=None):
        left = _without(output.value, ids)
        if left != output.value:
            output.value = left
            output.save(update_fields=["value"])
    for event in run.events.filter(kind=EventKind.OUTPUT.value):
        left = _without(event.data.get("value"), ids)
        if left != event.data.get("value"):
            event.data = event.data | {"value": left}
            event.save(update_fields=["data"])
    for review in run.reviews.exclude(released=None):
        left = _without(review.released, ids)
        if left != review.released:
            review.released = left
            review.save(update_fields=["released"])


def _without(shown: Json, ids: frozenset[UUID]) -> Json:
    """The value as a person gets it, without these files."""
    if isinstance(shown, list):
        return [item for item in shown if not _shows(item, ids)]
    return None if _shows(shown, ids) else shown


def _shows(item: Json, ids: frozenset[UUID]) -> bool:
    return any(_is_one_of(address, ids) for address in addresses_in(item))


def _is_one_of(value: Json, ids: frozenset[UUID]) -> bool:
    """Whether somebody named one of the files: by its id, however that was written."""
    named = value.get("asset") if isinstance(value, dict) else value
    try:
        return isinstance(named, str) and UUID(named) in ids
    except ValueError:
        return False


def _names(raw: Json, sha256: str) -> bool:
    return sha256 in contents_of(Value.from_json(raw))
