"""A loop and a map, as their pages draw them, compile to the plans that are kept here, and no gate of one can be missed.

When a change of the plan is meant: `SLUICEWAY_WRITE_GOLDEN=1 python3 manage.py test tests/golden`, and read the diff.
"""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.compiler.compile import compile_graph
from runtime.graph.calls import Callee, Library, calls_in
from runtime.graph.parse import parse_graph
from runtime.nodes.registry import DEFAULT_PACKS, load_registry
from runtime.plan import Plan
from runtime.safety.policy import default_policy
from runtime.safety.verify import verify
from tests.safety.surgery import without_gate

HERE = Path(__file__).parent
DOCS = HERE.parents[1] / "docs" / "nodes"
POLICY = default_policy()
REGISTRY = load_registry(DEFAULT_PACKS)


def compiled(name: str) -> Plan:
    graph, _ = parse_graph(json.loads((DOCS / f"{name}.json").read_text(encoding="utf-8")))
    drawn = json.loads((DOCS / "text.generate.json").read_text(encoding="utf-8"))
    next(node for node in drawn["nodes"] if node["id"] == "answer")["params"]["name"] = "question"
    chat, _ = parse_graph(drawn)
    assert graph is not None and chat is not None
    library = Library({call: Callee(chat, "Chat") for call in calls_in(graph, REGISTRY)})
    result = compile_graph(graph, POLICY, REGISTRY, library=library)
    assert result.plan is not None and result.issues == (), result.issues
    return result.plan


@pytest.mark.parametrize("name", ["control.loop", "control.map"])
def test_it_compiles_to_its_golden_plan(name: str) -> None:
    plan, kept = compiled(name), HERE / f"{name.replace('.', '-')}.plan.json"
    if os.environ.get("SLUICEWAY_WRITE_GOLDEN"):
        text = json.dumps(plan.to_json(), indent=1, ensure_ascii=False) + "\n"
        kept.write_text(text, encoding="utf-8")
    assert plan == Plan.from_json(json.loads(kept.read_text(encoding="utf-8")))
    assert verify(plan, POLICY, REGISTRY) == ()


@pytest.mark.parametrize("name", ["control.loop", "control.map"])
def test_verify_refuses_it_with_any_one_gate_removed_or_emptied(name: str) -> None:
    plan = compiled(name)
    gates = [step for step in plan.steps if step.gate]
    assert len(gates) >= 3, "one for each of two rounds, and one where a person reads"
    for gate in gates:
        assert gate.gate is not None
        assert verify(without_gate(plan, gate), POLICY, REGISTRY)
        emptied = gate._replace(gate=replace(gate.gate, chain=()))
        steps = tuple(emptied if step.id == gate.id else step for step in plan.steps)
        assert verify(replace(plan, steps=steps), POLICY, REGISTRY)
