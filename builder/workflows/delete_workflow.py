"""Deletes a workflow, and brings it back for thirty days."""

from datetime import timedelta

from django.utils import timezone

from builder.common.errors import not_found
from builder.workflows.callers_of import refuse_called
from builder.workflows.models import Workflow

UNDO_WINDOW = timedelta(days=30)


def delete_workflow(workflow: Workflow, anyway: bool = False) -> None:
    """Hide it from everybody. Runs that have begun go on, and their history stays.

    Raises Refused `workflow_called` when others call it, unless they are to do without it (`anyway`).
    """
    if not anyway:
        refuse_called(workflow)
    Workflow.objects.filter(pk=workflow.pk, deleted=None).update(deleted=timezone.now())


def restore_workflow(workflow: Workflow) -> None:
    """Undo the deletion. Raises Refused 404 when the time for that is over."""
    if workflow.deleted is None:
        return
    start = timezone.now() - UNDO_WINDOW
    if not Workflow.objects.filter(pk=workflow.pk, deleted__gte=start).update(deleted=None):
        raise not_found()
