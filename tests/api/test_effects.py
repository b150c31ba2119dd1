"""Who may say whether a step happened that must not happen twice, and what is answered to everybody else."""

from typing import Any

import pytest

from builder.accounts.roles import Role
from builder.runs.doubts import BEGUN
from builder.runs.end_segment import take_back
from builder.runs.ledger import open_ledger
from builder.runs.models import Segment, Step
from tests.api.conftest import Member, NewMember
from tests.api.everything import Everything, make_everything


@pytest.fixture
def everything(ada: Member) -> Everything:
    return make_everything(ada)


@pytest.fixture
def body(everything: Everything) -> dict[str, Any]:
    """What to send about a step of the run that nobody knows about."""
    segment = Segment.objects.filter(run=everything.ids["run"], state="ready").first()
    assert segment is not None
    step = Step.objects.filter(run=segment.run_id, segment=segment.index).order_by("position").first()
    assert step is not None
    Segment.objects.filter(pk=segment.pk).update(
        state="leased", attempt=1, leased_until="2999-01-01T00:00:00Z"
    )
    Step.objects.filter(pk=step.pk).update(state="running", attempt=1, effect=BEGUN)
    with open_ledger(segment.run_id) as ledger:
        ledger.start_run()
        take_back(ledger, ledger.run.segments.get(pk=segment.pk), lost=True)
    return {"step": step.name, "attempt": 1, "decision": "not_happened"}


def test_who_may_start_a_run_decides_and_nobody_else(
    everything: Everything, member: NewMember, body: dict[str, Any]
) -> None:
    address = f"/api/runs/{everything.ids['run']}"
    viewer = member("eve", workspace=everything.member.workspace, role=Role.VIEWER).client
    assert viewer.post(f"{address}/effects", body, format="json").status_code == 403
    assert member("mallory").client.post(f"{address}/effects", body, format="json").status_code == 404
    shown = viewer.get(address).json()
    step = next(step for step in shown["steps"] if step["id"] == body["step"])
    assert (shown["state"], step["state"], step["waits"]["for"]) == ("waiting", "waiting", "decision")
    assert step["error"]["code"] == "effect_unknown"
    editor = member("bob", workspace=everything.member.workspace).client
    answer = editor.post(f"{address}/effects", body, format="json")
    assert answer.status_code == 200
    again = everything.member.client.post(f"{address}/effects", body, format="json")
    assert (again.status_code, again.json()["code"]) == (409, "nothing_to_decide")
    told = editor.get(f"{address}/events").json()["results"]
    assert [event["kind"] for event in told][-3:] == ["step.waiting", "run.waiting", "step.decided"]
    assert "bob" not in str(told)


@pytest.mark.parametrize(
    "change", [{"attempt": 2}, {"step": "nowhere"}, {"attempt": 0}, {"decision": "perhaps"}, {"step": None}]
)
def test_what_fits_no_open_question_changes_nothing(
    everything: Everything, body: dict[str, Any], change: dict[str, Any]
) -> None:
    answer = everything.member.client.post(
        f"/api/runs/{everything.ids['run']}/effects", body | change, format="json"
    )
    assert answer.status_code in (400, 409)
    assert Step.objects.get(run=everything.ids["run"], name=body["step"]).effect == BEGUN


def test_the_run_is_stopped(everything: Everything, body: dict[str, Any]) -> None:
    ada, address = everything.member.client, f"/api/runs/{everything.ids['run']}"
    answer = ada.post(f"{address}/effects", body | {"decision": "stop"}, format="json")
    assert (answer.status_code, answer.json()["state"]) == (200, "cancelled")
    assert ada.post(f"{address}/restart").json()["code"] == "may_happen_twice"
    assert ada.post(f"{address}/restart", {"again": False}, format="json").status_code == 409
    assert ada.post(f"{address}/restart", {"again": "x"}, format="json").status_code == 400
    assert ada.post(f"{address}/restart", {"again": True}, format="json").status_code == 201
