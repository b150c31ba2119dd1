"""Loops and maps as they run: rounds that are not needed, what fails in one, what a person stops, what a gate keeps."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from runtime.compiler.compile import compile_graph
from runtime.dispatch.states import SegmentState, StepState
from runtime.graph.calls import Call, Callee, Library
from runtime.graph.parse import parse_graph
from runtime.plan import Plan
from tests.engine.segments import REGISTRY, Runner
from tests.fixtures.runs import chain, drawing, failing, stub_policy

POLICY = stub_policy()
CALL = Call("00000000-0000-7000-8000-000000000001", 1)
Run = Callable[[Plan], Runner]


def body(*middle: tuple[str, str, dict[str, Any]]) -> dict[str, Any]:
    """What is called: its output has the name of its input."""
    graph = chain(*middle)
    graph["nodes"][-1]["params"] = {"name": "text"}
    return graph


SAY = body(("s", "say", {"more": "a"}))


def plan_of(graph: dict[str, Any], inner: dict[str, Any]) -> Plan:
    drawn, _ = parse_graph(graph)
    called, _ = parse_graph(inner)
    assert drawn is not None and called is not None
    result = compile_graph(drawn, POLICY, REGISTRY, library=Library({CALL: Callee(called, "inner")}))
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
