"""Sentences for a terminal: a text that streams grows on its line, and delivered pictures become files."""

import io
from pathlib import Path

import pytest

from builder.accounts.models import Workspace
from builder.assets.models import Asset, Origin
from builder.assets.store import open_store
from builder.runs.narrate import Narrator


def test_a_text_grows_on_its_line_while_other_lines_wait(tmp_path: Path) -> None:
    out = io.StringIO()
    narrator = Narrator(out, {"s": "Generate text"}, tmp_path)
    narrator.tell("step.running", {"step": "s", "attempt": 1})
    narrator.tell("output.partial", {"name": "answer", "step": "s", "text": "The sky"})
    narrator.tell("step.done", {"step": "s", "seconds": 1.0, "cost": None, "error": None})
    narrator.tell("output.partial", {"name": "answer", "step": "s", "text": "The sky is"})
    narrator.tell("output", {"name": "answer", "type": "text", "value": "The sky is blue."})
    assert (
        out.getvalue()
        == "  Generate text runs.\nanswer: The sky is blue.\n  Generate text is done (1.00 s).\n"
    )


def test_a_text_that_is_withheld_half_way_ends_its_line(tmp_path: Path) -> None:
    out = io.StringIO()
    narrator = Narrator(out, {}, tmp_path)
    narrator.tell("output.partial", {"name": "answer", "step": "s", "text": "The sky"})
    narrator.tell("run.blocked", {"outputs": ["answer"]})
    assert out.getvalue() == "answer: The sky\nThe run is blocked: answer was withheld by a gate.\n"


def test_a_run_that_waited_for_a_person_goes_on_and_does_not_begin_twice(tmp_path: Path) -> None:
    out = io.StringIO()
    narrator = Narrator(out, {"g": "Gate “Text”"}, tmp_path)
    narrator.tell("run.running", {})
    narrator.tell("step.waiting", {"step": "g", "seconds": 0.1, "cost": None, "error": None})
    narrator.tell("run.waiting", {})
    narrator.tell("run.running", {})
    assert out.getvalue() == (
        "The run has begun.\n  Gate “Text” waits for a person.\n"
        "The run waits: nothing can be done now.\nThe run goes on.\n"
    )


@pytest.mark.django_db
def test_a_place_in_the_queue_is_said_when_it_changes(tmp_path: Path) -> None:
    out = io.StringIO()
    narrator = Narrator(out, {}, tmp_path)
    for position, beyond in ((50, True), (50, True), (50, False), (7, False), (7, False)):
        narrator.tell("queue.position", {"position": position, "beyond": beyond})
    assert out.getvalue().splitlines() == [
        "At least 50 are before it in the queue.",
        "It is at place 50 in the queue.",
        "It is at place 7 in the queue.",
    ]


def test_a_picture_is_saved_under_a_free_name(workspace: Workspace, tmp_path: Path) -> None:
    ref = open_store().write(b"picture", "image/png")
    asset = Asset.objects.create(
        workspace=workspace, sha256=ref.sha256, media_type="image/png", size=7, origin=Origin.OUTPUT
    )
    out = io.StringIO()
    narrator = Narrator(out, {}, tmp_path)
    for _ in range(2):
        narrator.tell("output", {"name": "../my picture", "type": "image", "value": {"asset": str(asset.pk)}})
    saved = sorted(tmp_path.iterdir())
    assert [path.name for path in saved] == ["___my_picture-2.png", "___my_picture.png"]
    assert all(path.read_bytes() == b"picture" and str(path) in out.getvalue() for path in saved)
