"""Runs: submit, list, read, follow, cancel."""

import re
from uuid import UUID

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from builder.accounts.begin_session import lender
from builder.accounts.models import User
from builder.accounts.scope import find, find_writable
from builder.api.checked import checked
from builder.api.drafts import version_of
from builder.api.people import person, workflow_of, workspace_of
from builder.api.shapes.events import EventListSerializer
from builder.api.shapes.keeping import ReceiptSerializer
from builder.api.shapes.runs import (
    EffectSaidSerializer,
    NewRunSerializer,
    RestartSerializer,
    RunPageSerializer,
    RunSerializer,
)
from builder.common.errors import Refused
from builder.common.pagination import page
from builder.keeping.log_read import log_read
from builder.keeping.models import Way
from builder.leaving.erase import Receipt, erase_run
from builder.runs.cancel_run import cancel_run
from builder.runs.decide_effect import Said, decide_effect
from builder.runs.models import Event, Run
from builder.runs.restart_run import restart_run
from builder.runs.submit_run import Order, Submitted, submit_run
from builder.runs.text_file import text_file
from builder.runs.view_run import view_event, view_new_run, view_run, view_run_item
from runtime.graph.model import Issue
from runtime.words import Words

MAX_KEY = 200
MAX_EVENTS = 1_000
MAX_NUMBER = 2**31 - 1
FORMS = {"txt": "text/plain", "md": "text/markdown"}


KEY = OpenApiParameter(
    "Idempotency-Key",
    OpenApiTypes.STR,
    OpenApiParameter.HEADER,
    description="At most 200 characters, your own. The same order under the same key makes one run; "
    "another order under it is refused with 409.",
)


class WorkflowRunsView(APIView):
    """The runs of a workflow."""

    @extend_schema(operation_id="list_workflow_runs", responses=RunPageSerializer)
    def get(self, request: Request, workflow: UUID) -> Response:
        """The runs, newest first."""
        rows = Run.objects.filter(workflow=workflow_of(request, workflow)).defer("arguments")
        return page(request, rows, view_run_item)

    @extend_schema(
        operation_id="submit_run",
        request=NewRunSerializer,
        parameters=[KEY],
        responses={201: RunSerializer, 200: RunSerializer},
    )
    def post(self, request: Request, workflow: UUID) -> Response:
        """Run the saved draft, or a published version; the whole, or up to a node. 200 with the first run when the key was used before."""
        found = workflow_of(request, workflow, write=True)
        given = checked(NewRunSerializer, request)
        number = given.get("version")
        user = person(request)
        order = Order(
            workspace=found.workspace,
            workflow=found,
            version=None if number is None else version_of(found, number),
            inputs=given.get("inputs", {}),
            user=user,
            lent_by=lender(request._request),
            idempotency_key=_idempotency_key(request),
            to=given.get("to"),
            priority=given.get("priority", 0),
        )
        return _submitted(submit_run(order), user)


class WorkspaceRunsView(APIView):
    """The runs of a workspace."""

    @extend_schema(operation_id="list_runs", responses=RunPageSerializer)
    def get(self, request: Request, workspace: UUID) -> Response:
        """The runs, newest first."""
        rows = Run.objects.filter(workspace=workspace_of(request, workspace)).defer("arguments")
        return page(request, rows, view_run_item)


class RunView(APIView):
    """One run."""

    @extend_schema(operation_id="read_run", responses=RunSerializer)
    def get(self, request: Request, run: UUID) -> Response:
        """The run as it is now: poll this, or follow its events."""
        user = person(request)
        return Response(view_run(find(Run.objects.select_related("policy"), user, run), user))

    @extend_schema(operation_id="delete_run", responses={200: ReceiptSerializer})
    def delete(self, request: Request, run: UUID) -> Response:
        """Delete the run for good, with its inputs and what it alone delivered. 409 while it goes on or is held."""
        user = person(request)
        return Response(Receipt(erase_run(find_writable(Run.objects.all(), user, run), user)).to_json())


class TextFileView(APIView):
    """A text of a run as a file."""

    @extend_schema(
        operation_id="read_text_file",
        parameters=[
            OpenApiParameter("output", OpenApiTypes.STR, required=True, description="The output's name."),
            OpenApiParameter("form", {"type": "string", "enum": list(FORMS), "default": "txt"}),
        ],
        responses={(200, "text/plain"): OpenApiTypes.BINARY, (200, "text/markdown"): OpenApiTypes.BINARY},
    )
    def get(self, request: Request, run: UUID) -> HttpResponse:
        """A delivered text as plain text or Markdown. Under the profile `cn` a model's begins with the AIGC label."""
        user = person(request)
        found = find(Run.objects.select_related("policy"), user, run)
        form = request.query_params.get("form", "txt")
        if form not in FORMS:
            raise bad_query("form", Words("This is txt or md.", "应为 txt 或 md。"))
        output = request.query_params.get("output", "")
        if not output:
            raise bad_query(
                "output", Words("This names an output of the run.", "应为该运行的一个输出的名称。")
            )
        content = text_file(found, output)
        log_read(user, Way.DOWNLOAD, found.workspace_id, run=found.pk)
        name = re.sub(r"[^A-Za-z0-9_-]+", "-", output).strip("-")[:60] or "text"
        return HttpResponse(
            content,
            content_type=f"{FORMS[form]}; charset=utf-8",
            headers={
                "Content-Disposition": f'attachment; filename="{name}.{form}"',
                "Cache-Control": "private, no-store",
                "X-Content-Type-Options": "nosniff",
                "Content-Security-Policy": "default-src 'none'; sandbox",
            },
        )


