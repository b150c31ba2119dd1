"""The ways that do not exist: each is tried and refused. Who builds one finds here that it has no test of its gates yet."""

import re
from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest

from builder.api.shapes.runs import NewRunSerializer
from builder.api.urls import urlpatterns
from builder.runs.models import Run
from runtime.compiler.compile import compile_graph
from runtime.graph.parse import EDGE_KEYS, GRAPH_KEYS, NODE_KEYS
from runtime.labels import Sink
from runtime.nodes.registry import Registry, load_registry
from runtime.nodes.spec import Dynamic, Input, NodeSpec, Output, ParamKind, Purpose
from runtime.ports import TEXT, VIDEO
from runtime.safety.policy import default_policy
from tests.api.conftest import Member
from tests.compiler.drawing import draw
from tests.compiler.nodes import make, out, words
from tests.fixtures.runs import chain, drawing, stub_policy
from tests.safety.paths.visit import TYPED, Visit

ROOT = Path(__file__).parents[3]
PLAIN = chain(("u", "upper", {}))
NOBODY = "00000000-0000-7000-8000-000000000000"
BEFORE_ANY_ROW = pytest.mark.any_database(
    "refused by what is asked for or drawn, before any row of a run is written"
)
NEEDS_A_TEST = (
    "this way is new: show in tests/safety/paths that nothing gets past its gates, then name it here"
)


@BEFORE_ANY_ROW
@pytest.mark.parametrize(
    "more",
    [
        {"plan": {"format": 1, "steps": []}},
        {"graph": PLAIN},
        {"policy": {"rules": []}},
        {"steps": ["u"]},
        {"only": "u"},
        {"from_step": "u"},
        {"debug": True},
        {"to": "nowhere"},
        {"to": ["u", "out"]},
        {"to": "u", "from": "in"},
        {"to": "gate:u.text:00000000"},
        {"to": "shown:u.text"},
    ],
)
def test_a_run_takes_no_plan_no_policy_and_of_a_part_only_where_it_ends(
    visit: Visit, more: dict[str, Any]
) -> None:
    visit.policy(stub_policy())
    workflow = visit.draw(PLAIN)
    answer = visit.post(f"workflows/{workflow}/runs", {"inputs": {"text": TYPED}, **more})
    assert answer["status"] == 400
    assert not Run.objects.exists()


def test_whoever_is_in_a_hurry_passes_the_same_gates(visit: Visit) -> None:
    visit.policy(stub_policy())
    workflow = visit.draw(PLAIN)
    for priority in (0, 100, -100):
        order = {"inputs": {"text": TYPED}, "priority": priority}
        assert visit.post(f"workflows/{workflow}/runs", order)["status"] == 201
    assert len(set(Run.objects.values_list("plan_id", "policy_id"))) == 1
    refused = visit.post(f"workflows/{workflow}/runs", {"inputs": {"text": TYPED}, "priority": 101})
    assert refused["status"] == 400


def test_what_a_run_may_be_asked_for_is_known() -> None:
    assert set(NewRunSerializer().fields) == {"inputs", "version", "to", "priority"}, NEEDS_A_TEST


