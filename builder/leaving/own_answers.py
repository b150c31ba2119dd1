"""own_answers: what a person answered to runs that asked; also in runs of others. The audit log knows who it was."""

import re
from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from builder.accounts.models import User
from builder.runs.models import Run, Step
from builder.runs.step_cache import forget_results
from builder.safety.models import AuditEntry
from runtime.dispatch.states import RUN_ENDED
from runtime.values import Json

_SUBJECT = re.compile(r"run (\S+) step (.+)")
TOGETHER = 500


class Answered(NamedTuple):
    """A step that they answered, and when."""

    step: Step
    at: str


def answered(user: User) -> Iterator[Answered]:
    """What of it is still there, the first first. A step that was begun again may stand there twice."""
    rows = AuditEntry.objects.filter(body__contains=str(user.pk)).order_by("sequence")
    for entry in rows.iterator(TOGETHER):
        said = entry.said
        if said["act"] != "question.answered" or not said["by"] or said["by"]["id"] != str(user.pk):
            continue
        if found := _SUBJECT.fullmatch(said["subject"]):
            steps = Step.objects.filter(run_id=UUID(found[1]), name=found[2], answer__isnull=False)
            for step in steps.select_related("run"):
                yield Answered(step, said["at"])


def own_answers(user: User) -> Json:
    """For their export."""
    return [
        {"run": str(item.step.run_id), "step": item.step.name, "answer": item.step.answer, "at": item.at}
        for item in answered(user)
    ]


def forget_answers(user: User) -> None:
    """Take them out of runs that have ended, with what the step handed on. What others made of it is theirs."""
    ended = [state.value for state in RUN_ENDED]
    for item in [*answered(user)]:
        run: Run = item.step.run
        if run.state in ended:
            forget_results(run)
            run.steps.filter(pk=item.step.pk).update(answer=None, outputs=None)
