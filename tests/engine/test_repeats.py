"""Loops and maps as they run: rounds that are not needed, what fails in one, what a person stops, what a gate keeps."""

from pathlib import Path
from typing import Any

import pytest

from runtime.compiler.compile import compile_graph
from runtime.dispatch.states import StepState
from runtime.errors import Cancelled
from runtime.graph.calls import Call, Callee, Library
from runtime.graph.parse import parse_graph
from runtime.plan import Plan
from tests.engine.segments import REGISTRY, Bench
from tests.fixtures.runs import chain, drawing, failing, stub_policy

CALL = Call("00000000-0000-7000-8000-000000000001", 1)


def body(graph: dict[str, Any]) -> dict[str, Any]:
    """What is called: its output has the name of its input."""
    graph["nodes"][-1]["params"] = {"name": "text"}
    return graph


SAY = body(chain(("s", "say", {"more": "a"})))


def plan_of(graph: dict[str, Any], inner: dict[str, Any] = SAY) -> Plan:
    drawn, _ = parse_graph(graph)
    called, _ = parse_graph(inner)
    assert drawn is not None and called is not None
    library = Library({CALL: Callee(called, "inner")})
    result = compile_graph(drawn, stub_policy(), REGISTRY, library=library)
    assert result.plan is not None, [issue.message.en for issue in result.issues]
    return result.plan


def looping(times: int, **more: Any) -> dict[str, Any]:
    params = {"workflow": str(CALL), "times": times, **more}
    return chain(("w", "loop", params), between={"w": ("in", "out")})


def mapping(times: int, **more: Any) -> dict[str, Any]:
    params = {"workflow": str(CALL), "times": times, **more}
    return chain(
        ("s", "split", {}), ("w", "map", params), ("j", "join", {}),
        between={"s": ("text", "texts"), "w": ("in", "out"), "j": ("texts", "text")},
    )  # fmt: skip


def test_each_round_goes_on_with_what_the_one_before_gave(tmp_path: Path) -> None:
    told = Bench(tmp_path).run_plan(plan_of(looping(4)), text="b")
    assert told.results["answer"].data == "baaaa"


@pytest.mark.parametrize(("test", "operand"), [("equals", "baa"), ("contains", "aa")])
def test_a_round_that_passes_the_test_is_the_last_and_later_ones_do_not_run(
    tmp_path: Path, test: str, operand: str
) -> None:
    plan = plan_of(looping(5, at="out", test=test, operand=operand))
    told = Bench(tmp_path).run_plan(plan, text="b")
    assert told.results["answer"].data == "baa"
    said = {number: told.states[f"w/{number}/s"] for number in range(1, 6)}
    assert said == {1: StepState.DONE, 2: StepState.DONE, **dict.fromkeys((3, 4, 5), StepState.SKIPPED)}
    assert told.states["w/after-4/out"] is StepState.SKIPPED


def test_when_no_round_passes_the_last_that_is_allowed_is_the_last(tmp_path: Path) -> None:
    plan = plan_of(looping(3, at="out", test="equals", operand="sung"))
    assert Bench(tmp_path).run_plan(plan, text="b").results["answer"].data == "baaa"


def test_a_test_that_cannot_be_made_fails_the_run_and_quotes_nothing(tmp_path: Path) -> None:
    plan = plan_of(looping(3, at="out", test="greater_than", operand="7"))
    told = Bench(tmp_path).run_plan(plan, text="secretb")
    assert told.states["w/after-1/out"] is StepState.FAILED
    assert told.results == {} and "secretb" not in str(told.record("w/after-1/out").error)


def test_what_fails_in_a_round_fails_the_run_or_goes_on_as_its_author_says(tmp_path: Path) -> None:
    inner = body(chain(("s", "say", {"more": "a"}), ("f", "fail", {"how": "bug"})))
    told = Bench(tmp_path).run_plan(plan_of(looping(3), inner), text="b")
    assert told.states["w/1/f"] is StepState.FAILED and "w/2/s" not in told.states
    assert told.results == {}
    inner = failing(inner, f={"do": "default", "values": {"text": "c"}})
    told = Bench(tmp_path).run_plan(plan_of(looping(3), inner), text="b")
    assert told.results["answer"].data == "c"
    assert told.states["w/3/f"] is StepState.DONE


def test_a_node_before_it_that_fails_goes_around_it(tmp_path: Path) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("f", "fail", {}), ("w", "loop", {"workflow": str(CALL), "times": 2}),
        ("out", "output", {"name": "answer"}),
        edges="in.text>f.text f.text>w.in w.out>out.text f.error>out.text",
    )  # fmt: skip
    plan = plan_of(failing(graph, f={"do": "branch", "text": "instead"}))
    told = Bench(tmp_path).run_plan(plan, text="b")
    assert told.results["answer"].data == "instead"
    assert told.states["w/1/s"] is told.states["w/2/s"] is StepState.SKIPPED


