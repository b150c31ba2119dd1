"""Releases what an allowed appeal gives back. The run stays as it ended: the value stands beside it, under the appeal."""

from dataclasses import replace
from functools import partial

from builder.assets.store import open_store
from builder.runs.ledger import Ledger
from builder.runs.models import Review
from builder.runs.seal import sealed
from builder.runs.show_value import show_value
from builder.runs.uses import note_uses
from runtime.labelling.profile import Labelling
from runtime.labels import Clearance, Sink
from runtime.plan import GateChain
from runtime.safety.deliver import deliver
from runtime.safety.marking import marked
from runtime.safety.ruling import Cut, cut_out
from runtime.values import Value


def release(ledger: Ledger, review: Review, cuts: tuple[Cut, ...] = ()) -> None:
    """Write what is left of the value where its author reads it, through `deliver()`, cleared by the decision.

    No filter is asked about what is left: the reviewers, who could have allowed all of it, stand above them here.

    Raises NotCleared when the gate that withheld it was not all that stood between it and a person.
    """
    held = review.material
    assert held is not None  # an open review has its material: the database holds that
    policy = ledger.run.policy.policy
    chain = GateChain(tuple(review.rules), ())
    left = cut_out(held.value.type, held.value.data, cuts)
    data = marked(held.value.type, left, held.value.sources, chain, policy, open_store())
    value = replace(held.value, data=data)
    clearances = frozenset(Clearance(value.digest, rule, review.policy) for rule in review.rules)
    cleared = replace(value, clearances=clearances)
    deliver(cleared, Sink.PERSON, policy, partial(_write, ledger, review, policy.labelling))


def _write(ledger: Ledger, review: Review, labelling: Labelling, value: Value) -> None:
    provenance = {"run": str(ledger.run.pk), "appeal": str(review.pk)}
    final = sealed(value, labelling)
    review.released = show_value(final, ledger.run, provenance)
    note_uses(ledger.run, [final])
    review.save(update_fields=["released"])
