"""The palette, and what a graph would compile to."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.api.checked import checked
from builder.api.people import workflow_in, workspace_of
from builder.api.shapes.node_types import PaletteSerializer
from builder.api.shapes.plan import CompiledSerializer, CompileSerializer
from builder.common.errors import Refused
from builder.safety.owner import Owner
from builder.workflows.compile_draft import compile_draft
from builder.workflows.read_graph import read_graph
from builder.workflows.warm_workers import warm_workers
from runtime.nodes.registry import load_registry


class NodeTypesView(APIView):
    """All node types."""

    @extend_schema(operation_id="list_node_types", responses=PaletteSerializer)
    def get(self, request: Request) -> Response:
        """Every node type, and which port fits which."""
        palette = load_registry().palette()
        etag = f'"{palette["digest"]}"'
        if request.headers.get("If-None-Match") == etag:
            return Response(status=304, headers={"ETag": etag})
        return Response(palette, headers={"ETag": etag, "Cache-Control": "private, no-cache"})


class CompileView(APIView):
    """The compiler, for looking: nothing is stored and nothing runs."""

    @extend_schema(
        operation_id="compile_graph", request=CompileSerializer, responses={200: CompiledSerializer}
    )
    def post(self, request: Request, workspace: UUID) -> Response:
        """The plan with its gates, or all issues. Mistakes in the graph are an answer, not an error."""
        place = workspace_of(request, workspace)
        given = checked(CompileSerializer, request)
        workflow = workflow_in(request, place, given.get("workflow"))
        owner = Owner(str(place.pk), str(workflow.pk) if workflow else "")
        try:
            compiled = compile_draft(read_graph(given["graph"]), owner, to=given.get("to"))
        except Refused as refused:
            return Response({"issues": [issue.to_json() for issue in refused.issues], "plan": None})
        if compiled.plan is not None:
            warm_workers(compiled.plan)  # whoever looks at it may soon run it
        return Response({"issues": [issue.to_json() for issue in compiled.issues], "plan": compiled.view()})
