"""Deletes a file, a run or a workflow because somebody asked; takes up what a crash has interrupted."""

from collections.abc import Callable
from dataclasses import dataclass

from django.db import transaction

from builder.accounts.models import User
from builder.assets.models import Asset
from builder.keeping.holds import lock_holds
from builder.keeping.models import Erased, Erasure
from builder.leaving.erase_person import person_piece
from builder.leaving.erasure import begin, deleting, finish, target_in
from builder.leaving.take import (
    require_asset,
    require_run,
    require_workflow,
    take_asset,
    take_run,
    take_workflow,
)
from builder.leaving.withdraw_appeals import withdraw_appeals
from builder.runs.models import Run
from builder.workflows.delete_workflow import UNDO_WINDOW
from builder.workflows.models import Workflow
from runtime.values import Json

# Pieces that whoever asked waits for; the sweep does the rest.
AT_ONCE = 100


def erase_asset(asset: Asset, by: User | None) -> Erasure:
    """Raises Refused 409: `legal_hold`, `still_needed`."""
    with transaction.atomic():
        lock_holds()
        require_asset(asset)
        erasure = begin(Erased.ASSET, asset.pk, asset.workspace_id, by)
    return go_on(erasure)


def erase_run(run: Run, by: User | None) -> Erasure:
    """Whoever started it withdraws their appeal by this. Raises Refused 409: `legal_hold`, `still_needed`."""
    with transaction.atomic():
        lock_holds()
        rows = Run.objects.filter(pk=run.pk)
        withdraw_appeals(rows, by, by)
        require_run(rows)
        erasure = begin(Erased.RUN, run.pk, run.workspace_id, by)
    return go_on(erasure)


def erase_workflow(workflow: Workflow, by: User | None, with_runs: bool = False) -> Erasure:
    """For good. Its runs stay as history unless they are asked for. Raises Refused 409."""
    with transaction.atomic():
        lock_holds()
        if with_runs:
            withdraw_appeals(Run.objects.filter(workflow=workflow), by, by)
        require_workflow(workflow, with_runs)
        # From now on nobody finds it, and nobody brings it back.
        Workflow.objects.filter(pk=workflow.pk).update(deleted=workflow.created - UNDO_WINDOW)
        kind = Erased.HISTORY if with_runs else Erased.WORKFLOW
        erasure = begin(kind, workflow.pk, workflow.workspace_id, by)
    return go_on(erasure)


def go_on(erasure: Erasure, most: int = AT_ONCE) -> Erasure:
    """Do so many pieces of what is left of it, each in a transaction of its own. Raises Refused: it stays begun."""
    for _ in range(most):
        if erasure.finished is not None:
            break
        if PIECES[Erased(erasure.kind)](erasure):
            finish(erasure)
            break
    return erasure


def _asset_piece(erasure: Erasure) -> bool:
    with deleting(erasure) as tally:
        asset = target_in(Asset.objects.all(), erasure)
        return asset is None or take_asset(asset, tally)


def _run_piece(erasure: Erasure) -> bool:
    with deleting(erasure) as tally:
        run = target_in(Run.objects.only("id"), erasure)
        if run is not None:
            take_run(run, tally)
    return True


def _workflow_piece(erasure: Erasure) -> bool:
    with_runs = erasure.kind == Erased.HISTORY
    with deleting(erasure) as tally:
        workflow = target_in(Workflow.objects.all(), erasure)
        if workflow is None:
            return True
        require_workflow(workflow, with_runs)
        run = Run.objects.filter(workflow=workflow).only("id").first() if with_runs else None
        if run is None:
            take_workflow(workflow, tally)
            return True
        take_run(run, tally)
    return False


def _nothing_left(erasure: Erasure) -> bool:
    """A sweep's deletion is whole with each turn."""
    return True


PIECES: dict[Erased, Callable[[Erasure], bool]] = {
    Erased.ASSET: _asset_piece,
    Erased.RUN: _run_piece,
    Erased.WORKFLOW: _workflow_piece,
    Erased.HISTORY: _workflow_piece,
    Erased.PERSON: person_piece,
    Erased.SWEEP: _nothing_left,
}


@dataclass(frozen=True, slots=True)
class Receipt:
    """A deletion as whoever asked for it keeps it: never the material, and no id in the clear."""

    erasure: Erasure

    def to_json(self) -> dict[str, Json]:
        erasure = self.erasure
        return {
            "id": str(erasure.pk),
            "what": erasure.kind,
            "which": erasure.subject,
            "deleted": erasure.counts,
            "by": erasure.by.display_name if erasure.by else None,
            "begun": erasure.created.isoformat(),
            "finished": erasure.finished.isoformat() if erasure.finished else None,
            "audit_entries": erasure.entries,
        }
