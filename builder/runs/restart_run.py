"""restart_run: begins a run again that failed, was cancelled or was blocked; what had ended in it is not made anew.

A new run, started with the same: of the same plan where that is still what compiling gives under the policy in force.
Else it is a run like any other, to which the step cache gives what it has.
"""

from uuid import UUID

from builder.accounts.models import User
from builder.common.errors import Refused, not_found
from builder.runs.doubts import may_have_happened
from builder.runs.models import Run
from builder.runs.submit_run import Order, Submitted, submit_run
from builder.workflows.models import Workflow, WorkflowVersion
from runtime.dispatch.states import RunState
from runtime.words import Words

RESTARTED = (RunState.FAILED.value, RunState.CANCELLED.value, RunState.BLOCKED.value)


def restart_run(
    run: Run,
    user: User,
    idempotency_key: str | None = None,
    again: bool = False,
    lent_by: UUID | None = None,
) -> Submitted:
    """`lent_by` made the link by which the person has signed in, if any. With `again` also what must not happen twice may happen again.

    Raises Refused: 409 `run_not_over`, `workflow_gone`, `may_happen_twice` or `inputs_of_another`, and all that submit_run raises.
    """
    if run.state not in RESTARTED:
        raise Refused(
            "run_not_over",
            Words(
                "Only a run that failed, was cancelled or was blocked can be begun again from where it stopped.",
                "只有失败、已取消或被拦下的运行才能从中断处重新开始。",
            ),
            Words("Run the workflow again as a whole.", "请重新运行整个工作流。"),
            status=409,
        )
    alive = Workflow.objects.alive().select_related("workspace")
    workflow = alive.filter(pk=run.workflow_id).first() if run.workflow_id is not None else None
    if workflow is None:
        raise Refused(
            "workflow_gone",
            Words("The workflow of this run is not there any more.", "此运行所属的工作流已不存在。"),
            Words("Have it brought back, or run another one.", "请恢复该工作流，或运行其他工作流。"),
            status=409,
        )
    if not again and may_have_happened(run):
        raise Refused(
            "may_happen_twice",
            Words(
                "This run has begun something that must not happen twice, and would do it again.",
                "该运行已开始执行不得重复的操作，重新开始会再次执行。",
            ),
            Words("Begin it again only if it may happen once more.", "仅在允许再次发生时才重新开始。"),
            status=409,
        )
    order = Order(
        workspace=workflow.workspace,
        workflow=workflow,
        version=_version(run, workflow),
        inputs=run.inputs,
        user=user,
        # What it was started with is still theirs who lent the session of the first.
        lent_by=lent_by or run.lent_by_id,
        idempotency_key=idempotency_key,
        to=run.to or None,
        restarts=run,
    )
    return submit_run(order)


def _version(run: Run, workflow: Workflow) -> WorkflowVersion | None:
    if run.version is None:
        return None
    found = workflow.versions.filter(number=run.version).first()
    if found is None:
        raise not_found()
    return found
