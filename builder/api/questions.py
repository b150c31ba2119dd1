"""What a run asks people: shown to who may start runs there, and answered by them."""

from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.accounts.scope import find_writable
from builder.api.checked import checked
from builder.api.people import person
from builder.api.runs import MAX_NUMBER, bad_query, number_of
from builder.api.shapes.questions import NewAnswerSerializer, QuestionListSerializer
from builder.api.shapes.runs import RunSerializer
from builder.assets.store import open_store
from builder.keeping.log_read import log_read
from builder.keeping.models import Way
from builder.runs.answer_question import answer_question
from builder.runs.models import Run
from builder.runs.view_questions import asked_file, view_questions
from builder.runs.view_run import view_run
from runtime.words import Words

# Once it is answered nobody sees it any more, in no cache either.
UNKEPT = {"Cache-Control": "no-store"}


class QuestionsView(APIView):
    """What a run asks now."""

    @extend_schema(operation_id="list_questions", responses=QuestionListSerializer)
    def get(self, request: Request, run: UUID) -> Response:
        """The open questions of the run, with what they are about, for who may answer them: who may start runs there."""
        user = person(request)
        found = find_writable(Run.objects.all(), user, run)
        results = view_questions(found)
        if any(item["value"] is not None for item in results):  # a file is written down when it is read
            log_read(user, Way.SHOWN, found.workspace_id, run=found.pk)
        return Response({"results": results}, headers=UNKEPT)


class QuestionFileView(APIView):
    """A picture or a sound that is asked about."""

    @extend_schema(
        operation_id="read_question_file",
        parameters=[
            OpenApiParameter("step", OpenApiTypes.STR, required=True, description="The step that asks."),
            OpenApiParameter(
                "number", {"type": "integer", "minimum": 1, "maximum": MAX_NUMBER, "default": 1}
            ),
        ],
        responses={(200, "*/*"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, run: UUID) -> HttpResponse:
        """The bytes, as long as the question is open."""
        user = person(request)
        found = find_writable(Run.objects.all(), user, run)
        number = number_of(request, "number", 1, 1, MAX_NUMBER)
        step = request.query_params.get("step", "")
        if not step:
            raise bad_query("step", Words("This names a step of the run.", "应为该运行的一个步骤的名称。"))
        ref = asked_file(found, step, number)
        log_read(user, Way.SHOWN, found.workspace_id, run=found.pk)
        response = HttpResponse(open_store().read(ref), content_type=ref.media_type, headers=UNKEPT)
        response["X-Content-Type-Options"] = "nosniff"
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        return response


class AnswersView(APIView):
    """Answering."""

    @extend_schema(
        operation_id="answer_question", request=NewAnswerSerializer, responses={200: RunSerializer}
    )
    def post(self, request: Request, run: UUID) -> Response:
        """Answer what a step asks. It is taken once; 409 afterwards, and when its time is over."""
        user = person(request)
        found = find_writable(Run.objects.all(), user, run)
        given = checked(NewAnswerSerializer, request)
        answered = answer_question(found, user, given["step"], given["attempt"], given["answer"])
        return Response(view_run(answered, user))
