"""Cancels a run: what has not begun never will; what runs is told to stop, and killed when it does not."""

from builder.runs.ledger import has_ended, open_ledger
from builder.runs.models import Run
from builder.runs.refuse_run import refuse_unreadable


def cancel_run(run: Run) -> Run:
    """The run as it stands then. One that has ended stays as it is; asking twice changes nothing."""
    with open_ledger(run.pk) as ledger:
        if refuse_unreadable(ledger):
            pass  # ended, if for another reason
        elif not has_ended(ledger.run) and not ledger.run.cancel_requested:
            ledger.run.cancel_requested = True
            ledger.run.save(update_fields=["cancel_requested"])
            ledger.go_on()
    return Run.objects.get(pk=run.pk)
