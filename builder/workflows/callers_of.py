"""callers_of: which workflows call a workflow, in their draft or in what they have published."""

from dataclasses import dataclass, field
from uuid import UUID

from django.db.models import F, TextField
from django.db.models.functions import Cast

from builder.common.errors import Refused
from builder.workflows.models import Revision, Workflow, WorkflowVersion
from runtime.graph.calls import Call, calls_in
from runtime.graph.parse import parse_graph
from runtime.nodes.registry import load_registry
from runtime.values import Json
from runtime.words import Words

NAMED = 10  # callers that a refusal names


@dataclass(slots=True)
class Caller:
    """A workflow that calls another: in its draft, in these versions, or in both."""

    workflow: UUID
    name: str
    draft: bool = False
    versions: list[int] = field(default_factory=list)

    def to_json(self) -> dict[str, Json]:
        return {
            "id": str(self.workflow),
            "name": self.name,
            "draft": self.draft,
            "versions": sorted(self.versions),
        }


def callers_of(workflow: Workflow) -> list[Caller]:
    """By name. Every version counts: each can be run, and called, by its number."""
    found: dict[UUID, Caller] = {}
    home = {"workflow__workspace": workflow.workspace_id, "workflow__deleted": None}
    drafts = Revision.objects.filter(number=F("workflow__revision"), **home)
    versions = WorkflowVersion.objects.filter(**home)
    for rows, published in ((drafts, False), (versions, True)):
        # The text is asked first: a graph that does not contain the id is not read at all.
        texts = rows.exclude(workflow=workflow).annotate(text=Cast("graph", TextField()))
        for row in texts.filter(text__contains=str(workflow.pk)).select_related("workflow"):
            if all(call.workflow != str(workflow.pk) for call in _calls_of(row.graph)):
                continue
            caller = found.setdefault(row.workflow_id, Caller(row.workflow_id, row.workflow.name))
            if published:
                caller.versions.append(row.number)
            else:
                caller.draft = True
    return sorted(found.values(), key=lambda caller: (caller.name, str(caller.workflow)))


def versions_that_call(workflow: Workflow) -> set[UUID]:
    """The rows of all versions that call it, directly or through others: where its own policy holds as well."""
    rows = WorkflowVersion.objects.filter(
        workflow__workspace=workflow.workspace_id, workflow__deleted=None
    ).exclude(workflow=workflow)
    found: set[UUID] = set()
    known: set[Call] = set()
    called = {str(workflow.pk)}
    while called:
        more: set[str] = set()
        for one in called:
            texts = rows.exclude(pk__in=found).annotate(text=Cast("graph", TextField()))
            for row in texts.filter(text__contains=one):
                calls = _calls_of(row.graph)
                if calls & known or any(call.workflow == str(workflow.pk) for call in calls):
                    found.add(row.pk)
                    known.add(Call(str(row.workflow_id), row.number))
                    more.add(str(row.workflow_id))
        called = more
    return found


def refuse_called(workflow: Workflow) -> None:
    """Raises Refused `workflow_called` with those that call it: without it they do not run."""
    callers = callers_of(workflow)
    if not callers:
        return
    names = [caller.name for caller in callers[:NAMED]]
    more = ["…"] if len(callers) > NAMED else []
    raise Refused(
        "workflow_called",
        Words(
            "Other workflows call this one, and will not run without it: {names}.",
            "其他工作流调用了它，没有它将无法运行：{names}。",
        ).fill(names=Words(", ".join(names + more), "、".join(names + more))),
        Words(
            "Let them call another first, or delete it anyway.", "请先让它们改为调用其他工作流，或仍然删除。"
        ),
        status=409,
        extra={"callers": [caller.to_json() for caller in callers]},
    )


def _calls_of(graph: Json) -> set[Call]:
    parsed, _ = parse_graph(graph)
    return set(calls_in(parsed, load_registry())) if parsed else set()
