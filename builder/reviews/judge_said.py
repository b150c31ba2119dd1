"""Judges what people say about a review before anybody else reads it, by the policy in force where its run belongs."""

from builder.accounts.models import User
from builder.runs.models import Review
from builder.safety.active_policy import active_policy
from builder.safety.judge_words import Part, judge_words
from builder.safety.owner import Owner
from runtime.labels import Source
from runtime.words import Words

APPEAL = Words("your appeal", "您的申诉")
NOTE = Words("your reason", "您的理由")


def judge_said(review: Review, place: Words, text: str, by: User) -> None:
    """Raises Refused as judge_words does; nothing is asked about no words. Asks a worker: not under a run's lock."""
    if not text.strip():
        return
    run = review.run
    owner = Owner(str(run.workspace_id), str(run.workflow_id) if run.workflow_id else "")
    judge_words([Part(place, (text,))], by, active_policy(owner, run.called), _sources(review))


def _sources(review: Review) -> frozenset[Source]:
    """The person's own, and those of the material: whoever knows it may quote it, and then its rules hold for the words."""
    held = review.material
    # What nobody is known to have made counts as anybody's.
    quoted = held.value.sources if held else frozenset[Source]()
    return frozenset({Source.USER}) | (quoted or frozenset(Source))
