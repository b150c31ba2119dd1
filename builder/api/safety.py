"""Filters: which there are, and what they would say of something."""

from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.api.checked import checked
from builder.api.people import person, require_owner, workflow_in, workspace_of
from builder.api.shapes.safety import FilterListSerializer, TriedSerializer, WhatIfSerializer
from builder.runs.what_if import Question, what_if
from builder.safety.owner import Owner
from builder.safety.publish_draft import candidate_of
from runtime.labels import Sink, Source
from runtime.safety.filters import FilterSpec, load_filters
from runtime.values import Json


class FiltersView(APIView):
    """All filters."""

    @extend_schema(operation_id="list_filters", responses=FilterListSerializer)
    def get(self, request: Request) -> Response:
        """Every filter, what it can name, and what it is known to miss."""
        return Response({"results": [_filter(item.spec) for item in load_filters().values()]})


class WhatIfView(APIView):
    """The policy, for trying."""

    @extend_schema(operation_id="what_if", request=WhatIfSerializer, responses={200: TriedSerializer})
    def post(self, request: Request, workspace: UUID) -> Response:
        """What the gate would say of a text, a picture or a sound. Nothing runs and nothing is kept; 20 times a minute."""
        found = workspace_of(request, workspace, write=True)
        given = checked(WhatIfSerializer, request)
        workflow = workflow_in(request, found, given.get("workflow"))
        owner = Owner(str(found.pk), str(workflow.pk) if workflow else "")
        if given.get("draft"):
            require_owner(request, found)
        usual = Source.UPLOAD if "asset" in given else Source.USER
        question = Question(
            workspace=found,
            user=person(request),
            owner=owner,
            candidate=candidate_of(owner) if given.get("draft") else None,
            text=given.get("text"),
            asset=given.get("asset"),
            sink=Sink(given["sink"]),
            sources=frozenset(Source(name) for name in given.get("sources", [usual])),
        )
        answer = Response(what_if(question))
        answer["Cache-Control"] = "no-store"
        return answer


def _filter(spec: FilterSpec) -> dict[str, Json]:
    return {
        "id": spec.id,
        "title": spec.title.to_json(),
        "media": [kind.value for kind in spec.media],
        "categories": [{"id": item.id, "title": item.title.to_json()} for item in spec.categories],
        "languages": list(spec.languages),
        "licence": spec.licence,
        "cost": spec.cost,
        "misses": spec.misses.to_json(),
    }
