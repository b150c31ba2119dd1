"""withhold_stale: a run whose policy has become stricter since ends withheld, before more of it is let through.

A run is pinned to the policy that it was compiled under: its gates are that policy's. Where the one in force asks for
more, nobody's decision and no clearance under the old one counts any longer (docs/decisions/033). Asked at each claim,
in each transaction that delivers or keeps something, at each opinion, and by the sweep.
"""

from builder.runs.ledger import Ledger, has_ended, open_ledger
from builder.runs.models import Run
from builder.runs.refuse_run import refuse_unreadable
from builder.runs.spares_others import spares_others
from builder.safety.append_audit import append_audit
from builder.safety.models import PolicyVersion
from builder.safety.owner import Owner
from builder.safety.standing import standing
from builder.safety.tightened import tightened
from runtime.dispatch.failures import policy_tightened
from runtime.dispatch.states import RUN_ENDED, SEGMENT_ENDED, RunState, SegmentState, StepState
from runtime.memory import Memory
from runtime.plan import GATE

# What was found, by whose run it is, its policy, and what stood in force: versions never change, so neither does this.
_asked: Memory[list[str]] = Memory(room=10_000)


def asks_more(run: Run) -> list[str]:
    """The ids of rules in which the policy in force now asks for more than the run's own; empty while in none."""
    owner = Owner(str(run.workspace_id), str(run.workflow_id) if run.workflow_id else "")
    if run.called:
        return tightened(owner, run.called, run.policy_id)
    key = (owner, run.policy_id, standing(owner))
    rules = _asked.get(key)
    if rules is None:
        rules = tightened(owner, (), run.policy_id)
        # Looking may itself bring a newer built-in policy into force, and what was found then is true of that.
        _asked.put((owner, run.policy_id, standing(owner)), rules)
    return rules


def withhold_if_stale(ledger: Ledger) -> bool:
    """Whether the run was withheld. One that has ended stays as it is."""
    if has_ended(ledger.run):
        return False
    if refuse_unreadable(ledger):
        return True
    rules = asks_more(ledger.run)
    if rules:
        _withhold(ledger, rules)
    return bool(rules)


def withhold_all_stale(since: int) -> int:
    """Look at every run under way when there is a policy with a higher number than `since`.

    Given back is the highest, of which nothing need be asked again; `since` while there was a fault with one of them.
    """
    newest: int = PolicyVersion.objects.order_by("-version").values_list("version", flat=True).first() or 0
    if newest > since:
        under_way = Run.objects.exclude(state__in=[state.value for state in RUN_ENDED])
        looked_at = [
            _withhold_if_asked(run)
            for run in list(under_way.only("workspace_id", "workflow_id", "called", "policy_id"))
        ]
        return newest if all(looked_at) else since
    return newest


def _withhold_if_asked(run: Run) -> bool:
    """Whether that could be found out, and done."""
    with spares_others(f"run {run.pk}"):
        # Looked at again under the run's lock, which who is not concerned never waits for.
        if asks_more(run):
            with open_ledger(run.pk) as ledger:
                withhold_if_stale(ledger)
        return True
    return False


def _withhold(ledger: Ledger, rules: list[str]) -> None:
    """End all that has not ended: gates that wait and promised outputs are withheld, what else was to come is cancelled.

    A worker that is at it finds its fence stale. Shadows show nothing to anybody, and end as they like.
    """
    promised = {item.step for item in ledger.plan.results}
    ledger.start_run()
    for segment in ledger.run.segments.exclude(state__in=[state.value for state in SEGMENT_ENDED]):
        if segment.index in ledger.plan.shadows:
            continue
        for step in ledger.run.steps.filter(segment=segment.index).order_by("position"):
            held = step.state == StepState.WAITING and step.type == GATE
            withheld = held or step.name in promised
            ledger.end_steps([step], StepState.WITHHELD if withheld else StepState.CANCELLED)
        ledger.move_segment(segment, SegmentState.CANCELLED, worker="", leased_until=None)
    ledger.run.error = policy_tightened().to_json()
    ledger.go_on()
    if ledger.state is not RunState.BLOCKED and ledger.run.error == policy_tightened().to_json():
        ledger.run.error = None  # all that it promised had been delivered, or somebody had cancelled it
    append_audit(
        "run.withheld",
        by=None,
        subject=f"run {ledger.run.pk}",
        data={"policy": ledger.run.policy_id, "rules": rules},
    )
