"""Logs: as lines for people or as JSON for machines, with the run that they are about, and nothing of its material."""

import json
import logging
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from builder.accounts.models import Workspace
from builder.bootstrap import places
from builder.common.log_lines import JsonLines
from builder.runs.models import Run
from builder.runs.submit_run import Order, submit_run
from runtime import logs
from runtime.safety.policy import Policy
from runtime.worker.environment import for_child
from tests.fixtures.runs import Workers, chain, ended, stub_policy

SECRET, PROMPT = "canary-secret", "canary-prompt"
# A message service that is not there, under an address with a password: Celery complains about it all the time.
AWAY = f"redis://:{SECRET}@127.0.0.1:1/0"


def line(message: str = "said", **more: Any) -> logging.LogRecord:
    return logging.LogRecord(
        "a.b", logging.WARNING, "file", 1, message, more.pop("args", ()), more.pop("exc", None)
    )


def test_a_line_of_json_says_when_how_bad_who_what_and_about_which_run() -> None:
    with logs.about(run="r1", segment=3):
        body = json.loads(logs.JsonLines().format(line("%s is “away”", args=("it",))))
    assert datetime.fromisoformat(body.pop("time")).tzinfo is not None
    assert body == {"level": "WARNING", "logger": "a.b", "message": "it is “away”", "run": "r1", "segment": 3}
    assert "run" not in json.loads(logs.JsonLines().format(line()))


def test_what_a_fault_says_is_left_out_and_where_it_came_from_is_not() -> None:
    try:
        raise ValueError(PROMPT)
    except ValueError:
        text = logs.JsonLines().format(line(exc=sys.exc_info()))
    body = json.loads(text)
    assert PROMPT not in text and body["fault"] == "ValueError" and __file__ in body["at"][0]


def test_a_text_of_several_lines_stays_one_line() -> None:
    assert "\n" not in logs.JsonLines().format(line("one\ntwo"))


def test_a_format_that_there_is_not_is_refused_and_both_reach_the_child(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SLUICEWAY_LOG_FORMAT", "xml")
    with pytest.raises(ValueError, match="line, json"):
        logs.chosen()
    monkeypatch.setenv("SLUICEWAY_LOG_FORMAT", "json")
    assert for_child()["SLUICEWAY_LOG_FORMAT"] == "json"


def test_of_a_request_the_route_is_told_and_not_the_address(rf: Any) -> None:
    from django.urls import resolve

    run = "0192f0c1-0000-7000-8000-000000000000"
    for address in (f"/sign-in/{SECRET}", f"/api/runs/{run}"):
        request = rf.get(address)
        request.resolver_match = resolve(address)
        record = line("%s: %s", args=("Not Found", request.path))
        record.request, record.status_code = request, 404
        text = JsonLines().format(record)
        body = json.loads(text)
        assert SECRET not in text and body["message"] == "Not Found: …" and body["status"] == 404
    assert (body["route"], body["run"]) == ("api/runs/<uuid:run>", run)


def test_the_web_process_and_its_server_write_json_when_they_are_told_to() -> None:
    code = (
        "import logging, django; logging.getLogger('uvicorn.access').propagate = False; django.setup(); "
        "logging.getLogger('uvicorn.access').info('GET /sign-in/canary'); "
        "[logging.getLogger(name).warning('said by %s', name) for name in ('django', 'uvicorn.error', 'builder.x')]"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=places.ROOT, capture_output=True, text=True, check=True,
        env=for_child() | {"SLUICEWAY_LOG_FORMAT": "json", "DJANGO_SETTINGS_MODULE": "tests.settings"},
    )  # fmt: skip
    told = [json.loads(text) for text in done.stderr.splitlines()]
    assert [body["logger"] for body in told] == ["django", "uvicorn.error", "builder.x"]


@pytest.mark.parametrize("form", logs.FORMATS)
@pytest.mark.django_db(transaction=True)
def test_neither_a_secret_nor_a_prompt_reaches_the_log_of_a_worker_or_its_child(
    workers: Workers, workspace: Workspace, policy: Callable[[Policy], Policy], form: str, tmp_path: Path
) -> None:
    policy(stub_policy())
    workers.start(SLUICEWAY_LOG_FORMAT=form, SLUICEWAY_REDIS_URL=AWAY, SLUICEWAY_METRICS_TOKEN=SECRET)

    def submit(*middle: tuple[str, str, dict[str, Any]], text: str = PROMPT) -> Run:
        return submit_run(Order(workspace, {"text": text}, graph=chain(*middle))).run

    runs = [
        submit(("a", "fail", {"how": "bug"})),
        submit(("a", "echo", {}), text=f"{PROMPT} forbidden"),
        submit(("a", "crash", {"marker": str(tmp_path / "once")})),
    ]
    for run in runs:
        with ended(run) as done:
            assert done.state in {"failed", "blocked", "succeeded"}
    said = workers.logs()
    assert SECRET not in said and PROMPT not in said
    about = [text for text in said.splitlines() if "a step failed with" in text]
    assert about, said
    if form == "json":
        told = [json.loads(text) for text in said.splitlines() if text.startswith("{")]
        found = [body for body in told if "a step failed with" in body["message"]]
        assert found[0]["run"] == str(runs[0].pk) and found[0]["segment"] == 0
        assert len(told) == len(said.splitlines()), said
