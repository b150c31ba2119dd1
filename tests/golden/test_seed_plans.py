"""Each seed template compiles to the plan that is kept here, and no gate of it can be missed.

When a change of the plan is meant: `SLUICEWAY_WRITE_GOLDEN=1 python3 manage.py test tests/golden`, and read the diff.
"""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from runtime.compiler.compile import compile_graph
from runtime.graph.parse import parse_graph
from runtime.nodes.registry import load_registry
from runtime.plan import Plan
from runtime.safety.policy import default_policy
from runtime.safety.verify import verify
from tests.safety.surgery import without_gate

HERE = Path(__file__).parent
SEEDS = sorted((HERE.parents[1] / "builder" / "gallery" / "seeds").glob("*.json"))
POLICY = default_policy()


def compiled(seed: Path) -> Plan:
    graph, issues = parse_graph(json.loads(seed.read_text(encoding="utf-8"))["graph"])
    assert graph is not None, issues
    result = compile_graph(graph, POLICY, load_registry())
    assert result.plan is not None and result.issues == (), result.issues
    return result.plan


def golden(seed: Path) -> Path:
    return HERE / f"{seed.stem.split('-', 1)[1]}.plan.json"


def test_there_are_five_seeds() -> None:
    assert len(SEEDS) == 5


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.stem)
def test_a_seed_compiles_to_its_golden_plan(seed: Path) -> None:
    plan = compiled(seed)
    if os.environ.get("SLUICEWAY_WRITE_GOLDEN"):
        text = json.dumps(plan.to_json(), indent=1, ensure_ascii=False) + "\n"
        golden(seed).write_text(text, encoding="utf-8")
    assert plan == Plan.from_json(json.loads(golden(seed).read_text(encoding="utf-8")))
    assert verify(plan, POLICY, load_registry()) == ()


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed.stem)
def test_verify_refuses_a_golden_plan_with_any_one_gate_removed_or_emptied(seed: Path) -> None:
    plan = Plan.from_json(json.loads(golden(seed).read_text(encoding="utf-8")))
    gates = [step for step in plan.steps if step.gate]
    assert gates
    for gate in gates:
        assert gate.gate is not None
        assert verify(without_gate(plan, gate), POLICY, load_registry())
        emptied = gate._replace(gate=replace(gate.gate, chain=()))
        steps = tuple(emptied if step.id == gate.id else step for step in plan.steps)
        assert verify(replace(plan, steps=steps), POLICY, load_registry())
