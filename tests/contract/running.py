"""Runs an example graph node by node, in the plan's order, with gates left open: what nodes do, not what gates do."""

from collections.abc import Mapping

from runtime.nodes.registry import Registry
from runtime.plan import GATE, Plan, Ref
from runtime.values import Data, convert
from tests.packs.doubles import MemoryContext

Made = dict[Ref, Data]


def run_plan(plan: Plan, registry: Registry, context: MemoryContext) -> Mapping[str, Mapping[str, Data]]:
    """What each step gave, by step id; a step that a branch left out is not among them."""
    made: Made = {}
    types = {Ref(step.id, name): kind for step in plan.steps for name, kind in step.outputs}
    given: dict[str, Mapping[str, Data]] = {}
    for step in plan.steps:
        inputs: dict[str, Data] = {}
        for binding in step.bindings:
            items: list[Data] = []
            for ref in binding.refs:
                if ref in made:
                    data = convert(made[ref], types[ref], binding.type)
                    # What is collected is one list, whatever of it came as a list.
                    items.extend(data if binding.collect and types[ref].many else [data])
            if items:
                inputs[binding.port] = items if binding.collect else items[0]
        if any(binding.port not in inputs for binding in step.bindings):
            continue
        if step.type == GATE:
            outputs: Mapping[str, Data] = {"value": inputs["value"]}
        else:
            node_type = registry.get(step.type, step.version)
            assert node_type is not None
            context.step_id = step.id
            outputs = node_type.run(context, **inputs, **step.params)
            given[step.id] = outputs
        for name, data in outputs.items():
            made[Ref(step.id, name)] = data
    return given
