"""Uses: which stored bytes a run names. Bytes that no use and no asset names belong to nobody."""

from collections.abc import Iterable, Iterator

from builder.assets.models import Asset
from builder.runs.models import ContentUse, Run
from runtime.ports import ASSET_KINDS
from runtime.values import AssetRef, Json, Value


def contents_of(value: Value) -> Iterator[str]:
    """The SHA-256 of everything stored that the value is made of."""
    if value.type.kind in ASSET_KINDS and value.data is not None:
        items = value.data if isinstance(value.data, list) else [value.data]
        yield from (item.sha256 for item in items if isinstance(item, AssetRef))


def note_uses(run: Run, values: Iterable[Value]) -> None:
    """Write down that the run names what these values are made of. In the transaction that writes the values."""
    found = {sha256 for value in values for sha256 in contents_of(value)}
    if found:
        ContentUse.objects.bulk_create(
            (ContentUse(run=run, sha256=sha256) for sha256 in sorted(found)), ignore_conflicts=True
        )


def recount(run: Run) -> set[str]:
    """After something was taken out of the run: forget the uses that are no more, and say which those are."""
    named = {sha256 for raw in _values(run) for sha256 in contents_of(Value.from_json(raw))}
    given = [item for value in _given(run) for item in addresses_in(value)]
    named |= set(Asset.objects.filter(pk__in=given).values_list("sha256", flat=True))
    gone = run.uses.exclude(sha256__in=named)
    lost = set(gone.values_list("sha256", flat=True))
    gone.delete()
    return lost


def addresses_in(shown: Json) -> Iterator[str]:
    """The ids of the assets in a value as a person gets it."""
    for item in shown if isinstance(shown, list) else [shown]:
        if isinstance(item, dict) and isinstance(item.get("url"), str) and isinstance(item.get("asset"), str):
            yield item["asset"]


def _values(run: Run) -> Iterator[Json]:
    """Everything in the run that is kept as a Value."""
    yield from run.arguments.values()
    for outputs in run.steps.exclude(outputs=None).values_list("outputs", flat=True):
        yield from (outputs or {}).values()
    for shown in run.steps.exclude(question=None).values_list("question", flat=True):
        yield from (shown or {}).values()
    for review in run.reviews.exclude(held=None):
        if review.held is not None:
            yield review.held["value"]


def _given(run: Run) -> Iterator[Json]:
    yield from run.outputs.exclude(value=None).values_list("value", flat=True)
    yield from run.reviews.exclude(released=None).values_list("released", flat=True)
