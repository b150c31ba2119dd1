"""Wire: claims, records and events as JSON, for the pipe between an agent and its child."""

from collections.abc import Mapping, Sequence

from runtime.dispatch.states import StepState
from runtime.dispatch.store import Claim, Failure, Pause, StepRecord
from runtime.events import Event, EventKind
from runtime.memory import Memory
from runtime.plan import Plan, Ref
from runtime.safety.policy import Policy
from runtime.safety.ruling import Held, Ruling
from runtime.values import Json, Value
from runtime.words import Words

# Steps of the plans that both ends remember, and what a policy counts as among them.
ROOM = 60_000
POLICY = 200


class Known:
    """The plans and policies that went over a pipe already: both of its ends keep one, and both forget the same.

    They see the same claims in the same order, so what one end leaves out the other has.
    """

    def __init__(self) -> None:
        self._kept: Memory[Plan | Policy] = Memory(ROOM)

    def plan(self, mac: str) -> Plan | None:
        found = self._kept.get(("plan", mac))
        return found if isinstance(found, Plan) else None

    def policy(self, digest: str) -> Policy | None:
        found = self._kept.get(("policy", digest))
        return found if isinstance(found, Policy) else None

    def keep(self, claim: Claim) -> None:
        if claim.mac:
            self._kept.put(("plan", claim.mac), claim.plan, len(claim.plan.steps))
        self._kept.put(("policy", claim.policy.digest), claim.policy, POLICY)


def claim_to_json(claim: Claim, known: Known) -> dict[str, Json]:
    plan, policy = known.plan(claim.mac), known.policy(claim.policy.digest)
    known.keep(claim)
    return {
        **claim.id.to_json(),
        "attempt": claim.attempt,
        "plan": None if plan is claim.plan else claim.plan.to_json(),
        "mac": claim.mac,
        "policy": None if policy is claim.policy else claim.policy.to_json(),
        "policy_digest": claim.policy.digest,
        "arguments": values_to_json(claim.arguments),
        "values": [[ref.step, ref.port, value.to_json()] for ref, value in claim.values.items()],
        "states": {step: state.value for step, state in claim.states.items()},
        "rulings": {step: ruling.to_json() for step, ruling in claim.rulings.items()},
        "cached": {step: values_to_json(given) for step, given in claim.cached.items()},
        "due": sorted(claim.due),
        "failed": dict(claim.failed),
        "happened": sorted(claim.happened),
        "answers": dict(claim.answers),
    }


def claim_from_json(data: dict[str, Json], known: Known) -> Claim:
    """Raises ValueError when something was left out that this end does not have."""
    plan = known.plan(data["mac"]) if data["plan"] is None else Plan.from_json(data["plan"])
    policy = (
        known.policy(data["policy_digest"]) if data["policy"] is None else Policy.from_json(data["policy"])
    )
    if plan is None or policy is None:
        raise ValueError("a claim without its plan or its policy")
    claim = Claim(
        run=data["run"],
        segment=data["segment"],
        fence=data["fence"],
        attempt=data["attempt"],
        plan=plan,
        mac=data["mac"],
        policy=policy,
        arguments=values_from_json(data["arguments"]),
        values={Ref(step, port): Value.from_json(raw) for step, port, raw in data["values"]},
        states={step: StepState(name) for step, name in data["states"].items()},
        rulings={step: Ruling.from_json(raw) for step, raw in data["rulings"].items()},
        cached={step: values_from_json(raw) for step, raw in data["cached"].items()},
        due=frozenset(data["due"]),
        failed=data["failed"],
        happened=frozenset(data["happened"]),
        answers=data["answers"],
    )
    known.keep(claim)
    return claim


def record_to_json(record: StepRecord) -> dict[str, Json]:
    return {
        "step": record.step,
        "state": record.state.value,
        "seconds": record.seconds,
        "outputs": values_to_json(record.outputs),
        "cost": dict(record.cost) if record.cost else None,
        "error": record.error.to_json() if record.error else None,
        "held": record.held.to_json() if record.held else None,
        "pause": record.pause.to_json() if record.pause else None,
        "asked": values_to_json(record.asked) if record.asked is not None else None,
        "keyed": record.keyed,
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
        pause=Pause.from_json(data["pause"]) if data["pause"] else None,
        asked=values_from_json(data["asked"]) if data["asked"] is not None else None,
        keyed=data["keyed"],
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