@BEFORE_ANY_ROW
@pytest.mark.parametrize(
    "node",
    [
        {"id": "gate:u.text:00000000", "type": "safety.gate", "version": 1, "params": {}},
        {"id": "gate", "type": "safety.gate", "version": 1, "params": {}},
        {"id": "shown", "type": "shown.text", "version": 1, "params": {}},
        {"id": "w", "type": "relay.text", "version": 1, "params": {}},
        {"id": "w", "type": "fixed.text", "version": 1, "params": {"value": "x"}},
        {"id": "w", "type": "stub.call", "version": 1, "params": {}},
        {"id": "w", "type": "stub.call", "version": 1, "params": {"workflow": PLAIN}},
        {"id": "w", "type": "stub.call", "version": 1, "params": {"workflow": f"{NOBODY}@1"}},
        {"id": "w", "type": "turn.text", "version": 1, "params": {"choice": "x"}},
        {"id": "w", "type": "item.text", "version": 1, "params": {"index": 0}},
        {"id": "w", "type": "along.text", "version": 1, "params": {}},
        {"id": "w", "type": "gather.text", "version": 1, "params": {}},
        {"id": "w", "type": "stub.loop", "version": 1, "params": {"body": PLAIN}},
        {"id": "w", "type": "stub.loop", "version": 1, "params": {"workflow": PLAIN, "times": 2}},
        {"id": "w", "type": "stub.loop", "version": 1, "params": {"workflow": f"{NOBODY}@1", "times": 2}},
        {"id": "w", "type": "stub.map", "version": 1, "params": {"workflow": f"{NOBODY}@1", "times": 2}},
        {
            "id": "w",
            "type": "stub.upper",
            "version": 1,
            "params": {},
            "gate": {"rules": ["person-text"], "chain": []},
        },
        {"id": "w", "type": "stub.upper", "version": 1, "params": {}, "cleared": True},
    ],
)
def test_an_imported_drawing_brings_no_gate_no_clearance_and_no_drawing_inside(
    visit: Visit, node: Any
) -> None:
    visit.policy(stub_policy())
    graph = chain(("u", "upper", {}))
    graph["nodes"].append(node)
    home = visit.member.workspace.pk
    made = visit.post(f"workspaces/{home}/workflows", {"name": "hers", "graph": graph})
    if made["status"] == 201:  # it may be kept as it was drawn, and cannot run
        assert visit.run(made["id"]) is None
    assert not Run.objects.exists()


def test_a_circle_does_not_run(visit: Visit) -> None:
    visit.policy(stub_policy())
    graph = drawing(
        ("in", "input", {"name": "text"}), ("j", "join", {}), ("u", "upper", {}), ("out", "output", {"name": "answer"}),
        edges="in.text>j.texts j.text>u.text u.text>j.texts u.text>out.text",
    )  # fmt: skip
    assert visit.run(visit.draw(graph)) is None


def test_the_graph_language_has_a_drawing_inside_a_drawing_only_by_its_name() -> None:
    """Nowhere in a node could a graph stand, in no loop either. One setting names a published version of a workflow,

    and one a port of it.
    """
    assert {"format", "nodes", "edges"} == GRAPH_KEYS, NEEDS_A_TEST
    assert {"id", "type", "version", "params", "title", "position", "on_error", "retry"} == NODE_KEYS, (
        NEEDS_A_TEST
    )
    assert {"id", "source", "target"} == EDGE_KEYS, NEEDS_A_TEST
    kinds = {
        "text",
        "multiline",
        "integer",
        "number",
        "duration",
        "boolean",
        "choice",
        "model",
        "asset",
        "lines",
    }
    kinds |= {"workflow", "port"}
    assert set(ParamKind) == kinds, NEEDS_A_TEST
    control = {item.spec.type for item in load_registry() if item.spec.purpose is Purpose.CONTROL}
    known = {
        "control.if",
        "control.switch",
        "control.wait",
        "control.approve",
        "control.ask",
        "control.workflow",
        "control.loop",
        "control.map",
    }
    assert control == known, NEEDS_A_TEST


def test_runs_begin_at_three_places_and_nothing_triggers_one() -> None:
    """No schedule, no webhook, no trigger: `submit_run` is called by the API, by the command, and to begin a run again."""
    callers = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "builder").rglob("*.py")
        if re.search(r"\bsubmit_run\(", path.read_text())
    } - {"builder/runs/submit_run.py"}
    known = {"builder/api/runs.py", "builder/runs/management/commands/run.py", "builder/runs/restart_run.py"}
    assert callers == known, NEEDS_A_TEST
    addresses = [str(item.pattern) for item in urlpatterns]
    assert not [a for a in addresses if any(word in a for word in ("hook", "trigger", "schedule"))], (
        NEEDS_A_TEST
    )


def errors(answer: Any) -> list[str]:
    return [issue["code"] for issue in answer["issues"] if issue["severity"] == "error"]


def calling(named: str) -> dict[str, Any]:
    return chain(("w", "call", {"workflow": named}), between={"w": ("in", "out")})


