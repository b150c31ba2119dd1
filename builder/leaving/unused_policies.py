"""Combined policies that nothing needs. One is made for each set of floors and called workflows that is looked at.

One stays as long as a run is pinned to it or a published version was compiled under it, and for a day after it was made,
so that what is being compiled finds it. It is made anew, under another number, when it is wanted again.
"""

from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet

from builder.runs.models import Run
from builder.safety.models import PolicyVersion, Scope
from builder.workflows.models import WorkflowVersion

KEPT = timedelta(days=1)


def unused_policies(now: datetime) -> QuerySet[PolicyVersion]:
    """Never the one with the highest number: no number is given twice."""
    highest = PolicyVersion.objects.aggregate(highest=Max("version"))["highest"] or 0
    rows = PolicyVersion.objects.filter(
        scope=Scope.COMBINED.value, created__lt=now - KEPT, version__lt=highest
    )
    pinned = Run.objects.filter(policy=OuterRef("pk"))
    published = WorkflowVersion.objects.filter(policy_version=OuterRef("pk"))
    return rows.exclude(Exists(pinned)).exclude(Exists(published)).order_by("version")


def forget_policies(now: datetime, most: int) -> int:
    """Delete at most so many of them; how many went."""
    gone = 0
    for version in list(unused_policies(now).values_list("version", flat=True)[:most]):
        try:
            with transaction.atomic():
                # Whoever pins a run to it now waits, and then makes it anew; whoever was before us is seen.
                PolicyVersion.objects.select_for_update().filter(version=version).first()
                gone += unused_policies(now).filter(version=version).delete()[0]
        except IntegrityError:
            continue  # a run came in between
    return gone
