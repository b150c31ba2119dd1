"""Saves a draft as the next revision, unless somebody else was faster."""

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.keeping.holds import under_hold
from builder.workflows.models import Revision, Workflow
from builder.workflows.read_graph import read_graph
from runtime.values import Json
from runtime.words import Words

KEPT_REVISIONS = 200


def save_draft(workflow: Workflow, user: User | None, base_revision: int, graph: Json) -> Revision:
    """The new revision. Raises Refused `graph_invalid` (400), or `revision_conflict` (409) with the current draft."""
    kept = read_graph(graph).to_json()
    saved = timezone.now()
    with transaction.atomic():
        # Counted by the database: the number beside the largest does not fit its column.
        moved = Workflow.objects.filter(pk=workflow.pk, revision=base_revision).update(
            revision=F("revision") + 1, updated=saved
        )
        if moved:
            revision = Revision.objects.create(
                workflow=workflow, number=base_revision + 1, graph=kept, saved=saved, by=user
            )
            old = Revision.objects.filter(workflow=workflow, number__lte=revision.number - KEPT_REVISIONS)
            old.exclude(under_hold(workspace="workflow__workspace", person="by")).delete()
            return revision
    raise _conflict(workflow)


def _conflict(workflow: Workflow) -> Refused:
    workflow.refresh_from_db()
    current = workflow.draft
    return Refused(
        "revision_conflict",
        Words("The draft was changed elsewhere since you opened it.", "打开后，该草稿已在别处被修改。"),
        Words(
            "Take over the newer draft, or save yours as a copy.", "请采用较新的草稿，或将您的另存为副本。"
        ),
        status=409,
        extra={
            "current": {
                "revision": current.number,
                "graph": current.graph,
                "saved": current.saved.isoformat(),
                "by": current.by.display_name if current.by else None,
            }
        },
    )
