"""Releases what an allowed appeal gives back. The run stays as it ended: the value stands beside it, under the appeal."""

from functools import partial

from builder.runs.ledger import Ledger
from builder.runs.models import Review
from builder.runs.show_value import show_value
from runtime.labels import Clearance, Sink
from runtime.safety.deliver import deliver
from runtime.values import Value


def release(ledger: Ledger, review: Review) -> None:
    """Write the value where its author reads it, through `deliver()`, cleared by the reviewers' decision.

    Raises NotCleared when the gate that withheld it was not all that stood between it and a person.
    """
    held = review.material
    assert held is not None  # an open review has its material: the database holds that
    value = held.value
    clearances = frozenset(Clearance(value.digest, rule, review.policy) for rule in review.rules)
    cleared = Value(value.type, value.data, value.sources, clearances)
    deliver(cleared, Sink.PERSON, ledger.run.policy.policy, partial(_write, ledger, review))


def _write(ledger: Ledger, review: Review, value: Value) -> None:
    provenance = {"run": str(ledger.run.pk), "appeal": str(review.pk)}
    review.released = show_value(value, ledger.run.workspace, provenance)
    review.save(update_fields=["released"])
