"""What the time of has run out: by the retention of each workspace, and what was deleted and not brought back."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from builder.assets.models import Asset, Origin
from builder.keeping.holds import under_hold
from builder.keeping.models import Kept, Read
from builder.keeping.retention import overdue
from builder.leaving.take import RUN_HELD
from builder.runs.forget_content import still_needed
from builder.runs.keep_back import MATERIAL_HELD
from builder.runs.models import ContentUse, Output, Review, ReviewState, Run, Step
from builder.workflows.delete_workflow import UNDO_WINDOW
from builder.workflows.models import Revision, Workflow, WorkflowVersion

NEVER = Q(pk__in=[])


def overdue_runs(now: datetime) -> QuerySet[Run]:
    """Runs that go whole, with what they were given."""
    return _free(Run.objects.filter(overdue(Kept.RUNS, now, "workspace", "finished") or NEVER))


def overdue_values(now: datetime) -> QuerySet[Run]:
    """Runs that lose what their steps handed on."""
    old = overdue(Kept.INTERMEDIATE, now, "workspace", "finished")
    kept = Step.objects.filter(run=OuterRef("pk"), outputs__isnull=False)
    return _free(Run.objects.filter(old or NEVER).filter(Exists(kept)))


def overdue_results(now: datetime) -> QuerySet[Run]:
    """Runs that lose what they delivered."""
    old = overdue(Kept.OUTPUTS, now, "workspace", "finished")
    delivered = Output.objects.filter(run=OuterRef("pk"), value__isnull=False)
    released = Review.objects.filter(run=OuterRef("pk"), released__isnull=False)
    return _free(Run.objects.filter(old or NEVER).filter(Exists(delivered) | Exists(released)))


def overdue_files(now: datetime) -> QuerySet[Asset]:
    """Uploads and delivered files. What a workspace has as both goes when the time of both is over."""
    due = NEVER
    for kind, origin in ((Kept.UPLOADS, Origin.UPLOAD), (Kept.OUTPUTS, Origin.OUTPUT)):
        old = overdue(kind, now, "workspace", "created")
        if old is not None:
            due |= Q(origin=origin) & old
    same = Q(workspace=OuterRef("workspace"), sha256=OuterRef("sha256"))
    young = Asset.objects.filter(same).exclude(due)
    naming = ContentUse.objects.filter(run__workspace=OuterRef("workspace"), sha256=OuterRef("sha256"))
    held = naming.filter(run__in=Run.objects.filter(RUN_HELD | still_needed()).values("pk"))
    rows = Asset.objects.filter(due).exclude(Exists(young)).exclude(Exists(held))
    return rows.exclude(under_hold(workspace="workspace", person="by")).order_by("created", "pk")


def overdue_material(now: datetime) -> QuerySet[Review]:
    """What gates kept back, once nobody is to decide about it any more."""
    old = overdue(Kept.HELD, now, "run__workspace", "created") or NEVER
    rows = Review.objects.filter(old, held__isnull=False).exclude(state=ReviewState.OPEN)
    return rows.exclude(MATERIAL_HELD).order_by("pk")


def overdue_reads(now: datetime) -> QuerySet[Read]:
    """Lines of the data-use log. A hold on a person keeps what they did as well."""
    rows = Read.objects.filter(overdue(Kept.READS, now, "workspace", "at") or NEVER)
    return rows.exclude(under_hold(workspace="workspace", person="by")).order_by("pk")


def overdue_workflows(now: datetime) -> QuerySet[Workflow]:
    """Documents that were deleted, and are not coming back."""
    rows = Workflow.objects.filter(deleted__lt=now - UNDO_WINDOW)
    people = under_hold(person="by")
    held = (
        Exists(Revision.objects.filter(people, workflow=OuterRef("pk"))),
        Exists(WorkflowVersion.objects.filter(people, workflow=OuterRef("pk"))),
        Exists(Run.objects.filter(RUN_HELD, workflow=OuterRef("pk"))),
        under_hold(workspace="workspace"),
    )
    for reason in held:
        rows = rows.exclude(reason)
    return rows.order_by("deleted", "pk")


def everything_overdue(now: datetime) -> Iterator[tuple[str, QuerySet[Any], str]]:
    """For a list: what it is, the rows, and the way from a row to its workspace's id."""
    yield "runs", overdue_runs(now), "workspace"
    yield "values between steps (runs)", overdue_values(now), "workspace"
    yield "outputs (runs)", overdue_results(now), "workspace"
    yield "files", overdue_files(now), "workspace"
    yield "held material", overdue_material(now), "run__workspace"
    yield "lines of the data-use log", overdue_reads(now), "workspace"
    yield "deleted workflows", overdue_workflows(now), "workspace"


def _free(runs: QuerySet[Run]) -> QuerySet[Run]:
    return runs.exclude(RUN_HELD).exclude(still_needed()).order_by("finished", "pk")
