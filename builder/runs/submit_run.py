"""Submits a run: compiles the graph, checks its inputs, signs the plan, and lets workers know."""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from django.db import IntegrityError, transaction

from builder.accounts.models import User, Workspace
from builder.assets.clearances import clearances_of
from builder.assets.lock_content import lock_content
from builder.assets.models import Asset
from builder.common.bulk import insert
from builder.common.errors import Refused, not_found
from builder.runs.check_arguments import check_arguments
from builder.runs.ledger import Ledger
from builder.runs.limit_waiting import require_room
from builder.runs.models import NOBODY, KeptPlan, Run, Segment, Step
from builder.runs.prepare import Drawing, Prepared, forget_prepared, prepare
from builder.runs.uses import contents_of, note_uses
from builder.workflows.models import Workflow, WorkflowVersion
from builder.workflows.read_graph import read_graph
from runtime.dispatch.needs import first_model
from runtime.dispatch.shares import shares
from runtime.dispatch.states import SegmentState
from runtime.events import EventKind
from runtime.graph.model import Issue
from runtime.memory import Memory
from runtime.nodes.registry import load_registry
from runtime.values import AssetRef, Json, Value
from runtime.words import Words


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be run: a published version or the draft of a workflow, else a graph that no workflow holds.

    `to` is the node at which it ends, in a partial run: that node and what it needs, nothing else.
    """

    workspace: Workspace
    inputs: Mapping[str, Json]
    user: User | None = None
    workflow: Workflow | None = None
    version: WorkflowVersion | None = None
    graph: Json = None
    # Of a person alone: an order of nobody is never taken for an earlier one.
    idempotency_key: str | None = None
    to: str | None = None
    # Among the person's own that wait; whose turn it is among people is another matter.
    priority: int = 0
    # The run that this one begins again.
    restarts: Run | None = None
    # Who made the link by which the person has signed in, if any.
    lent_by: UUID | None = None

    def read(self) -> Json:
        if self.version is not None:
            return self.version.graph
        return self.workflow.draft.graph if self.workflow is not None else self.graph

    @property
    def edition(self) -> tuple[str, str, int] | None:
        """Which edition of which document is run; None for a graph that no workflow holds."""
        if self.workflow is None:
            return None
        number = self.version.number if self.version is not None else self.workflow.revision
        return str(self.workflow.pk), "version" if self.version is not None else "draft", number

    def digest(self, graph: str) -> str:
        """SHA-256 (hex) of all that makes this order another one: what is run, and with which inputs."""
        body = {
            "workflow": str(self.workflow.pk) if self.workflow is not None else None,
            "version": self.version.number if self.version is not None else None,
            "graph": graph,
            "inputs": dict(self.inputs),
            # Named only where there is one: digests from before there were partial runs still fit.
            **({"to": self.to} if self.to is not None else {}),
            **({"restarts": str(self.restarts.pk)} if self.restarts is not None else {}),
        }
        return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Submitted:
    """The run, and whether this order made it: an order repeated under its key gives the run that it made first.

    Of a new run its steps, and its plan as readers are shown it: nobody need read again what was just written.
    """

    run: Run
    created: bool
    steps: Sequence[Step] = ()
    view: Mapping[str, Json] | None = None


def submit_run(order: Order) -> Submitted:
    """Raises Refused: `graph_invalid` or `inputs_invalid` with all issues, `idempotency_conflict`, `too_many_waiting`."""
    drawn = _drawn(order)
    digest = order.digest(drawn.digest)
    earlier = _earlier(order, digest)
    if earlier is not None:
        return earlier
    require_room(order.workspace, order.user)
    prepared = prepare(drawn, order.workspace, order.workflow, order.to)
    arguments, issues = _arguments(order, prepared)
    if issues:
        raise _inputs_invalid(issues)
    try:
        with transaction.atomic():
            return _store(order, digest, prepared, arguments)
    except IntegrityError:
        # The same order arrived twice at the same moment.
        raced = _earlier(order, digest)
        if raced is not None:
            return raced
        if not forget_prepared():
            raise
        # What it was to point to was let go meanwhile, because nothing had needed it: it is made anew, and is young then.
        return submit_run(order)


# Drawings that were run lately, by the document and the number of the edition: neither kind ever changes.
_drawings: Memory[Drawing] = Memory(room=500)


def _drawn(order: Order) -> Drawing:
    key = order.edition
    found = _drawings.get(key) if key is not None else None
    if found is None:
        found = Drawing.of(read_graph(order.read()))
        if key is not None:
            _drawings.put(key, found)
    return found


def _earlier(order: Order, digest: str) -> Submitted | None:
    if order.idempotency_key is None or order.user is None:
        return None
    run = Run.objects.filter(
        workspace=order.workspace, by=order.user, idempotency_key=order.idempotency_key
    ).first()
    if run is None:
        return None
    if run.order_digest != digest:
        raise _conflict()
    return Submitted(run, created=False)


def _arguments(order: Order, prepared: Prepared) -> tuple[dict[str, Value], list[Issue]]:
    """What the run is started with. One that begins another again, of the same plan, with exactly what that one was."""
    earlier = order.restarts
    if earlier is None or earlier.plan_id != prepared.kept.pk:
        if earlier is not None and earlier.inputs and not _is_theirs(earlier, order.user):
            raise _inputs_of_another()
        return check_arguments(prepared.plan, order.inputs, order.workspace)
    gone = [
        Issue(
            "input_gone",
            Words("What the run was started with has been deleted.", "该运行启动时的输入已被删除。"),
            node=argument.node,
            param=argument.name,
        )
        for argument in prepared.plan.arguments
        if argument.required and argument.name not in earlier.arguments
    ]
    given = {name: Value.from_json(raw) for name, raw in earlier.arguments.items()}
    return {
        name: _cleared_today(value, order.workspace, prepared.plan.policy) for name, value in given.items()
    }, gone


def _cleared_today(value: Value, workspace: Workspace, policy: str) -> Value:
    """With the clearances that a file has by the filters of today, whatever it had when the earlier run was started."""
    if not isinstance(value.data, AssetRef):
        return value
    return replace(value, clearances=clearances_of(workspace, value.data.sha256, policy))


def _shown_inputs(order: Order) -> dict[str, Json]:
    """What went in is read by who gave it, and not by somebody else who begins their run again."""
    if order.restarts is not None and not _is_theirs(order.restarts, order.user):
        return {}
    return dict(order.inputs)


def _is_theirs(run: Run, user: User | None) -> bool:
    return user is not None and run.by_id == user.pk


def _store(order: Order, digest: str, prepared: Prepared, arguments: Mapping[str, Value]) -> Submitted:
    _require_files(order.workspace, arguments.values())
    if (
        order.restarts is not None
        and not Run.objects.filter(pk=order.restarts.pk).select_for_update().exists()
    ):
        raise not_found()  # deleted a moment ago
    plan = prepared.plan
    run = Run(
        workspace=order.workspace,
        workflow=order.workflow,
        workflow_name=order.workflow.name if order.workflow else "",
        version=order.version.number if order.version else None,
        to=order.to or "",
        policy_id=plan.policy_version,
        called=list(prepared.called),
        plan=prepared.kept,
        arguments={name: value.to_json() for name, value in arguments.items()},
        inputs=_shown_inputs(order),
        restarts=order.restarts,
        idempotency_key=order.idempotency_key,
        order_digest=digest,
        by=order.user,
        lent_by_id=order.lent_by,
    )
    segments = [
        Segment(
            run=run,
            index=s.index,
            state=SegmentState.PENDING.value,
            resource=s.resource,
            person=order.user.pk if order.user is not None else NOBODY,
            shares=shares(plan, s.index, load_registry()),
            model=first_model(plan, s.index, load_registry()),
            priority=order.priority,
        )
        for s in plan.segments
    ]
    steps = [
        Step(
            run=run,
            segment=step.segment,
            position=position,
            name=step.id,
            type=step.type,
            title=step.title.to_json(),
            node=step.node,
        )
        for position, step in enumerate(plan.steps)
    ]
    ledger = Ledger(run, plan)
    ledger.event(EventKind.RUN_QUEUED)
    ledger.begin(segments)
    insert(KeptPlan, [prepared.kept], ignore_conflicts=True)
    insert(Run, [run])
    insert(Segment, segments)
    insert(Step, steps)
    note_uses(run, arguments.values())
    ledger.close()
    return Submitted(run, created=True, steps=steps, view=prepared.view)


def _require_files(workspace: Workspace, values: Iterable[Value]) -> None:
    """Whoever deletes a file now waits, and then finds the run. Raises Refused when it was deleted just before."""
    named = {sha256 for value in values for sha256 in contents_of(value)}
    if not named:
        return
    for sha256 in sorted(named):
        lock_content(sha256)
    here = Asset.objects.filter(workspace=workspace, sha256__in=named).values_list("sha256", flat=True)
    if named - set(here):
        gone = Words("A file was deleted meanwhile.", "某个文件刚刚被删除。")
        raise _inputs_invalid([Issue("asset_unknown", gone)])


def _inputs_invalid(issues: Sequence[Issue]) -> Refused:
    return Refused(
        "inputs_invalid",
        Words("Some inputs cannot be taken as they are.", "部分输入无法接受。"),
        Words("Each issue names the input and what is wrong.", "每个问题都指明了输入项及其原因。"),
        issues=tuple(issues),
    )


def _inputs_of_another() -> Refused:
    """A drawing that has changed since could show what somebody else gave, and they gave it to another one."""
    return Refused(
        "inputs_of_another",
        Words(
            "The workflow or its policy has changed since, and somebody else gave the inputs of this run.",
            "工作流或策略此后已更改，而该运行的输入由其他成员提供。",
        ),
        Words(
            "Ask them to begin it again, or run it with inputs of your own.",
            "请由对方重新开始，或使用您自己的输入运行。",
        ),
        status=409,
    )


def _conflict() -> Refused:
    return Refused(
        "idempotency_conflict",
        Words(
            "This key was used before, for another graph, version or inputs.",
            "该幂等键此前已用于其他流程图、版本或输入。",
        ),
        Words("Send a new Idempotency-Key.", "请使用新的 Idempotency-Key。"),
        status=409,
    )
