"""Wire: claims, records and events as JSON, for the pipe between an agent and its child."""

from collections.abc import Mapping, Sequence

from runtime.dispatch.states import StepState
from runtime.dispatch.store import Claim, Failure, StepRecord
from runtime.events import Event, EventKind
from runtime.plan import Plan, Ref
from runtime.safety.policy import Policy
from runtime.safety.ruling import Held, Ruling
from runtime.values import Json, Value
from runtime.words import Words


def claim_to_json(claim: Claim) -> dict[str, Json]:
    return {
        "run": claim.run,
        "segment": claim.segment,
        "fence": claim.fence,
        "attempt": claim.attempt,
        "plan": claim.plan.to_json(),
        "mac": claim.mac,
        "policy": claim.policy.to_json(),
        "arguments": values_to_json(claim.arguments),
        "values": [[ref.step, ref.port, value.to_json()] for ref, value in claim.values.items()],
        "states": {step: state.value for step, state in claim.states.items()},
        "rulings": {step: ruling.to_json() for step, ruling in claim.rulings.items()},
    }


def claim_from_json(data: dict[str, Json]) -> Claim:
    return Claim(
        run=data["run"],
        segment=data["segment"],
        fence=data["fence"],
        attempt=data["attempt"],
        plan=Plan.from_json(data["plan"]),
        mac=data["mac"],
        policy=Policy.from_json(data["policy"]),
        arguments=values_from_json(data["arguments"]),
        values={Ref(step, port): Value.from_json(raw) for step, port, raw in data["values"]},
        states={step: StepState(name) for step, name in data["states"].items()},
        rulings={step: Ruling.from_json(raw) for step, raw in data["rulings"].items()},
    )


def record_to_json(record: StepRecord) -> dict[str, Json]:
    return {
        "step": record.step,
        "state": record.state.value,
        "seconds": record.seconds,
        "outputs": values_to_json(record.outputs),
        "cost": dict(record.cost) if record.cost else None,
        "error": record.error.to_json() if record.error else None,
        "held": record.held.to_json() if record.held else None,
    }


def record_from_json(data: dict[str, Json]) -> StepRecord:
    return StepRecord(
        step=data["step"],
        state=StepState(data["state"]),
        seconds=data["seconds"],
        outputs=values_from_json(data["outputs"]),
        cost=data["cost"],
        error=failure_from_json(data["error"]) if data["error"] else None,
        held=Held.from_json(data["held"]) if data["held"] else None,
    )


def failure_from_json(data: dict[str, Json]) -> Failure:
    hint = data["hint"]
    return Failure(
        data["code"], Words.from_json(data["message"]), Words.from_json(hint) if hint else None, data["node"]
    )


def event_to_json(event: Event) -> dict[str, Json]:
    return {"kind": event.kind.value, "data": event.data}


def event_from_json(data: dict[str, Json]) -> Event:
    return Event(EventKind(data["kind"]), data["data"])


def results_to_json(results: Sequence[tuple[str, Value]]) -> list[Json]:
    return [[name, value.to_json()] for name, value in results]


def results_from_json(data: Sequence[Json]) -> list[tuple[str, Value]]:
    return [(name, Value.from_json(raw)) for name, raw in data]


def values_to_json(values: Mapping[str, Value]) -> dict[str, Json]:
    return {name: value.to_json() for name, value in values.items()}


def values_from_json(data: Mapping[str, Json]) -> dict[str, Value]:
    return {name: Value.from_json(raw) for name, raw in data.items()}
