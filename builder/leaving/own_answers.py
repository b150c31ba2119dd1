"""own_answers: what a person answered to runs that asked; also in runs of others."""

from django.db.models import QuerySet

from builder.accounts.models import User
from builder.leaving.erasure import Tally
from builder.leaving.take import require_run
from builder.runs.models import Answer, Run
from builder.runs.step_cache import forget_results
from builder.runs.uses import recount
from runtime.values import Json


def own_answers(user: User, own: bool) -> Json:
    """For an export: that there was one for any reader, what it says for who gave it. It has passed no gate."""
    found = []
    for answer in Answer.objects.filter(by=user.pk).order_by("at", "pk"):
        steps = answer.run.steps.filter(name=answer.step, answer__isnull=False)
        for said in steps.values_list("answer", flat=True):
            told = {"run": str(answer.run_id), "step": answer.step, "at": answer.at.isoformat()}
            found.append(told | {"answer": said} if own else told)
    return found


def answered(user: User) -> QuerySet[Run]:
    """The runs in which something of what they answered may still stand."""
    return Run.objects.filter(pk__in=Answer.objects.filter(by=user.pk).values("run"))


def take_answers(run: Run, user: User, tally: Tally) -> None:
    """Out of this run, with what the steps handed on that had asked. What others made of it is theirs. Raises Refused."""
    found = Run.objects.select_for_update(of=("self",)).only("id").filter(pk=run.pk).first()
    if found is None:
        return
    require_run(Run.objects.filter(pk=run.pk))
    forget_results(found)
    theirs = Answer.objects.filter(run=found, by=user.pk)
    steps = found.steps.filter(name__in=theirs.values("step"), answer__isnull=False)
    if ids := list(steps.values_list("pk", flat=True)):
        tally.took("answers", *ids)
    steps.update(answer=None, outputs=None)
    theirs.delete()
    tally.contents |= recount(found)