class CancelRunView(APIView):
    """Stopping a run."""

    @extend_schema(operation_id="cancel_run", request=None, responses={200: RunSerializer})
    def post(self, request: Request, run: UUID) -> Response:
        """Ask the run to stop. A run that has ended stays as it is."""
        user = person(request)
        return Response(view_run(cancel_run(find_writable(Run.objects.all(), user, run)), user))


class RestartRunView(APIView):
    """Beginning a run again."""

    @extend_schema(
        operation_id="restart_run",
        request=RestartSerializer,
        parameters=[KEY],
        responses={201: RunSerializer, 200: RunSerializer},
    )
    def post(self, request: Request, run: UUID) -> Response:
        """A new run with the same inputs, of one that failed, was cancelled or blocked; what had ended is taken over."""
        user = person(request)
        found = find_writable(Run.objects.all(), user, run)
        again = checked(RestartSerializer, request).get("again", False)
        return _submitted(
            restart_run(found, user, _idempotency_key(request), again, lender(request._request)), user
        )


class EffectView(APIView):
    """What nobody knows of a step."""

    @extend_schema(operation_id="decide_effect", request=EffectSaidSerializer, responses={200: RunSerializer})
    def post(self, request: Request, run: UUID) -> Response:
        """Say whether a step happened that waits for it, or stop the run. It is taken once; 409 afterwards."""
        user = person(request)
        found = find_writable(Run.objects.all(), user, run)
        given = checked(EffectSaidSerializer, request)
        said = Said(given["decision"])
        return Response(view_run(decide_effect(found, user, given["step"], given["attempt"], said), user))


class EventsView(APIView):
    """What happened in a run."""

    @extend_schema(
        operation_id="list_events",
        parameters=[
            OpenApiParameter(
                "after",
                {"type": "integer", "minimum": 0, "maximum": MAX_NUMBER, "default": 0},
                description="Only events with a higher number.",
            ),
            OpenApiParameter(
                "limit", {"type": "integer", "minimum": 1, "maximum": MAX_EVENTS, "default": MAX_EVENTS}
            ),
        ],
        responses=EventListSerializer,
    )
    def get(self, request: Request, run: UUID) -> Response:
        """Durable events in their order; ask again after the last number to go on."""
        found = find(Run.objects.all(), person(request), run)
        after = number_of(request, "after", 0, 0, MAX_NUMBER)
        limit = number_of(request, "limit", MAX_EVENTS, 1, MAX_EVENTS)
        rows = Event.objects.filter(run=found, seq__gt=after).order_by("seq")[:limit]
        return Response({"results": [view_event(event) for event in rows]})


def _submitted(submitted: Submitted, user: User) -> Response:
    """The new run, or with 200 the one that the same order had made."""
    if submitted.view is None:
        return Response(view_run(submitted.run, user))
    return Response(view_new_run(submitted.run, submitted.steps, submitted.view, user), status=201)


def _idempotency_key(request: Request) -> str | None:
    key: str | None = request.headers.get("Idempotency-Key")
    if key is not None and not (0 < len(key) <= MAX_KEY and key.isprintable()):
        raise Refused(
            "idempotency_key_invalid",
            Words("The Idempotency-Key is not usable.", "Idempotency-Key 无法使用。"),
            Words("Send 1 to 200 printable characters.", "请发送 1 到 200 个可打印字符。"),
        )
    return key


def number_of(request: Request, name: str, default: int, lowest: int, highest: int) -> int:
    """A whole number of the query. Raises Refused `invalid`."""
    text = request.query_params.get(name, str(default))
    if text.isascii() and text.isdigit() and len(text) <= 10 and lowest <= int(text) <= highest:
        return int(text)
    need = Words(
        f"This is a whole number from {lowest} to {highest}.", f"应为 {lowest} 到 {highest} 之间的整数。"
    )
    raise bad_query(name, need)


def bad_query(name: str, need: Words) -> Refused:
    return Refused(
        "invalid",
        Words("The request does not have the right shape.", "请求的结构不正确。"),
        issues=(Issue("field_invalid", need, param=name),),
    )
