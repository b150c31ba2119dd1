"""A probe of questions: each says what a person was shown, or what became of their answer, that should not have been."""

import tempfile
from pathlib import Path
from typing import Any

from runtime.dispatch.states import StepState
from runtime.labels import Source
from runtime.nodes.registry import Registry
from runtime.packs.control import NODE_TYPES as CONTROL
from runtime.plan import Plan
from tests.engine.segments import Bench, Told, compiled
from tests.fixtures.runs import drawing, stub_policy
from tests.packs_stub import NODE_TYPES
from tests.safety.surgery import without_gate

CANARY = "CANARY-7261"
REGISTRY = Registry([*NODE_TYPES, *CONTROL])


def questions() -> list[str]:
    """A person is asked behind their gates and nowhere else, and what they answer is a user's, and cleared by nobody."""
    plan = compiled(_drawn(), stub_policy(), REGISTRY)
    found = []
    asked = _run(plan).record("q").asked
    if asked is None or CANARY not in str(asked["value"].data):
        found.append("nobody is asked what nothing is wrong with")
    feeding = {binding.refs[0].step for binding in plan.step("q").bindings}
    for gate in (step for step in plan.steps if step.id in feeding):
        if any(record.asked for record in _run(without_gate(plan, gate)).records):
            found.append("a person is asked without a gate")
    told = _run(plan, {"q": StepState.WAITING}, answers={"q": f"{CANARY} forbidden"})
    if told.results:
        found.append("an answer is shown past its gate")
    answer = told.record("q").outputs["answer"]
    if Source.USER not in answer.sources or answer.clearances:
        found.append("an answer is not what a user wrote")
    return found


def _drawn() -> dict[str, Any]:
    graph = drawing(
        ("in", "input", {"name": "text"}), ("q", "echo", {"question": "May it go on?"}), ("out", "output", {"name": "answer"}),
        edges="in.text>q.value q.answer>out.text",
    )  # fmt: skip
    next(node for node in graph["nodes"] if node["id"] == "q")["type"] = "control.ask"
    return graph


def _run(plan: Plan, states: dict[str, StepState] | None = None, **given: Any) -> Told:
    with tempfile.TemporaryDirectory() as folder:
        return Bench(Path(folder), registry=REGISTRY, **given).run_plan(plan, states, text=f"hello {CANARY}")
