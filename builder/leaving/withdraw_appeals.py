"""withdraw_appeals: who deletes a run gives up what they had appealed for there."""

from django.db.models import QuerySet
from django.utils import timezone

from builder.accounts.models import User
from builder.runs.models import Purpose, Review, ReviewState, Run
from builder.safety.append_audit import append_audit


def withdraw_appeals(runs: QuerySet[Run], author: User | None, by: User | None) -> None:
    """Close the open appeals of this author. Others' stay: nobody takes an appeal from who made it.

    In the caller's transaction, before it asks what is still needed; what is under a hold is refused there, and this
    with it.
    """
    if author is None:
        return
    rows = Review.objects.filter(purpose=Purpose.APPEAL, state=ReviewState.OPEN)
    mine = runs.filter(by=author, pk__in=rows.values("run")).values_list("pk", flat=True)
    # In their locks' order, and looked at again under them: somebody may have decided at the last moment.
    locked = list(mine.select_for_update(of=("self",)).order_by("pk"))
    for review in rows.filter(run__in=locked).defer("held"):
        review.state, review.decided = ReviewState.CLOSED, timezone.now()
        review.save(update_fields=["state", "decided"])
        subject = f"run {review.run_id} step {review.step}"
        append_audit("review.withdrawn", by=by, subject=subject, data={"review": str(review.pk)})
