"""Deleting for good, how long what is kept, and a person's own data."""

from uuid import UUID

from django.http import StreamingHttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.accounts.models import User, Workspace
from builder.accounts.roles import Role
from builder.accounts.scope import find_writable
from builder.api.checked import checked
from builder.api.people import person, workspace_of
from builder.api.shapes.keeping import (
    EraseWorkflowSerializer,
    ExportSerializer,
    NewExportSerializer,
    NewRetentionSerializer,
    ReceiptSerializer,
    RetentionSerializer,
)
from builder.common.errors import not_found, read_only
from builder.keeping.models import Erasure, Export, Kept
from builder.keeping.retention import set_retention, terms_of
from builder.leaving.erase import Receipt, erase_workflow
from builder.leaving.export import begin_export, find_export, pack
from builder.workflows.callers_of import refuse_called
from builder.workflows.models import Workflow
from runtime.values import Json


class EraseWorkflowView(APIView):
    """Deleting a workflow for good."""

    @extend_schema(
        operation_id="erase_workflow", request=EraseWorkflowSerializer, responses={200: ReceiptSerializer}
    )
    def post(self, request: Request, workflow: UUID) -> Response:
        """Delete it with all revisions and versions, now and for good; with `with_runs` its runs, too. 409 if others call it."""
        found = find_writable(Workflow.objects.all(), person(request), workflow)
        given = checked(EraseWorkflowSerializer, request)
        # What is deleted already has been asked about.
        if found.deleted is None and not given.get("anyway", False):
            refuse_called(found)
        erasure = erase_workflow(found, person(request), given.get("with_runs", False))
        return Response(Receipt(erasure).to_json())


class ReceiptView(APIView):
    """The receipt of a deletion."""

    @extend_schema(operation_id="read_receipt", responses=ReceiptSerializer)
    def get(self, request: Request, receipt: UUID) -> Response:
        """How far a deletion that you asked for is; an administrator reads all."""
        user = person(request)
        rows = Erasure.objects.select_related("by")
        found = (rows if user.is_superuser else rows.filter(by=user)).filter(pk=receipt).first()
        if found is None:
            raise not_found()
        return Response(Receipt(found).to_json())


class RetentionView(APIView):
    """How long a workspace keeps what."""

    @extend_schema(operation_id="read_retention", responses=RetentionSerializer)
    def get(self, request: Request, workspace: UUID) -> Response:
        """For each kind: wanted, allowed at most, and what holds, in days."""
        return Response(_terms(workspace_of(request, workspace)))

    @extend_schema(
        operation_id="set_retention", request=NewRetentionSerializer, responses={200: RetentionSerializer}
    )
    def put(self, request: Request, workspace: UUID) -> Response:
        """Change it. Only an owner of the workspace can; never beyond the installation's most."""
        found = workspace_of(request, workspace)
        user = person(request)
        if not found.memberships.filter(user=user, role=Role.OWNER).exists():
            raise read_only()
        given = checked(NewRetentionSerializer, request)
        set_retention(found, {Kept(kind): days for kind, days in given.items()}, user)
        return Response(_terms(found))


class ExportsView(APIView):
    """A person's own data."""

    @extend_schema(
        operation_id="begin_export", request=NewExportSerializer, responses={201: ExportSerializer}
    )
    def post(self, request: Request) -> Response:
        """Get a link to everything that you uploaded, ran, wrote and decided; it is good for a day."""
        user = person(request)
        wanted = checked(NewExportSerializer, request).get("person", user.pk)
        of = User.objects.filter(pk=wanted).first() if user.is_superuser or wanted == user.pk else None
        if of is None:
            raise not_found()
        return Response(_describe(begin_export(of, user)), status=201)


class ExportView(APIView):
    """One export."""

    @extend_schema(operation_id="read_export", responses=ExportSerializer)
    def get(self, request: Request, export: UUID) -> Response:
        """How far it has been fetched."""
        return Response(_describe(find_export(person(request), export)))


class ExportFileView(APIView):
    """The zip."""

    @extend_schema(operation_id="fetch_export", responses={(200, "application/zip"): OpenApiTypes.BINARY})
    def get(self, request: Request, export: UUID) -> HttpResponseBase:
        """Everything in one file, packed while it is sent. Each file in it is written down as read."""
        found = find_export(person(request), export)
        response = StreamingHttpResponse(pack(found), content_type="application/zip")
        response["Content-Disposition"] = 'attachment; filename="sluiceway-data.zip"'
        response["Cache-Control"] = "no-store"
        response["X-Content-Type-Options"] = "nosniff"
        return response


def _terms(workspace: Workspace) -> dict[str, Json]:
    return {
        "results": [
            {"kind": kind.value, "wanted": term.wanted, "most": term.most, "days": term.days}
            for kind, term in terms_of(workspace).items()
        ]
    }


def _describe(export: Export) -> dict[str, Json]:
    return {
        "id": str(export.pk),
        "total": export.total,
        "done": export.done,
        "fetched": export.fetched.isoformat() if export.fetched else None,
        "expires": export.expires.isoformat(),
        "url": f"/api/account/exports/{export.pk}/file",
    }
