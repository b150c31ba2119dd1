"""Who uses a run's result is told what it gives, and of its steps nothing."""

import json

import pytest

from builder.runs.live import ENDS, Told
from builder.runs.profiles import profile_of
from runtime.events import EventKind


def told(kind: str, **data: object) -> Told:
    return Told(7, json.dumps({"kind": kind, "seq": 7, "data": data}), kind, "")


@pytest.mark.parametrize("kind", EventKind)
def test_the_public_is_told_of_runs_and_outputs_alone(kind: EventKind) -> None:
    about_what_it_gives = kind.value.startswith(("run.", "output", "queue."))
    assert (profile_of("public")(told(kind.value)) is not None) == about_what_it_gives
    assert profile_of("author")(told(kind.value)) == told(kind.value)


@pytest.mark.parametrize("kind", sorted(ENDS))
def test_everybody_is_told_the_end(kind: str) -> None:
    assert profile_of("public")(told(kind)) is not None


def test_why_a_run_failed_names_no_node_to_the_public() -> None:
    shown = profile_of("public")(told("run.failed", code="x", message={"en": "Why."}, node="secret-node"))
    assert shown is not None and shown.seq == 7
    assert json.loads(shown.text)["data"] == {"code": "x", "message": {"en": "Why."}}


@pytest.mark.parametrize("name", ["public", "admin", "AUTHOR", "author "])
def test_a_profile_that_is_none_of_ours_shows_no_more_than_the_public_one(name: str) -> None:
    assert profile_of(name)(told("step.running", step="a")) is None


@pytest.mark.parametrize("name", [None, "", "author"])
def test_without_a_name_it_is_the_author_s(name: str | None) -> None:
    assert profile_of(name)(told("step.running", step="a")) is not None
