"""ask: what a step that asks shows to a person, how long it waits for the answer, and what counts when none comes."""

from collections.abc import Mapping

from runtime.dispatch.store import Pause, WaitsFor
from runtime.engine.faults import unanswered
from runtime.labels import Sink
from runtime.nodes.spec import Asks, NodeSpec
from runtime.plan import Step
from runtime.safety.deliver import deliver
from runtime.safety.policy import Policy
from runtime.values import Value

# Seconds that a question waits whose author says nothing. What it is about is kept as long, and a run that never ended would be
# kept for ever: no retention takes what is under way.
LONGEST = 30 * 24 * 3_600.0


def shown_of(step: Step, spec: NodeSpec, inputs: Mapping[str, Value], policy: Policy) -> dict[str, Value]:
    """What arrived at the ports that go to a person, each through deliver(). Raises NotCleared."""
    ports = (*spec.inputs_for(step.params), *spec.told)
    sinks = {port.name: port.sink for port in ports if port.name in inputs}
    return {
        name: deliver(inputs[name], sink, policy, lambda value: value)
        for name, sink in sinks.items()
        if sink is Sink.PERSON
    }


def pause_for_answer(step: Step, asks: Asks) -> Pause:
    limit = step.params.get(asks.limit)
    return Pause(WaitsFor.ANSWER, LONGEST if limit is None else float(limit))


def late_answer(step: Step, asks: Asks) -> str:
    """The answer that its author wrote down for the case that nobody gives one. Raises UserError `not_answered`."""
    said = step.params.get(asks.late) if asks.late is not None else None
    if said not in asks.answers:
        raise unanswered(step.node)
    return str(said)
