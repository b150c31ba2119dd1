"""The net itself: whichever address gave something away, `Visit.seen` would see it."""

from typing import Any

import pytest
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from rest_framework.response import Response

from builder.gallery.models import Template
from builder.workflows.models import Revision
from tests.api.pictures import png
from tests.fixtures.runs import chain, stub_policy
from tests.safety.paths.visit import CANARY, Visit
from tests.safety.paths.walk import OF_NO_RUN, STREAM, routes, view_of

PLAIN = chain(("u", "upper", {}))
# What reviewers alone are answered, and they are shown what is held on purpose (tests/worker/test_hold.py).
OF_REVIEWERS = {"reviews/<uuid:review>", "review-looks/<uuid:look>/files/<number:number>"}


def leak(monkeypatch: pytest.MonkeyPatch, route: str) -> None:
    """From now on the view says more than it should, wherever it says anything: what is refused stays refused."""
    view = view_of(route)
    honest = view.get

    def get(self: Any, *given: Any, **more: Any) -> HttpResponseBase:
        answer = honest(self, *given, **more)
        if isinstance(answer, Response):
            answer.data = {**answer.data, "more": leaked(route)}
            return answer
        return HttpResponse(leaked(route))

    monkeypatch.setattr(view, "get", get)


def leaked(route: str) -> str:
    return f"{CANARY} by {route}."


def everything(visit: Visit) -> tuple[str, str | None]:
    """A blocked run of a workflow with a version, beside a file, a template, and the receipt of a deletion."""
    visit.policy(stub_policy())
    gone = visit.draw(PLAIN)
    graph, words = Revision.objects.get(workflow=gone).graph, {"en": "t", "zh": "t"}
    Template.objects.create(slug="t", title=words, description=words, graph=graph, inputs=[])
    visit.post(f"workflows/{gone}/erase", {}, 200)
    visit.member.client.post(
        f"/api/workspaces/{visit.member.workspace.pk}/assets", {"file": png()}, format="multipart"
    )
    workflow = visit.publish(PLAIN).partition("@")[0]
    return workflow, visit.run(workflow)


def test_what_any_address_gave_away_would_be_seen(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    workflow, run = everything(visit)
    assert visit.state(run) == "blocked"
    assert not [text for text in visit.seen(workflow, run) if CANARY in text]
    for route in routes():
        leak(monkeypatch, route)
    told = "".join(visit.seen(workflow, run))
    unseen = {route for route in routes() if leaked(route) not in told}
    files = {"runs/<uuid:run>/text-file", "runs/<uuid:run>/question-file"}
    assert unseen == OF_REVIEWERS | files, "what was not delivered, or is not asked about, is no file"


def test_a_text_that_was_saved_is_seen(visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    visit.policy(stub_policy())
    workflow = visit.draw(PLAIN)
    run = visit.run(workflow, "hello")
    assert visit.state(run) == "succeeded"
    leak(monkeypatch, route := "runs/<uuid:run>/text-file")
    assert leaked(route) in set(visit.seen(workflow, run))


def test_one_word_in_a_drawing_that_nobody_drew_would_be_seen(visit: Visit) -> None:
    """What an author wrote is no leak; the same place with anything else in it is one."""
    workflow, run = everything(visit)
    Revision.objects.filter(workflow=workflow).update(graph=chain(("u", "upper", {"word": CANARY})))
    assert [text for text in visit.seen(workflow, run) if CANARY in text]


def test_every_address_is_walked_or_says_why_not() -> None:
    assert len(routes()) >= 20
    assert not {*routes()} & (OF_NO_RUN | {STREAM})
