"""The reviewers' desk: what gates hold, who looked, what they decided. And appeals by who started a run."""

from uuid import UUID

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.accounts.begin_session import lender
from builder.accounts.scope import find
from builder.api.checked import checked
from builder.api.people import person
from builder.api.shapes.reviews import (
    REVIEW_STATES,
    AppealListSerializer,
    AppealSerializer,
    MaterialSerializer,
    NewAppealSerializer,
    NewOpinionSerializer,
    ReviewPageSerializer,
    ReviewSerializer,
)
from builder.assets.store import open_store
from builder.common.pagination import page
from builder.keeping.log_read import log_read
from builder.keeping.models import Way
from builder.reviews.appeal import appeal
from builder.reviews.desk import find_review, reviews_of
from builder.reviews.give_opinion import Judgement, give_opinion
from builder.reviews.look_at import file_of, look_at, view_material
from builder.reviews.models import Look
from builder.reviews.view_review import view_appeal, view_appeals, view_review
from builder.runs.models import Run
from runtime.safety.ruling import Cut, Decision

# Nobody's cache may keep what has passed no gate.
UNKEPT = {"Cache-Control": "no-store"}


class ReviewsView(APIView):
    """What lies on the desk."""

    @extend_schema(
        operation_id="list_reviews",
        parameters=[OpenApiParameter("state", OpenApiTypes.STR, enum=REVIEW_STATES)],
        responses=ReviewPageSerializer,
    )
    def get(self, request: Request) -> Response:
        """Reviews of the workspaces whose reviewer you are, newest first; an administrator sees all."""
        user = person(request)
        rows = reviews_of(user).prefetch_related("opinions", "looks", "run__findings")
        state = request.query_params.get("state")
        if state is not None:
            rows = rows.filter(state=state) if state in REVIEW_STATES else rows.none()
        return page(request, rows, lambda review: view_review(review, user))


class ReviewView(APIView):
    """One review."""

    @extend_schema(operation_id="read_review", responses=ReviewSerializer)
    def get(self, request: Request, review: UUID) -> Response:
        """The review without its material."""
        user = person(request)
        return Response(view_review(find_review(user, review), user))


class LooksView(APIView):
    """Looking at the material."""

    @extend_schema(operation_id="look_at_review", request=None, responses={201: MaterialSerializer})
    def post(self, request: Request, review: UUID) -> Response:
        """Look at the material. That you looked, and when, is written down first."""
        look, held = look_at(person(request), review, lender(request._request))
        return Response(view_material(look, held), status=201, headers=UNKEPT)


class LookFileView(APIView):
    """A picture or a sound of the material."""

    @extend_schema(operation_id="read_review_file", responses={(200, "*/*"): OpenApiTypes.BINARY})
    def get(self, request: Request, look: UUID, number: int) -> HttpResponseBase:
        """The bytes of one picture or sound, for who has just looked."""
        ref = file_of(person(request), look, number)
        seen = Look.objects.select_related("review__run").get(pk=look).review
        log_read(person(request), Way.DESK, seen.run.workspace_id, review=seen.pk)
        response = HttpResponse(open_store().read(ref), content_type=ref.media_type, headers=UNKEPT)
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response


class OpinionsView(APIView):
    """Deciding."""

    @extend_schema(
        operation_id="give_opinion", request=NewOpinionSerializer, responses={201: ReviewSerializer}
    )
    def post(self, request: Request, review: UUID) -> Response:
        """Decide: allow, redact or block, with the reason. The strictest of all opinions counts.

        The reason is judged first, as texts for people are: 422 when the policy stops it, 409 when no worker could
        say, and nothing is decided.
        """
        user = person(request)
        given = checked(NewOpinionSerializer, request)
        cuts = tuple(Cut(item["item"], item["start"], item["end"]) for item in given.get("cuts", ()))
        judgement = Judgement(Decision(given["decision"]), given["note"], cuts)
        made = give_opinion(user, review, judgement, lender(request._request))
        return Response(view_review(made, user), status=201)


class AppealsView(APIView):
    """Appeals for what was withheld from a run."""

    @extend_schema(operation_id="list_appeals", responses=AppealListSerializer)
    def get(self, request: Request, run: UUID) -> Response:
        """What was withheld and kept, whether it can be appealed for, and what came of it.

        What was said in words is told to who started the run, to reviewers and to administrators.
        """
        user = person(request)
        return Response({"results": view_appeals(find(Run.objects.all(), user, run), user)})

    @extend_schema(operation_id="appeal", request=NewAppealSerializer, responses={201: AppealSerializer})
    def post(self, request: Request, run: UUID) -> Response:
        """Ask a reviewer to look at a withheld output, once. Only who started the run can.

        The text is judged first, as texts for people are: 422 when the policy stops it, 409 when no worker could say.
        """
        user = person(request)
        found = find(Run.objects.all(), user, run)
        given = checked(NewAppealSerializer, request)
        made = appeal(found, user, given["output"], given["text"], lender(request._request))
        return Response(view_appeal(made, words=True), status=201)
