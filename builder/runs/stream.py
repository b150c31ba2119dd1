"""Server-sent events: the same story as the websocket's, where websockets do not get through."""

import asyncio
from collections.abc import AsyncIterator, Callable
from uuid import UUID

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.views.decorators.http import require_GET

from builder.accounts.models import User
from builder.common.envelope import answer
from builder.common.errors import not_found
from builder.common.translate_errors import sign_in_required
from builder.runs.follower import Gone, after_of, subscribed
from builder.runs.live import ENDS, Told
from builder.runs.may_watch import Permission
from builder.runs.profiles import profile_of

KEEP_ALIVE = 15.0  # seconds of silence after which a comment is sent, so that no proxy cuts the line


@require_GET
async def run_stream(request: HttpRequest, run: UUID) -> HttpResponseBase:
    """`/api/runs/<id>/stream?after=<number>&profile=author|public`; a browser that comes back names the number in `Last-Event-ID`."""
    user = await request.auser()
    if not isinstance(user, User):
        return answer(request, sign_in_required())
    permission = Permission(user, run, {"session": request.session})
    if not await permission.holds():
        return answer(request, not_found())
    after = after_of(request.headers.get("Last-Event-ID") or request.GET.get("after"))
    if permission.knows_all(after):
        return HttpResponse(status=204)  # which tells an EventSource not to come back
    body = _body(run, permission.known(after), profile_of(request.GET.get("profile")), permission)
    response = StreamingHttpResponse(body, content_type="text/event-stream")
    response["Cache-Control"] = "no-store"
    response["X-Accel-Buffering"] = "no"  # nginx would gather what should be told at once
    return response


async def _body(
    run: UUID, after: int, shown: Callable[[Told], Told | None], permission: Permission
) -> AsyncIterator[str]:
    async with subscribed(run, after) as follower:
        frames = follower.frames(permission.holds)
        waiting = asyncio.ensure_future(anext(frames))
        try:
            while True:
                done, _ = await asyncio.wait({waiting}, timeout=KEEP_ALIVE)
                if not done:
                    yield ": still here\n\n"
                    continue
                try:
                    event = waiting.result()
                except Gone:
                    return
                if told := shown(event):
                    yield _frame(told)
                if event.kind in ENDS:
                    return
                waiting = asyncio.ensure_future(anext(frames))
        finally:
            waiting.cancel()


def _frame(event: Told) -> str:
    # A live frame has no number: the browser then keeps the last one that it got.
    number = f"id: {event.seq}\n" if event.seq else ""
    return f"{number}data: {event.text}\n\n"
