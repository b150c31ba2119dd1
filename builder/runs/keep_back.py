"""Keeps back what a gate did not let pass: for a reviewer who must decide, or for an appeal of the author.

Under the run's lock, in the transaction that changes the step; but what is kept no longer goes with the sweep.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Now

from builder.keeping.holds import lock_holds, under_hold
from builder.runs.ledger import Ledger, open_ledger
from builder.runs.models import Answer, Purpose, Review, ReviewState, Segment, Step
from builder.runs.spares_others import spares_others
from builder.safety.append_audit import append_audit
from runtime.dispatch.states import SegmentState, StepState
from runtime.labels import Sink
from runtime.plan import Plan
from runtime.safety.policy import Policy
from runtime.safety.ruling import Cut, Decision, Held, Ruling

# A legal hold keeps the material of a review too, longer than anybody may look at it.
# Also for whom a hold is on that looked at it or decided about it (builder.reviews).
_reviewed = Review.objects.filter(under_hold(person="looks__by") | under_hold(person="opinions__by"))
MATERIAL_HELD = (
    under_hold(workspace="run__workspace", run="run", person="run__by")
    | Q(Exists(Answer.objects.filter(under_hold(person="by"), run=OuterRef("run"))))
    | Q(pk__in=_reviewed.values("pk"))
)

OVER = (ReviewState.DECIDED, ReviewState.EXPIRED, ReviewState.CLOSED)


def keep_back(ledger: Ledger, step: Step, held: Held, policy: Policy) -> None:
    """Write down what the step kept: a review when it waits, else what an appeal would need."""
    outputs = outputs_behind(ledger.plan, step.name)
    if step.state == StepState.WAITING:
        _write(ledger, step, held, policy, outputs, Purpose.HOLD)
    elif settings.APPEAL_DAYS > 0 and outputs and _is_for_people(ledger.plan, step.name, policy):
        _write(ledger, step, held, policy, outputs, Purpose.APPEAL)


def _write(
    ledger: Ledger, step: Step, held: Held, policy: Policy, outputs: list[str], purpose: Purpose
) -> None:
    waits = purpose is Purpose.HOLD
    gate = ledger.plan.step(step.name).gate
    if gate is None:
        raise ValueError("only a gate keeps something back")
    Review.objects.create(
        run=ledger.run,
        step=step.name,
        purpose=purpose,
        state=ReviewState.OPEN if waits else ReviewState.KEPT,
        rules=list(gate.rules),
        digest=held.value.digest,
        policy=policy.digest,
        held=held.to_json(),
        type=str(held.value.type),
        outputs=outputs,
        needed=settings.REVIEWERS,
        created=ledger.now,
        deadline=ledger.now + timedelta(hours=settings.REVIEW_HOURS) if waits else None,
        keep_until=None if waits else ledger.now + timedelta(days=settings.APPEAL_DAYS),
    )


def outputs_behind(plan: Plan, gate: str) -> list[str]:
    """The results that the gate itself stands before."""
    names = []
    for result in plan.results:
        binding = plan.step(result.step).binding(result.port)
        if binding is not None and any(ref.step == gate for ref in binding.refs):
            names.append(result.name)
    return names


def _is_for_people(plan: Plan, step: str, policy: Policy) -> bool:
    gate = plan.step(step).gate
    return gate is not None and any(
        rule.sink is Sink.PERSON for rule in policy.rules if rule.id in gate.rules
    )


def decide(ledger: Ledger, review: Review, decision: Decision, cuts: tuple[Cut, ...] = ()) -> None:
    """Make the decision stand, and the waiting gate's segment ready. The next sweep lets go of the material."""
    _rule(ledger, review, ReviewState.DECIDED, decision, cuts)


def expire_reviews() -> None:
    """Withhold what nobody has decided about in time."""
    overdue = Review.objects.filter(state=ReviewState.OPEN, deadline__lt=Now())
    for run_id in set(overdue.values_list("run_id", flat=True)):
        with spares_others(f"run {run_id}"):
            _expire(run_id)


def forget_material() -> None:
    """Let go of what nobody is to decide about any more. Under a legal hold it stays until that is lifted.

    Only here, where no run is locked: a deletion locks the holds first and then the run.
    """
    over = Q(keep_until__lt=Now()) | Q(state__in=OVER)
    stale = Review.objects.filter(over, held__isnull=False).exclude(state=ReviewState.OPEN)
    if not stale.exclude(MATERIAL_HELD).exists():
        return
    with transaction.atomic():
        lock_holds()
        stale.exclude(MATERIAL_HELD).update(held=None)


def _expire(run_id: UUID) -> None:
    with open_ledger(run_id) as ledger:
        # Looked at again under the run's lock: somebody may have decided at the last moment.
        for review in ledger.run.reviews.filter(state=ReviewState.OPEN, deadline__lt=Now()):
            _rule(ledger, review, ReviewState.EXPIRED, Decision.BLOCK, ())
            append_audit(
                "review.decided",
                by=None,
                subject=f"run {run_id} step {review.step}",
                reason="Nobody decided in time.",
                data={"review": str(review.pk), "decision": Decision.BLOCK.value, "digest": review.digest},
            )


def _rule(
    ledger: Ledger, review: Review, state: ReviewState, decision: Decision, cuts: tuple[Cut, ...]
) -> None:
    ruling = Ruling(decision, review.digest, tuple(review.rules), review.policy, cuts)
    review.state, review.decided, review.ruling = state, ledger.now, ruling.to_json()
    review.save(update_fields=["state", "decided", "ruling"])
    if review.purpose == Purpose.HOLD:
        step = ledger.run.steps.get(name=review.step)
        resume(ledger, ledger.run.segments.get(index=step.segment))


def resume(ledger: Ledger, segment: Segment) -> None:
    """Make the segment ready when it waits and a person has decided about one of its gates.

    One that still runs other branches is looked at again when it comes to wait.
    """
    if segment.state == SegmentState.WAITING and rulings_for(ledger, segment.index):
        ledger.offer(segment)


def rulings_for(ledger: Ledger, segment: int) -> dict[str, Ruling]:
    """What people decided about the gates of the segment that wait, by step."""
    waiting = list(
        ledger.run.steps.filter(segment=segment, state=StepState.WAITING.value).values_list("name", flat=True)
    )
    if not waiting:
        return {}
    rows = ledger.run.reviews.filter(purpose=Purpose.HOLD, step__in=waiting).order_by("id")
    # The newest counts: a gate that was held anew, for other bytes, waits for its own decision.
    newest = {row.step: row for row in rows.defer("held")}
    return {name: Ruling.from_json(row.ruling) for name, row in newest.items() if row.ruling is not None}
