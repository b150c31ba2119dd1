"""The desk: which reviews a person may see, whether they may judge one, and who reads what is said about it."""

from uuid import UUID

from django.conf import settings
from django.db.models import Q, QuerySet

from builder.accounts.administrators import administrators
from builder.accounts.models import User
from builder.accounts.roles import Role
from builder.common.errors import Refused, not_found
from builder.reviews.models import Opinion
from builder.runs.models import Purpose, Review, ReviewState, Run
from runtime.words import Words


def reviews_of(user: User) -> QuerySet[Review]:
    """What lies on this person's desk: of the workspaces whose reviewer they are; of all for an administrator.

    Material that is only kept, in case its author appeals, lies on nobody's.
    """
    rows = Review.objects.exclude(state=ReviewState.KEPT).select_related("run", "run__workspace")
    if user.is_superuser:
        return rows
    mine = Q(run__workspace__memberships__user=user, run__workspace__memberships__role=Role.REVIEWER)
    return rows.filter(mine)


def find_review(user: User, review: UUID | str) -> Review:
    """Raises Refused 404 for what lies on other desks, and for what there is not."""
    found = reviews_of(user).filter(pk=review).first()
    if found is None:
        raise not_found()
    return found


def opinions_for(reader: User) -> QuerySet[Opinion]:
    """Their own, and those about what is no longer open: until then nobody should lean on anybody."""
    return Opinion.objects.filter(Q(by=reader) | ~Q(review__state=ReviewState.OPEN))


def reads_words(run: Run, user: User) -> bool:
    """Whether the person reads what is said for the run's appeals and about them: who appeals, and who may judge it."""
    reviewers = run.workspace.memberships.filter(role=Role.REVIEWER)
    return run.by_id == user.pk or user.is_superuser or reviewers.filter(user=user).exists()


def is_own(review: Review, user: User) -> bool:
    """Whether the person started the run that the review is about, or appealed, and may therefore neither look nor decide.

    Also by a link that they made: it may have been them.
    """
    if user.pk not in _authors(review):
        return False
    alone = [item.pk for item in administrators()] == [user.pk]
    return not (settings.AUTHOR_REVIEWS and alone)


def _authors(review: Review) -> set[UUID]:
    return {person for person in (review.run.by_id, review.run.lent_by_id, review.lent_by_id) if person}


def has_judged_hold(review: Review, user: User) -> bool:
    """Whether the person decided about the hold that this appeal is against, and enough others could judge it."""
    holds = Review.objects.filter(run=review.run_id, step=review.step, purpose=Purpose.HOLD)
    # Also by a link that they made: it may have been them.
    own = Q(opinions__by=user) | Q(opinions__lent_by=user)
    if review.purpose != Purpose.APPEAL or not holds.filter(own).exists():
        return False
    judges = Opinion.objects.filter(review__in=holds)
    reviewers = User.objects.filter(
        is_active=True, memberships__workspace=review.run.workspace_id, memberships__role=Role.REVIEWER
    )
    # In a small workspace an appeal to the same person is better than one that nobody can answer.
    judged = {person for pair in judges.values_list("by", "lent_by") for person in pair if person}
    others = reviewers.exclude(pk__in=judged | _authors(review))
    return others.count() >= review.needed


def require_other(review: Review, user: User, lent_by: UUID | None = None) -> None:
    """Raises Refused 403 for who started the run or appealed, and for who has judged the hold that an appeal is against.

    In a session that somebody has lent them, also when it is that person.
    """
    if is_own(review, user):
        raise Refused(
            "own_run",
            Words(
                "You started this run, or made the link by which its author had signed in, so somebody else must decide about it.",
                "此运行由您发起，或其作者通过您生成的链接登录，须由其他人作出决定。",
            ),
            Words(
                "Ask another reviewer of the workspace. Whoever sets a password of their own acts for themselves alone.",
                "请联系该工作区的其他审核员。设置自己的密码后，所做的操作只计入本人。",
            ),
            status=403,
        )
    if has_judged_hold(review, user):
        raise Refused(
            "judged_hold",
            Words(
                "You, or somebody who had signed in by a link of yours, decided about this when it was held, so somebody else must judge the appeal.",
                "内容被保留时已由您，或由通过您生成的链接登录的人作出决定，申诉须由其他人审核。",
            ),
            Words("Ask another reviewer of the workspace.", "请联系该工作区的其他审核员。"),
            status=403,
        )
    lender = User.objects.filter(pk=lent_by).first() if lent_by else None
    if lender and (is_own(review, lender) or has_judged_hold(review, lender)):
        raise lent_session()


def lent_session() -> Refused:
    return Refused(
        "lent_session",
        Words(
            "Who made the link that you or another reviewer of this signed in with would decide here, or count twice.",
            "您或另一位审核员登录所用链接的生成者不得在此作出决定，或会被重复计入。",
        ),
        Words(
            "Sign in with a password of your own, or ask another reviewer.",
            "请使用自己的密码登录，或联系其他审核员。",
        ),
        status=403,
    )
