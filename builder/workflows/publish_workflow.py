"""Publishes a draft as an immutable version."""

import hashlib
import json

from django.db import transaction
from django.utils import timezone

from builder.accounts.models import User
from builder.safety.owner import Owner
from builder.workflows.compile_draft import compile_draft
from builder.workflows.models import Workflow, WorkflowVersion
from builder.workflows.read_graph import graph_invalid, read_graph
from runtime.plan import Plan


def publish_workflow(workflow: Workflow, user: User | None, note: str = "") -> WorkflowVersion:
    """The new version. Raises Refused `graph_invalid` with all issues when the draft does not compile."""
    graph = read_graph(workflow.draft.graph)
    compiled = compile_draft(graph, Owner(str(workflow.workspace_id), str(workflow.pk)))
    if compiled.plan is None:
        raise graph_invalid(compiled.issues)
    with transaction.atomic():
        # The row lock makes two who publish at once take turns.
        held = Workflow.objects.select_for_update().get(pk=workflow.pk)
        number = (held.published or 0) + 1
        version = WorkflowVersion.objects.create(
            workflow=held,
            number=number,
            graph=graph.to_json(),
            plan_digest=digest_of(compiled.plan),
            policy_version=compiled.policy.version,
            note=note,
            by=user,
        )
        Workflow.objects.filter(pk=held.pk).update(published=number, updated=timezone.now())
    return version


def digest_of(plan: Plan) -> str:
    """SHA-256 (hex) of the plan's canonical JSON."""
    canonical = json.dumps(plan.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()
