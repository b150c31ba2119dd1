"""Appeals: the author of a run asks a person to look at what a gate withheld, once for each output.

Others read what they say for it, so it is judged first, outside of the run's lock: a worker takes its time.
"""

from datetime import timedelta
from uuid import UUID

from django.conf import settings

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.reviews.judge_said import APPEAL, judge_said
from builder.runs.ledger import Ledger, has_ended, open_ledger
from builder.runs.models import Purpose, Review, ReviewState, Run
from builder.safety.append_audit import append_audit
from runtime.words import Words


def appeal(run: Run, user: User, output: str, text: str, lent_by: UUID | None = None) -> Review:
    """The review that reviewers will find on their desks. `lent_by` made the link by which the person has signed in, if any.

    Raises Refused: 403 for anybody but who started the run, 404 for an output that the run does not promise, 409
    when there is nothing to appeal, 410 when the material is gone; and what the policy stops of the text.
    """
    if run.by_id != user.pk:
        raise Refused(
            "not_your_run",
            Words("Only who started the run can appeal.", "只有运行的发起者可以申诉。"),
            status=403,
        )
    with open_ledger(run.pk) as ledger:
        asked = _require_withheld(ledger, output)
    judge_said(asked, APPEAL, text, user)
    with open_ledger(run.pk) as ledger:
        review = _require_withheld(ledger, output)
        review.state, review.text = ReviewState.OPEN, text
        review.lent_by_id = lent_by
        review.needed = settings.REVIEWERS
        review.deadline = ledger.now + timedelta(hours=settings.REVIEW_HOURS)
        review.save(update_fields=["state", "text", "lent_by", "needed", "deadline"])
        append_audit(
            "review.appealed",
            by=user,
            subject=f"run {run.pk} step {review.step}",
            data={"review": str(review.pk), "output": output},
        )
    return review


def appeals_of(run: Run) -> list[Review]:
    """What was withheld from the run's outputs and kept, appealed for or not."""
    return list(run.reviews.filter(purpose=Purpose.APPEAL).order_by("id"))


def _require_withheld(ledger: Ledger, output: str) -> Review:
    if not has_ended(ledger.run):
        raise _nothing("The run has not ended yet.", "该运行尚未结束。")
    kept = [row for row in appeals_of(ledger.run) if output in row.outputs]
    if not kept:
        raise _nothing("Nothing was kept that this output could be made of.", "没有为此输出保留任何内容。")
    review = kept[0]
    if review.state != ReviewState.KEPT:
        raise Refused(
            "already_appealed",
            Words("You have appealed for this already.", "您已就此提出申诉。"),
            status=409,
        )
    if review.held is None or review.keep_until is None or review.keep_until <= ledger.now:
        raise Refused(
            "material_gone",
            Words(
                "What was withheld is kept no longer, so nobody can look at it any more.",
                "被扣留的内容已不再保留，无法再审核。",
            ),
            Words("Run it again, and appeal sooner.", "请重新运行，并尽早申诉。"),
            status=410,
        )
    return review


def _nothing(en: str, zh: str) -> Refused:
    return Refused(
        "nothing_to_appeal",
        Words(en, zh),
        Words(
            "What never became an output, or was stopped while it was being made, cannot be given back.",
            "未形成输出或在生成过程中被中止的内容无法恢复。",
        ),
        status=409,
    )
