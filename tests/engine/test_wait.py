"""Steps that wait for a time: nothing of them runs before, and what comes out is what came in."""

from pathlib import Path

import pytest

from runtime.dispatch.states import StepState
from runtime.dispatch.store import Pause, WaitsFor
from runtime.nodes.spec import NodeSpec
from tests.engine.segments import Bench
from tests.fixtures.runs import chain
from tests.packs_stub.later import SPEC

WAITS = chain(("w", "later", {"duration": 90}), ("a", "echo", {}))


def test_it_waits_as_long_as_its_setting_says_and_what_hangs_on_it_has_not_begun(tmp_path: Path) -> None:
    told = Bench(tmp_path).run(WAITS, text="hello")
    record = told.record("w")
    assert (record.state, record.pause) == (StepState.WAITING, Pause(WaitsFor.TIME, 90))
    assert "a" not in told.states and told.results == {}


def test_when_it_is_due_it_hands_on_what_came_in(tmp_path: Path) -> None:
    told = Bench(tmp_path, due=frozenset({"w"})).run(WAITS, {"w": StepState.WAITING}, text="hello")
    assert told.states["w"] is StepState.DONE and told.results["answer"].data == "hello"


def test_begun_when_it_was_due_and_lost_it_does_not_wait_once_more(tmp_path: Path) -> None:
    told = Bench(tmp_path, due=frozenset({"w"})).run(WAITS, text="hello")
    assert told.states["w"] is StepState.DONE


def test_a_text_behind_it_is_not_shown_while_it_grows(tmp_path: Path) -> None:
    streams = chain(("s", "stream", {"piece": 5, "seconds": 0.0}), ("w", "later", {"duration": 90}))
    told = Bench(tmp_path).run(streams, text="some words that stream " * 20)
    assert told.partials == [] and told.states["w"] is StepState.WAITING


def test_labels_and_clearances_stay_with_what_waited(tmp_path: Path) -> None:
    told = Bench(tmp_path, due=frozenset({"w"})).run(chain(("a", "echo", {}), ("w", "later", {})), text="hi")
    before, after = told.record("a").outputs["text"], told.record("w").outputs["text"]
    assert (before.data, before.sources) == (after.data, after.sources)
    assert before.clearances <= after.clearances


def test_a_spec_waits_for_a_duration_and_for_nothing_else() -> None:
    fields = {name: getattr(SPEC, name) for name in NodeSpec.__slots__ if name != "told"}
    with pytest.raises(ValueError, match="no duration"):
        NodeSpec(**fields | {"waits": "text"})
