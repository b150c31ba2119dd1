"""Deletes what the installation knows of a person. Their account stays as a pseudonym, for the trail alone."""

import json

from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from builder.accounts.administrators import administrators
from builder.accounts.models import Membership, SignInLink, User, Workspace
from builder.assets.models import Asset
from builder.common.errors import Refused
from builder.keeping.holds import lock_holds, on_hold, under_hold
from builder.keeping.models import Erased, Erasure, Export, Hold, Subject
from builder.leaving.erasure import Tally, begin, deleting, target_in
from builder.leaving.own_answers import answered, take_answers
from builder.leaving.take import (
    RUN_HELD,
    require_run,
    require_workflow,
    take_asset,
    take_run,
    take_workflow,
)
from builder.leaving.withdraw_appeals import withdraw_appeals
from builder.reviews.models import Look, Opinion
from builder.runs.forget_content import still_needed
from builder.runs.models import Run
from builder.runs.turns import forget_turn
from builder.workflows.models import Workflow
from runtime.words import Words


def erase_person(user: User, by: User | None) -> Erasure:
    """The deletion, begun: `go_on` does it. From now on nobody signs in as this person.

    Raises Refused 409: `legal_hold`, `still_needed`, `last_administrator`.
    """
    with transaction.atomic():
        lock_holds()
        withdraw_appeals(_runs(user), user, by)
        _require_person(user)
        if [item.pk for item in administrators()] == [user.pk]:
            raise Refused(
                "last_administrator",
                Words("The last administrator cannot be deleted.", "不能删除最后一名管理员。"),
                Words("Make somebody else an administrator first.", "请先指定其他管理员。"),
                status=409,
            )
        User.objects.filter(pk=user.pk).update(is_active=False, is_superuser=False, is_staff=False)
        return begin(Erased.PERSON, user.pk, None, by)


def person_piece(erasure: Erasure) -> bool:
    """One run, file or workflow, one run of somebody else's that they answered, or the account. Whether that was the end.

    Raises Refused while what they answered is still needed: it stays begun, and the account is gone already.
    """
    with deleting(erasure) as tally:
        user = target_in(User.objects.all(), erasure)
        if user is None:
            return True
        _require_person(user)
        if _take_one(user, tally):
            return False
        if "people" not in erasure.counts:
            _take_workspaces(user, tally)
            _forget_names(user)
            tally.took("people", user.pk)
            return False
        if answered(user).exists():
            raise _needed_elsewhere()
    return True


def pseudonym(user: User) -> str:
    """What the trail calls them: the same everywhere, and nothing but the id can be told from it."""
    return f"erased-{user.pk.hex[-12:]}"


def _require_person(user: User) -> None:
    """Raises Refused when anything of theirs may not go."""
    alone = _alone(user)
    held = Hold.objects.filter(lifted=None).filter(
        Q(kind=Subject.PERSON, subject=user.pk)
        | Q(kind=Subject.WORKSPACE, subject__in=alone.values("pk"))
        | Q(kind=Subject.RUN, subject__in=_runs(user).values("pk"))
    )
    assets = _assets(user).filter(under_hold(workspace="workspace", person="by"))
    answers = answered(user).filter(RUN_HELD)
    if held.exists() or assets.exists() or answers.exists():
        raise on_hold()
    require_run(_runs(user))


def _alone(user: User) -> QuerySet[Workspace]:
    """The workspaces that nobody else belongs to: they go with the person."""
    counted = Workspace.objects.annotate(people=Count("memberships"))
    return Workspace.objects.filter(pk__in=counted.filter(people=1).values("pk"), memberships__user=user)


def _runs(user: User) -> QuerySet[Run]:
    return Run.objects.filter(Q(by=user) | Q(workspace__in=_alone(user)))


def _assets(user: User) -> QuerySet[Asset]:
    return Asset.objects.filter(Q(by=user) | Q(workspace__in=_alone(user)))


def _take_one(user: User, tally: Tally) -> bool:
    """Whether there was something to take."""
    run = _runs(user).only("id").first()
    if run is not None:
        take_run(run, tally)
        return True
    asset = _assets(user).first()
    if asset is not None:
        take_asset(asset, tally)
        return True
    workflow = Workflow.objects.filter(workspace__in=_alone(user)).first()
    if workflow is not None:
        require_workflow(workflow, with_runs=False)
        take_workflow(workflow, tally)
        return True
    run = answered(user).exclude(still_needed()).only("id").first()
    if run is not None:
        take_answers(run, user, tally)
        return True
    return False


def _needed_elsewhere() -> Refused:
    return Refused(
        "still_needed",
        Words(
            "A run of somebody else's that has not ended still needs what this person answered.",
            "他人的某个运行尚未结束，仍需要此人的回答。",
        ),
        Words("The deletion goes on by itself when the run is over.", "该运行结束后，删除将自动继续。"),
        status=409,
    )


def _take_workspaces(user: User, tally: Tally) -> None:
    ids = list(_alone(user).values_list("pk", flat=True))
    Workspace.objects.filter(pk__in=ids).delete()
    if ids:
        tally.took("workspaces", *ids)


def _forget_names(user: User) -> None:
    """What they decided stays, under the pseudonym; how they are called and reached goes."""
    name = pseudonym(user)
    for rows in (Opinion.objects.filter(by=user), Look.objects.filter(by=user)):
        rows.update(name=name)
    # A new account's first workspace is called by its person, whoever else came to belong to it.
    Workspace.objects.filter(memberships__user=user, name=user.display_name).update(name=name)
    for mine in (Membership, SignInLink):
        mine.objects.filter(user=user).delete()
    forget_turn(user.pk)
    Export.objects.filter(Q(of=user) | Q(by=user)).delete()
    _forget_in_log(user, name)
    user.username, user.first_name, user.last_name, user.email = name, "", "", ""
    user.is_active = user.is_staff = user.is_superuser = False
    user.last_login = None
    user.set_unusable_password()  # ends every session, too
    user.save()


def _forget_in_log(user: User, name: str) -> None:
    """The console's own log: the account, workspaces that were called by it, and memberships, which name both.

    By name alone, so a namesake's workspace may lose its own there: it is a list of clicks, and no evidence.
    """
    people, places = (ContentType.objects.get_for_model(model) for model in (User, Workspace))
    account = Q(content_type=people, object_id=str(user.pk))
    called = Q(content_type=places, object_repr=user.display_name)
    LogEntry.objects.filter(account | called).update(object_repr=name)
    said = {
        f'"object": {json.dumps(f"{user.username} · ")[:-1]}': f'"object": {json.dumps(f"{name} · ")[:-1]}',
        json.dumps(f" · {user.display_name}")[1:]: json.dumps(f" · {name}")[1:],
    }
    for before, after in said.items():
        for entry in LogEntry.objects.filter(change_message__contains=before):
            entry.change_message = entry.change_message.replace(before, after)
            entry.save(update_fields=["change_message"])