def test_who_cancels_stops_it_between_two_rounds(tmp_path: Path) -> None:
    asked = 0

    def check() -> None:
        nonlocal asked
        asked += 1
        if asked > 4:
            raise Cancelled

    told = Bench(tmp_path, check=check).run_plan(plan_of(looping(9)), text="b")
    assert list(told.states.values())[-1] is StepState.CANCELLED
    assert "w/9/s" not in told.states and told.results == {}


def test_a_prompt_that_is_kept_back_in_one_round_withholds_what_the_loop_gives(tmp_path: Path) -> None:
    inner = body(chain(("a", "ask", {}), ("s", "say", {"more": "den"}), between={"a": ("prompt", "text")}))
    told = Bench(tmp_path).run_plan(plan_of(looping(3), inner), text="forbid")
    assert told.states["w/1/a"] is StepState.DONE
    assert told.states["w/2/a"] is told.states["w/3/a"] is StepState.WITHHELD
    assert told.results == {}


def test_each_item_is_done_and_the_results_stand_in_its_order(tmp_path: Path) -> None:
    told = Bench(tmp_path).run_plan(plan_of(mapping(5)), text="x y z")
    assert told.results["answer"].data == "xa+ya+za"
    assert told.states["w/4/s"] is told.states["w/5/s"] is StepState.SKIPPED


def test_a_list_that_is_longer_than_the_bound_fails_the_run_in_words_and_is_never_cut(tmp_path: Path) -> None:
    plan = plan_of(mapping(2))
    told = Bench(tmp_path).run_plan(plan, text="secretx y z")
    error = told.record("w/in").error
    assert error is not None and error.code == "list_too_long"
    assert error.message.en == "The list has more than 2 items." and "secretx" not in str(error)
    assert told.results == {}
    assert Bench(tmp_path).run_plan(plan, text="x y").results["answer"].data == "xa+ya"


def test_of_an_empty_list_comes_an_empty_list(tmp_path: Path) -> None:
    told = Bench(tmp_path).run_plan(plan_of(mapping(2)), text=" ")
    assert told.record("w/out").outputs["value"].data == []
    assert told.results["answer"].data == ""


def test_a_map_on_a_way_that_is_not_gone_gives_nothing_at_all(tmp_path: Path) -> None:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("c", "choose", {"way": "right"}), ("s", "split", {}),
        ("w", "map", {"workflow": str(CALL), "times": 2}), ("j", "join", {}), ("out", "output", {"name": "answer"}),
        edges="in.text>c.value c.left>s.text s.texts>w.in w.out>j.texts j.text>out.text c.right>out.text",
    )  # fmt: skip
    told = Bench(tmp_path).run_plan(plan_of(graph), text="b")
    assert told.states["w/out"] is StepState.SKIPPED
    assert told.results["answer"].data == "b"


def test_what_is_the_same_for_all_items_is_not_used_where_there_is_none(tmp_path: Path) -> None:
    inner = drawing(
        ("i", "input", {"name": "i"}), ("h", "input", {"name": "h"}), ("e", "echo", {}), ("j", "join", {}),
        ("o", "output", {"name": "o"}),
        edges="h.text>e.text i.text>j.texts e.text>j.texts j.text>o.text",
    )  # fmt: skip
    graph = drawing(
        ("in", "input", {"name": "text"}), ("s", "split", {}), ("w", "map", {"workflow": str(CALL), "times": 4, "at": "i"}),
        ("j", "join", {}), ("out", "output", {"name": "answer"}),
        edges="in.text>s.text s.texts>w.i in.text>w.h w.o>j.texts j.text>out.text",
    )  # fmt: skip
    told = Bench(tmp_path).run_plan(plan_of(graph, inner), text="x y")
    assert told.results["answer"].data == "x+x y+y+x y"
    assert told.states["w/2/e"] is StepState.DONE
    assert told.states["w/3/e"] is told.states["w/4/e"] is StepState.SKIPPED


def test_one_item_that_is_kept_back_keeps_the_list_back(tmp_path: Path) -> None:
    """A list with a hole would be another list, and nobody could tell which item is missing."""
    inner = body(chain(("a", "ask", {}), between={"a": ("prompt", "text")}))
    told = Bench(tmp_path).run_plan(plan_of(mapping(3), inner), text="x forbidden z")
    assert told.states["w/1/a"] is told.states["w/3/a"] is StepState.DONE
    assert told.states["w/2/a"] is StepState.WITHHELD
    assert told.states["w/out"] is StepState.WITHHELD and told.results == {}


def test_pictures_keep_the_clearances_of_their_own_bytes_and_a_list_earns_its_own(tmp_path: Path) -> None:
    told = Bench(tmp_path).run_plan(plan_of(mapping(2)), text="x y")
    for step in ("w/for-1/in", "w/for-2/in", "w/out"):
        for value in told.record(step).outputs.values():
            assert value.clearances == frozenset()
