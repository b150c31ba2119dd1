"""A review as JSON: everything but the material."""

from datetime import datetime

from builder.accounts.models import User
from builder.reviews.appeal import appeals_of
from builder.reviews.desk import has_judged_hold, is_own, reads_words
from builder.runs.models import Review, ReviewState, Run
from builder.runs.view_run import view_finding
from builder.runs.withhold_stale import asks_more
from runtime.safety.ruling import Ruling
from runtime.values import Json

# What an appeal came to, by what was decided.
APPEAL_STATES: dict[str | None, str] = {"allow": "allowed", "redact": "redacted", "block": "refused"}


def view_review(review: Review, reader: User) -> dict[str, Json]:
    """As it lies on the reader's desk. What others decided shows once all have: nobody should lean on anybody."""
    opinions = list(review.opinions.all())
    over = review.state in (ReviewState.DECIDED, ReviewState.EXPIRED, ReviewState.CLOSED)
    return {
        "id": str(review.pk),
        "purpose": review.purpose,
        "state": review.state,
        "run": str(review.run_id),
        "workspace": {"id": str(review.run.workspace_id), "name": review.run.workspace.name},
        "workflow_name": review.run.workflow_name,
        "step": review.step,
        "rules": review.rules,
        "outputs": review.outputs,
        "type": review.type,
        "text": review.text,
        "findings": [view_finding(item) for item in review.run.findings.all() if item.step == review.step],
        "needed": review.needed,
        "given": len(opinions),
        "created": review.created.isoformat(),
        "deadline": _iso(review.deadline),
        "decided": _iso(review.decided),
        "decision": _decision(review),
        "own": is_own(review, reader),
        "judged_hold": has_judged_hold(review, reader),
        "tightened": review.state == ReviewState.OPEN and bool(asks_more(review.run)),
        "judged": any(item.by_id == reader.pk for item in opinions),
        "opinions": [
            {"name": item.name, "decision": item.decision, "note": item.note, "at": item.at.isoformat()}
            for item in opinions
            if over or item.by_id == reader.pk
        ],
        "looks": [{"name": item.name, "at": item.at.isoformat()} for item in review.looks.all()],
    }


def view_appeals(run: Run, reader: User) -> list[dict[str, Json]]:
    """What was withheld from the run's outputs and kept, appealed for or not."""
    words = reads_words(run, reader)
    return [view_appeal(item, words) for item in appeals_of(run)]


def view_appeal(review: Review, words: bool) -> dict[str, Json]:
    """What came of it, and what was given back; with `words` also what was said for it, and why it was decided so."""
    told = words and review.state == ReviewState.DECIDED
    return {
        "id": str(review.pk),
        "outputs": review.outputs,
        "type": review.type,
        "state": _appeal_state(review),
        "text": review.text if words else "",
        "keep_until": _iso(review.keep_until),
        "deadline": _iso(review.deadline),
        "decided": _iso(review.decided),
        "notes": [item.note for item in review.opinions.all()] if told else [],
        "released": review.released,
    }


def _appeal_state(review: Review) -> str:
    if review.state == ReviewState.KEPT:
        return "possible" if review.held is not None else "gone"
    if review.state == ReviewState.CLOSED:
        return "gone"  # withdrawn, with a deletion that has yet to reach the run
    if review.state == ReviewState.DECIDED:
        return APPEAL_STATES[_decision(review)]
    return "expired" if review.state == ReviewState.EXPIRED else "open"


def _decision(review: Review) -> str | None:
    return Ruling.from_json(review.ruling).decision.value if review.ruling else None


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
