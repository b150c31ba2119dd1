"""Takes a reviewer's opinion; the last one that was asked for decides, and the gate goes on.

Others read the reason, so it is judged first, outside of the run's lock: a worker takes its time.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Q

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.reviews.desk import find_review, lent_session, require_other
from builder.reviews.judge_said import NOTE, judge_said
from builder.reviews.models import Opinion
from builder.reviews.release import release
from builder.runs.keep_back import decide
from builder.runs.ledger import Ledger, open_ledger
from builder.runs.models import Purpose, Review, ReviewState
from builder.runs.withhold_stale import asks_more, withhold_if_stale
from builder.safety.append_audit import append_audit
from runtime.safety.ruling import Cut, Decision, may_cut, strictest
from runtime.words import Words

RETRY = Words("Load the page again to see how it stands.", "请重新加载页面查看最新状态。")


@dataclass(frozen=True, slots=True)
class Judgement:
    """What a reviewer sends: a decision, the reason for it, and what is to be taken out."""

    decision: Decision
    note: str
    cuts: tuple[Cut, ...] = ()


def give_opinion(
    user: User, review_id: UUID | str, judgement: Judgement, lent_by: UUID | None = None
) -> Review:
    """The review as it stands then. `lent_by` made the link by which the person has signed in, if any.

    Raises Refused: 404, 403 `own_run`, `judged_hold` or `lent_session`, 409 when it is decided, over, or judged by this person already, 400 for
    what cannot be done with this material, 409 `policy_tightened` where an appeal would give back what the policy in force
    may withhold; and what the policy stops of the reason: then nothing is decided. A hold whose policy was tightened ends
    withheld, whatever was decided.
    """
    found = find_review(user, review_id)
    require_other(found, user, lent_by)
    with open_ledger(found.run_id) as ledger:
        asked = _require_possible(ledger, found, user, judgement)
        _require_one_each(asked, user, lent_by)
    judge_said(asked, NOTE, judgement.note, user)
    with open_ledger(found.run_id) as ledger:
        review = _require_possible(ledger, found, user, judgement)
        _require_one_each(review, user, lent_by)
        _write(review, user, judgement, lent_by)
        opinions = list(review.opinions.all())
        if len(opinions) >= review.needed:
            _settle(ledger, review, opinions)
    return Review.objects.select_related("run", "run__workspace").get(pk=review.pk)


def _require_possible(ledger: Ledger, found: Review, user: User, judgement: Judgement) -> Review:
    """The review as it stands under the run's lock."""
    review = ledger.run.reviews.get(pk=found.pk)
    _require_open(ledger, review, user)
    _require_sense(review, user, judgement)
    _require_policy(ledger, review, judgement)
    return review


def _require_one_each(review: Review, user: User, lent_by: UUID | None) -> None:
    """Raises Refused 403: of two opinions one person could have given both, as themselves and by a link that they made."""
    hands = {user.pk, lent_by} - {None}
    if review.opinions.filter(Q(by__in=hands) | Q(lent_by__in=hands)).exists():
        raise lent_session()


def _settle(ledger: Ledger, review: Review, opinions: Sequence[Opinion]) -> None:
    if review.purpose == Purpose.HOLD and withhold_if_stale(ledger):
        return  # whatever was decided: it was decided under what is not enough any more
    decision, cuts = strictest(opinion.read for opinion in opinions)
    if review.purpose == Purpose.APPEAL and decision is not Decision.BLOCK:
        release(ledger, review, cuts)
    decide(ledger, review, decision, cuts)


def _write(review: Review, user: User, judgement: Judgement, lent_by: UUID | None) -> None:
    opinion = Opinion.objects.create(
        review=review,
        by=user,
        name=user.display_name,
        decision=judgement.decision.value,
        cuts=[cut.to_json() for cut in judgement.cuts],
        note=judgement.note,
        lent_by=User.objects.filter(pk=lent_by).first() if lent_by else None,
    )
    append_audit(
        "review.decided",
        by=user,
        subject=f"run {review.run_id} step {review.step}",
        # The note goes with the run: it may quote what was held, and this line is kept for ever.
        data={
            "review": str(review.pk),
            "opinion": str(opinion.pk),
            "decision": judgement.decision.value,
            "digest": review.digest,
        },
    )


def _require_open(ledger: Ledger, review: Review, user: User) -> None:
    if review.opinions.filter(by=user).exists():
        raise _conflict("already_judged", "You have decided about this already.", "您已对此作出决定。")
    if review.state == ReviewState.DECIDED:
        raise _conflict("already_decided", "This has been decided already.", "此内容已有决定。")
    if ledger.run.cancel_requested and review.purpose == Purpose.HOLD:
        raise _conflict("review_closed", "The run was cancelled.", "该运行已被取消。")
    if review.state == ReviewState.CLOSED:
        raise _conflict(
            "review_closed", "The run has ended, and nothing waits here.", "该运行已结束，无需再作决定。"
        )
    if review.state == ReviewState.EXPIRED or review.deadline is None or review.deadline <= ledger.now:
        raise _conflict(
            "review_expired",
            "The time to decide is over, and the material was withheld.",
            "决定期限已过，内容已被扣留。",
        )


def _require_sense(review: Review, user: User, judgement: Judgement) -> None:
    if judgement.decision is not Decision.BLOCK and not review.looks.filter(by=user).exists():
        raise Refused(
            "not_looked",
            Words("You have not looked at the material yet.", "您尚未查看该内容。"),
            Words("Look at it first, or block it.", "请先查看内容，或选择拦下。"),
            status=409,
        )
    if judgement.decision is not Decision.REDACT:
        if judgement.cuts:
            raise _cuts_invalid()
        return
    held = review.material
    if held is None or not may_cut(held.value, judgement.cuts):
        raise _cuts_invalid()


def _require_policy(ledger: Ledger, review: Review, judgement: Judgement) -> None:
    """Raises Refused 409 `policy_tightened`: what the policy in force might withhold is not given back under an old one."""
    gives_back = review.purpose == Purpose.APPEAL and judgement.decision is not Decision.BLOCK
    if gives_back and asks_more(ledger.run):
        raise Refused(
            "policy_tightened",
            Words(
                "The policy has become stricter since this run, so nothing of it can be given back.",
                "此运行之后策略已变得更严格，因此无法恢复其任何内容。",
            ),
            Words(
                "Block it, and say in the reason that its author can run it again under today's policy.",
                "请选择拦下，并在理由中说明发起者可按当前策略重新运行。",
            ),
            status=409,
        )


def _conflict(code: str, en: str, zh: str) -> Refused:
    return Refused(code, Words(en, zh), RETRY, status=409)


def _cuts_invalid() -> Refused:
    return Refused(
        "cuts_invalid",
        Words("What is to be taken out does not fit the material.", "要隐去的部分与内容不符。"),
        Words(
            "Mark places inside a text, or take out whole items, and leave something. A lone picture is allowed or "
            "blocked.",
            "请标记文本中的位置或移除整项，并保留部分内容。单张图像只能放行或拦下。",
        ),
    )
