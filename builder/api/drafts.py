"""Drafts and their revisions; versions and their publication."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.accounts.models import User
from builder.api.checked import checked
from builder.api.people import person, workflow_of
from builder.api.shapes.errors import RevisionConflictSerializer
from builder.api.shapes.workflows import (
    DraftSavedSerializer,
    DraftSerializer,
    NewVersionSerializer,
    RevisionPageSerializer,
    RevisionSerializer,
    VersionItemSerializer,
    VersionPageSerializer,
    VersionSerializer,
)
from builder.common.errors import not_found
from builder.common.pagination import page
from builder.workflows.models import Revision, Workflow, WorkflowVersion
from builder.workflows.publish_workflow import publish_workflow
from builder.workflows.read_graph import read_graph
from builder.workflows.save_draft import save_draft
from runtime.compiler.interface import interface_of
from runtime.nodes.registry import load_registry
from runtime.values import Json


class DraftView(APIView):
    """The draft of a workflow."""

    @extend_schema(
        operation_id="save_draft",
        request=DraftSerializer,
        responses={200: DraftSavedSerializer, 409: RevisionConflictSerializer},
    )
    def put(self, request: Request, workflow: UUID) -> Response:
        """Save the draft as the next revision. 409 with the current draft when somebody else was faster."""
        found = workflow_of(request, workflow, write=True)
        given = checked(DraftSerializer, request)
        revision = save_draft(found, person(request), given["base_revision"], given["graph"])
        return Response({"revision": revision.number, "saved": revision.saved.isoformat()})


class RevisionsView(APIView):
    """The saves of a draft."""

    @extend_schema(operation_id="list_revisions", responses=RevisionPageSerializer)
    def get(self, request: Request, workflow: UUID) -> Response:
        """The last 200 saves, newest first."""
        rows = (
            Revision.objects.filter(workflow=workflow_of(request, workflow))
            .defer("graph")
            .select_related("by")
        )
        return page(request, rows, _describe_revision, order="-number")


class RevisionView(APIView):
    """One save."""

    @extend_schema(operation_id="read_revision", responses=RevisionSerializer)
    def get(self, request: Request, workflow: UUID, number: int) -> Response:
        """A save with its graph."""
        rows = Revision.objects.filter(workflow=workflow_of(request, workflow)).select_related("by")
        found = rows.filter(number=number).first()
        if found is None:
            raise not_found()
        return Response(_describe_revision(found) | {"graph": found.graph})


class VersionsView(APIView):
    """The published versions of a workflow."""

    @extend_schema(operation_id="list_versions", responses=VersionPageSerializer)
    def get(self, request: Request, workflow: UUID) -> Response:
        """The versions, newest first."""
        rows = WorkflowVersion.objects.filter(workflow=workflow_of(request, workflow)).defer("graph")
        return page(request, rows, _describe_version, order="-number")

    @extend_schema(
        operation_id="publish_workflow", request=NewVersionSerializer, responses={201: VersionItemSerializer}
    )
    def post(self, request: Request, workflow: UUID) -> Response:
        """Publish the draft; 400 with all issues when it does not compile."""
        found = workflow_of(request, workflow, write=True)
        note = checked(NewVersionSerializer, request).get("note", "")
        return Response(_describe_version(publish_workflow(found, person(request), note)), status=201)


class VersionView(APIView):
    """One version."""

    @extend_schema(operation_id="read_version", responses=VersionSerializer)
    def get(self, request: Request, workflow: UUID, number: int) -> Response:
        """A version with its graph, and what it asks for and gives when another workflow calls it."""
        home = workflow_of(request, workflow)
        found = version_of(home, number)
        doors = interface_of(read_graph(found.graph), load_registry())
        inputs, outputs = (
            [door.to_json() for door in side.values()] for side in (doors.inputs, doors.outputs)
        )
        more = {"name": home.name, "graph": found.graph, "inputs": inputs, "outputs": outputs}
        return Response(_describe_version(found) | more)


def version_of(workflow: Workflow, number: int) -> WorkflowVersion:
    """The version with this number. Raises Refused 404."""
    found = WorkflowVersion.objects.filter(workflow=workflow, number=number).first()
    if found is None:
        raise not_found()
    return found


def _describe_revision(revision: Revision) -> dict[str, Json]:
    return {"number": revision.number, "saved": revision.saved.isoformat(), "by": _name(revision.by)}


def _describe_version(version: WorkflowVersion) -> dict[str, Json]:
    return {
        "id": str(version.pk),
        "number": version.number,
        "created": version.created.isoformat(),
        "note": version.note,
    }


def _name(user: User | None) -> str | None:
    return user.display_name if user else None
