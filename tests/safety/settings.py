"""A probe of settings that a model is told: each says what such words did that they should not have done."""

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from runtime.plan import Plan
from runtime.safety.policy import Action, FilterUse
from tests.engine.segments import Bench, compiled
from tests.fixtures.runs import chain, stub_policy

CANARY = "CANARY-7261"
SHOWN = stub_policy(FilterUse("stub.secrets", Action.REDACT))
# The author's words meet a filter too, before a model is told them.
STRICT = replace(
    SHOWN, rules=(*SHOWN.rules[:-1], replace(SHOWN.rules[-1], chain=(FilterUse("stub.words", Action.BLOCK),)))
)


def settings() -> list[str]:
    """What a setting tells a model meets the gate that the policy wants; where it comes by none, nobody is told it."""
    found = []
    for said in ({"system": f"{CANARY} forbidden"}, {"stop": [CANARY, "forbidden"]}):
        if _tells(compiled(_drawn(said), STRICT)):
            found.append(f"a model is told {said}")
    plan = compiled(_drawn({"system": CANARY}), STRICT)
    if not _tells(plan):
        found.append("a model is not told what nothing is wrong with")
    beside = (
        step._replace(params=step.params | {"system": CANARY}, bindings=step.bindings[:1])
        if step.id == "m"
        else step
        for step in plan.steps
    )
    if _tells(replace(plan, steps=tuple(beside))):
        found.append("a model is told what stands beside its gate")
    return found


def _drawn(said: dict[str, Any]) -> dict[str, Any]:
    return chain(("m", "instruct", said), between={"m": ("prompt", "text")})


def _tells(plan: Plan) -> bool:
    """Whether the model, which says what it was told, says the canary to anybody."""
    with tempfile.TemporaryDirectory() as folder:
        told = Bench(Path(folder), STRICT).run_plan(plan, text="hello")
    return any(
        CANARY in str(value.data)
        for record in told.records
        for value in record.outputs.values()
        if record.step == "m"
    )
