"""decide_effect: a person says whether a step happened that must not happen twice, or stops the run. Once."""

from enum import StrEnum

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.runs.doubts import open_doubt, settle_doubt, tell_decision
from builder.runs.ledger import open_ledger
from builder.runs.models import Run
from builder.runs.refuse_run import refuse_unreadable
from builder.safety.append_audit import append_audit
from runtime.words import Words


class Said(StrEnum):
    HAPPENED = "happened"
    NOT_HAPPENED = "not_happened"
    STOP = "stop"


def decide_effect(run: Run, user: User, step: str, attempt: int, said: Said) -> Run:
    """The run as it stands then. `attempt` is the one that they looked at.

    Raises Refused 409 `nothing_to_decide`: somebody else was faster, the run was cancelled, or the step asks nothing.
    """
    with open_ledger(run.pk) as ledger:
        found = None if refuse_unreadable(ledger) else open_doubt(ledger, step)
        if found is not None and found.attempt == attempt:
            tell_decision(ledger, found, said.value)
            append_audit(
                "effect.decided",
                by=user,
                subject=f"run {run.pk} step {step}",
                data={"attempt": attempt, "decision": said.value},
            )
            if said is Said.STOP:
                ledger.run.cancel_requested = True
                ledger.run.save(update_fields=["cancel_requested"])
                ledger.go_on()
            else:
                settle_doubt(ledger, found, said is Said.HAPPENED)
            decided = True
        else:
            decided = False
    if not decided:
        raise Refused(
            "nothing_to_decide",
            Words(
                "There is nothing to decide about this step, or not any more.", "此步骤没有或已无需作出决定。"
            ),
            Words("Load the page again to see how it stands.", "请重新加载页面查看最新状态。"),
            status=409,
        )
    return Run.objects.get(pk=run.pk)
