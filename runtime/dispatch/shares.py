"""Shares: which segments could come to share one call of a model, told by a short digest of what must be equal."""

import hashlib
import json

from runtime.nodes.registry import Registry
from runtime.plan import Plan

LENGTH = (
    16  # hex digits: whoever meets another by chance makes no batch with it, and waits a moment for nothing
)


def shares(plan: Plan, segment: int, registry: Registry) -> str:
    """Equal for segments whose first step of the kind could be made together; empty where there is none."""
    for name in plan.segment(segment).steps:
        step = plan.step(name)
        spec = registry.spec(step.type, step.version)
        if spec is not None and spec.alike is not None:
            settings = {param: step.params.get(param) for param in spec.alike}
            said = json.dumps([step.type, step.version, settings], sort_keys=True)
            return hashlib.sha256(said.encode()).hexdigest()[:LENGTH]
    return ""
