"""Workflows: list, create, read, change, copy, delete and bring back."""

from uuid import UUID

from django.db.models import Count
from django.utils import timezone
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.accounts.scope import find_writable
from builder.api.checked import checked
from builder.api.people import person, workflow_of, workspace_of
from builder.api.shapes.errors import CalledSerializer
from builder.api.shapes.workflows import (
    CallerListSerializer,
    NewWorkflowSerializer,
    WorkflowChangesSerializer,
    WorkflowPageSerializer,
    WorkflowSerializer,
)
from builder.common.pagination import page
from builder.workflows.callers_of import callers_of
from builder.workflows.create_workflow import create_workflow
from builder.workflows.delete_workflow import delete_workflow, restore_workflow
from builder.workflows.duplicate_workflow import duplicate_workflow
from builder.workflows.models import Workflow
from runtime.values import Json


class WorkflowsView(APIView):
    """The workflows of a workspace."""

    @extend_schema(operation_id="list_workflows", responses=WorkflowPageSerializer)
    def get(self, request: Request, workspace: UUID) -> Response:
        """The workflows, the last changed first."""
        rows = Workflow.objects.alive().filter(workspace=workspace_of(request, workspace))
        return page(request, rows.annotate(run_count=Count("runs")), _describe_item, order="-updated")

    @extend_schema(
        operation_id="create_workflow", request=NewWorkflowSerializer, responses={201: WorkflowSerializer}
    )
    def post(self, request: Request, workspace: UUID) -> Response:
        """Create a workflow, empty or from a graph."""
        home = workspace_of(request, workspace, write=True)
        given = checked(NewWorkflowSerializer, request)
        made = create_workflow(home, person(request), given["name"], given.get("graph"))
        return Response(describe_workflow(made), status=201)


class WorkflowView(APIView):
    """One workflow."""

    @extend_schema(operation_id="read_workflow", responses=WorkflowSerializer)
    def get(self, request: Request, workflow: UUID) -> Response:
        """The workflow with its draft."""
        return Response(describe_workflow(workflow_of(request, workflow)))

    @extend_schema(
        operation_id="change_workflow",
        request=WorkflowChangesSerializer,
        responses={200: WorkflowSerializer},
    )
    def patch(self, request: Request, workflow: UUID) -> Response:
        """Rename it, or describe it anew."""
        found = workflow_of(request, workflow, write=True)
        changes = checked(WorkflowChangesSerializer, request)
        Workflow.objects.filter(pk=found.pk).update(**changes, updated=timezone.now())
        found.refresh_from_db()
        return Response(describe_workflow(found))

    @extend_schema(
        operation_id="delete_workflow",
        parameters=[OpenApiParameter("anyway", OpenApiTypes.STR, description="1: even if others call it")],
        responses={204: None, 409: CalledSerializer},
    )
    def delete(self, request: Request, workflow: UUID) -> Response:
        """Delete it; for thirty days it can be restored. 409 with those that call it, if any do."""
        found = workflow_of(request, workflow, write=True)
        delete_workflow(found, anyway=request.query_params.get("anyway") == "1")
        return Response(status=204)


class CallersView(APIView):
    """What would not run without a workflow."""

    @extend_schema(operation_id="list_callers", responses=CallerListSerializer)
    def get(self, request: Request, workflow: UUID) -> Response:
        """The workflows that call it, in their draft or in a published version."""
        callers = callers_of(workflow_of(request, workflow))
        return Response({"results": [caller.to_json() for caller in callers]})


class RestoreView(APIView):
    """The way back from deletion."""

    @extend_schema(operation_id="restore_workflow", request=None, responses={200: WorkflowSerializer})
    def post(self, request: Request, workflow: UUID) -> Response:
        """Bring a deleted workflow back."""
        found = find_writable(Workflow.objects.all(), person(request), workflow)
        restore_workflow(found)
        return Response(describe_workflow(found))


class DuplicateView(APIView):
    """Copies."""

    @extend_schema(operation_id="duplicate_workflow", request=None, responses={201: WorkflowSerializer})
    def post(self, request: Request, workflow: UUID) -> Response:
        """Copy the draft into a new workflow of the same workspace."""
        copy = duplicate_workflow(workflow_of(request, workflow, write=True), person(request))
        return Response(describe_workflow(copy), status=201)


def _describe_item(workflow: Workflow) -> dict[str, Json]:
    return {
        "id": str(workflow.pk),
        "name": workflow.name,
        "updated": workflow.updated.isoformat(),
        "revision": workflow.revision,
        "published": workflow.published,
        "runs": vars(workflow)["run_count"],  # annotated by the list
    }


def describe_workflow(workflow: Workflow) -> dict[str, Json]:
    return {
        "id": str(workflow.pk),
        "workspace": str(workflow.workspace_id),
        "name": workflow.name,
        "description": workflow.description,
        "revision": workflow.revision,
        "graph": workflow.draft.graph,
        "updated": workflow.updated.isoformat(),
        "published": workflow.published,
    }