def test_what_a_workflow_calls_is_of_its_own_workspace_and_there(visit: Visit, stranger: Member) -> None:
    """Whoever runs it may then read all of it; what is elsewhere, deleted or never published is unknown."""
    visit.policy(stub_policy())
    theirs = Visit(stranger, visit.agent, visit.policy).publish(PLAIN)
    hers = visit.publish(PLAIN)
    gone = visit.publish(PLAIN)
    assert visit.member.client.delete(f"/api/workflows/{gone.partition('@')[0]}").status_code == 204
    for named in (theirs, gone, hers.replace("@1", "@2")):
        workflow = visit.draw(calling(named))
        answer = visit.post(f"workflows/{workflow}/runs", {"inputs": {"text": TYPED}})
        assert (answer["status"], errors(answer)) == (400, ["call_unknown"])
        assert visit.post(f"workflows/{workflow}/versions", {})["status"] == 400
    assert not Run.objects.exists()


def test_a_workflow_calls_itself_by_no_way(visit: Visit) -> None:
    visit.policy(stub_policy())
    first = visit.publish(PLAIN)
    second = visit.publish(calling(first))
    home = first.partition("@")[0]
    saved = visit.member.client.put(
        f"/api/workflows/{home}/draft", {"base_revision": 1, "graph": calling(second)}, format="json"
    )
    assert saved.status_code == 200, saved.content
    answer = visit.post(f"workflows/{home}/runs", {"inputs": {"text": TYPED}})
    assert (answer["status"], errors(answer)) == (400, ["call_circular"])


@BEFORE_ANY_ROW
@pytest.mark.parametrize("node", ["loop", "map"])
@pytest.mark.parametrize("times", [None, 0, 51, 10**9, "3", [3]])
def test_nothing_is_repeated_without_a_bound_or_beyond_it(visit: Visit, node: str, times: Any) -> None:
    visit.policy(stub_policy())
    inner = chain(("u", "upper", {}))
    inner["nodes"][-1]["params"] = {"name": "text"}
    params = {"workflow": visit.publish(inner), "times": times}
    workflow = visit.draw(chain(("w", node, params), between={"w": ("in", "out")}))
    answer = visit.post(f"workflows/{workflow}/runs", {"inputs": {"text": TYPED}})
    assert answer["status"] == 400
    assert "bound_missing" in errors(answer) or "param_invalid" in errors(answer)
    assert not Run.objects.exists()


def test_a_loop_calls_itself_by_no_way(visit: Visit) -> None:
    visit.policy(stub_policy())
    first = visit.publish(PLAIN)
    home = first.partition("@")[0]
    again = chain(("w", "loop", {"workflow": first, "times": 2}), between={"w": ("in", "out")})
    saved = visit.member.client.put(
        f"/api/workflows/{home}/draft", {"base_revision": 1, "graph": again}, format="json"
    )
    assert saved.status_code == 200, saved.content
    answer = visit.post(f"workflows/{home}/runs", {"inputs": {"text": TYPED}})
    assert (answer["status"], errors(answer)) == (400, ["call_circular"])


def test_a_template_carries_nothing_of_the_workspace_that_it_calls(visit: Visit) -> None:
    visit.policy(stub_policy())
    outer = visit.publish(calling(visit.publish(PLAIN)))
    workflow = outer.partition("@")[0]
    shared = visit.post(f"workflows/{workflow}/versions/1/share", {"title": {"en": "t", "zh": "t"}})
    assert (shared["status"], errors(shared)) == (400, ["call_unknown"])


@pytest.mark.parametrize("port", [Input, Output])
def test_a_new_node_type_says_of_every_port_whether_bytes_leave_there_or_who_makes_them(port: type) -> None:
    with pytest.raises(TypeError):
        port("text", TEXT, words("text"))
    assert "sink" not in {field.name for field in fields(Dynamic)}, "grown inputs are no sinks"
    assert NodeSpec.__dataclass_fields__["routes"].default is False


def test_a_new_node_type_that_shows_what_no_rule_speaks_of_does_not_compile() -> None:
    shows = Input("film", VIDEO, words("film"), Sink.PERSON)
    registry = Registry([make("new.film", outputs=(out("film", VIDEO),)), make("new.show", inputs=(shows,))])
    compiled = compile_graph(draw("a:new.film b:new.show", "a.film>b.film"), default_policy(), registry)
    assert compiled.plan is None
    assert [issue.code for issue in compiled.issues] == ["policy_gap"]
