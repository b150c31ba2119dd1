"""answer_question: a person answers what a step asks. Once."""

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.runs.ledger import open_ledger
from builder.runs.models import Answer, Run
from builder.runs.questions import Question, open_question, take_answer
from builder.runs.uses import contents_of, recount
from builder.runs.withhold_stale import withhold_if_stale
from builder.safety.append_audit import append_audit
from runtime.words import Words

LONGEST_ANSWER = 4_000  # characters


def answer_question(run: Run, user: User, step: str, attempt: int, said: str) -> Run:
    """The run as it stands then. `attempt` is the one whose question they looked at.

    Raises Refused 409 `nothing_to_answer`: somebody else was faster, the time is over, the run was cancelled or its policy
    has become stricter, or the step asks nothing; 400 `answer_unfit` when the question takes no such answer.
    """
    with open_ledger(run.pk) as ledger:
        # One whose policy was tightened ends withheld, whatever was answered.
        found = None if withhold_if_stale(ledger) else open_question(ledger, step)
        if found is not None and found.step.attempt == attempt:
            _require_fit(found, said)
            take_answer(ledger, found, said)
            # A step that was begun again may have been answered before: whose words stand there now is what counts.
            Answer.objects.update_or_create(
                run=ledger.run, step=step, defaults={"by": user.pk, "at": ledger.now}
            )
            if any(True for value in found.shown.values() for _ in contents_of(value)):
                recount(ledger.run)  # a copy that was made to be shown is nobody's any more
            append_audit(
                "question.answered",
                by=user,
                subject=f"run {run.pk} step {step}",
                data={"attempt": attempt, "answer": said if found.asks.answers else "text"},
            )
            answered = True
        else:
            answered = False
    if not answered:
        raise Refused(
            "nothing_to_answer",
            Words(
                "There is nothing to answer at this step, or not any more.", "此步骤没有或已不再需要回答。"
            ),
            Words("Load the page again to see how it stands.", "请重新加载页面查看最新状态。"),
            status=409,
        )
    return Run.objects.get(pk=run.pk)


def _require_fit(question: Question, said: str) -> None:
    if question.asks.answers and said not in question.asks.answers:
        raise Refused(
            "answer_unfit",
            Words("This question takes one of a few answers.", "此问题只接受指定的几种回答。"),
            Words("Answer with one of: {answers}.", "请从以下回答中选择：{answers}。").fill(
                answers=", ".join(question.asks.answers)
            ),
        )
    if not said.strip() or len(said) > LONGEST_ANSWER:
        raise Refused(
            "answer_unfit",
            Words("An answer is a text that is not empty.", "回答不能为空。"),
            Words("Write up to {most} characters.", "请写入不超过 {most} 个字符。").fill(most=LONGEST_ANSWER),
        )
