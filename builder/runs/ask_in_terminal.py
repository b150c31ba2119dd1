"""ask_in_terminal: says in a terminal what a run asks and how it is answered; or answers with what was given beforehand."""

import json
from collections.abc import Mapping
from typing import TextIO

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.runs.answer_question import answer_question
from builder.runs.cancel_run import cancel_run
from builder.runs.models import Run
from builder.runs.view_questions import view_questions
from runtime.values import Json


def ask_in_terminal(run: Run, user: User, step: str, given: Mapping[str, str], out: TextIO) -> None:
    """`given` are answers by step or node. Raises Refused, with the run stopped, when one does not fit its question."""
    found = next((item for item in view_questions(Run.objects.get(pk=run.pk)) if item["step"] == step), None)
    if found is None:
        return  # somebody was faster
    out.writelines(f"    {line}\n" for line in _lines(run, found))
    said = given.get(step, given.get(found["node"] or ""))
    if said is None:
        out.write(f"    {_how(run, found)}\n")
    out.flush()
    if said is not None:
        try:
            answer_question(run, user, step, found["attempt"], said)
        except Refused as refused:
            if refused.status != 409:  # else somebody was faster here, too
                cancel_run(run)
                raise


def _lines(run: Run, question: dict[str, Json]) -> list[str]:
    lines = [line for line in question["question"].splitlines() if line.strip()]
    if question["files"]:
        lines.append(f"It is about what /runs/{run.pk} shows.")
    elif question["type"] is not None:
        value = question["value"]
        lines += value.splitlines() if isinstance(value, str) else [json.dumps(value, ensure_ascii=False)]
    return lines


def _how(run: Run, question: dict[str, Json]) -> str:
    what = " or ".join(question["answers"]) or "a text"
    return (
        f"Answer it ({what}) on the page /runs/{run.pk}, or run again with --answer {question['node']}=ANSWER. "
        "Ctrl-C stops the run."
    )
