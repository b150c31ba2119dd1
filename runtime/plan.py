"""Plan: the compiled graph. Steps with their gates, grouped into segments; what workers run and nobody edits."""

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import NamedTuple, Self

from runtime.ports import PortType
from runtime.values import Json, parse_type
from runtime.words import Words

FORMAT = 1
GATE = "safety.gate"
# A gate of a policy that is only tried: it looks, gives nothing, and nothing waits for it.
SHADOW = "safety.shadow"
# How the name of a step begins that says what stands in a setting. A colon can stand in no node id of a graph.
TOLD = "told:"
# By this port a step goes on that has failed, where the drawing has a way for that.
ERROR_PORT = "error"


# Tuples, because a plan has thousands of these three: as frozen dataclasses, which set field by field, to make and to hash
# them was a third of all compiling.
class Ref(NamedTuple):
    """One output port of one step."""

    step: str
    port: str


class Binding(NamedTuple):
    """What feeds an input: the refs are alternatives (branches that exclude each other), or items to collect."""

    port: str
    type: PortType
    refs: tuple[Ref, ...]
    collect: bool = False


@dataclass(frozen=True, slots=True)
class GateChain:
    """What a gate enforces: the rules by id, and their merged chain as (filter, action, threshold, categories)."""

    rules: tuple[str, ...]
    chain: tuple[tuple[str, str, float, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class Fallback:
    """What a step gives when it fails, all of it its author's: `values` by port, or with `text` that at `error`."""

    values: dict[str, Json]
    text: str | None = None


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a step is tried again, and after how many seconds: `wait`, then twice as many each time, `longest` at most."""

    times: int
    wait: float
    longest: float

    def after(self, failed: int) -> float:
        """Seconds to wait once it has failed so often, 1 at least."""
        return min(self.longest, self.wait * 2.0 ** (failed - 1))

    def to_json(self) -> dict[str, Json]:
        return {"times": self.times, "wait": self.wait, "longest": self.longest}


class Step(NamedTuple):
    """One node's part in a run, or a gate. `node` is the origin in the graph; a gate has none but names its rules.

    `shadow` is what a step of type `safety.shadow` looks for.
    """

    id: str
    type: str
    version: int
    title: Words
    node: str | None
    params: dict[str, Json]
    bindings: tuple[Binding, ...]
    outputs: tuple[tuple[str, PortType], ...]
    resource: str
    time_limit: float
    gate: GateChain | None = None
    shadow: GateChain | None = None
    fallback: Fallback | None = None
    # None: its first failure is its last.
    retry: Retry | None = None
    segment: int = -1  # none yet: the compiler's last pass says which

    def within(self, segment: int) -> "Step":
        """The same in this segment. All steps of a plan are made so, and `_replace` would take thrice as long."""
        return Step(*self[:-1], segment)

    def binding(self, port: str) -> Binding | None:
        return next((b for b in self.bindings if b.port == port), None)


@dataclass(frozen=True, slots=True)
class Segment:
    """Steps that run together on one worker, in this order; `needs` are the segments that must end before."""

    index: int
    resource: str
    steps: tuple[str, ...]
    needs: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Argument:
    """A value that a run may be started with: an input node's name, type and bounds."""

    name: str
    type: PortType
    title: str
    node: str
    required: bool
    default: Json = None
    multiline: bool = False
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True, slots=True)
class Result:
    """A value that the run promises to a person: the output node's name and the step and port that deliver it."""

    name: str
    type: PortType
    title: str
    node: str
    step: str
    port: str


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole: `policy` is the digest of the policy that decided the gates, `graph` the digest of the drawing.

    Of a drawing that was `copied` from people elsewhere, what its author wrote may be theirs.
    """

    graph: str
    policy_version: int
    policy: str
    steps: tuple[Step, ...]
    segments: tuple[Segment, ...]
    arguments: tuple[Argument, ...]
    results: tuple[Result, ...]
    copied: bool = False
    # The segments that hold nothing but shadows: a run does not wait for them, and cannot fail by them.
    shadows: frozenset[int] = field(init=False, repr=False, compare=False)
    _steps: dict[str, Step] = field(init=False, repr=False, compare=False)
    _segments: dict[int, Segment] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        shadows = frozenset(step.segment for step in self.steps if step.shadow)
        object.__setattr__(self, "shadows", shadows)
        object.__setattr__(self, "_steps", {step.id: step for step in self.steps})
        object.__setattr__(self, "_segments", {segment.index: segment for segment in self.segments})

    def step(self, step_id: str) -> Step:
        """Raises KeyError."""
        return self._steps[step_id]

    def segment(self, index: int) -> Segment:
        """Raises KeyError."""
        return self._segments[index]

    def to_json(self) -> dict[str, Json]:
        return {
            "format": FORMAT,
            "graph": self.graph,
            "policy_version": self.policy_version,
            "policy": self.policy,
            "steps": [_step_to_json(step) for step in self.steps],
            "segments": [
                {"index": s.index, "resource": s.resource, "steps": list(s.steps), "needs": list(s.needs)}
                for s in self.segments
            ],
            "arguments": [_argument_to_json(item) for item in self.arguments],
            "results": [_result_to_json(item) for item in self.results],
            # Named only where it is so: the signatures of plans from before this was known still hold.
            **({"copied": True} if self.copied else {}),
        }

    @classmethod
    def from_json(cls, data: dict[str, Json]) -> Self:
        if data.get("format") != FORMAT:
            raise ValueError(f"plan format {data.get('format')!r} is not {FORMAT}")
        return cls(
            graph=data["graph"],
            policy_version=data["policy_version"],
            policy=data["policy"],
            steps=tuple(_step_from_json(item) for item in data["steps"]),
            segments=tuple(
                Segment(s["index"], s["resource"], tuple(s["steps"]), tuple(s["needs"]))
                for s in data["segments"]
            ),
            arguments=tuple(
                Argument(**{**item, "type": parse_type(item["type"])}) for item in data["arguments"]
            ),
            results=tuple(Result(**{**item, "type": parse_type(item["type"])}) for item in data["results"]),
            copied=data.get("copied", False),
        )


def canonical(plan: Plan) -> str:
    """The plan as JSON text, the same for the same plan: what is signed, and kept."""
    return json.dumps(plan.to_json(), sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def sign(plan: Plan, key: bytes) -> str:
    """HMAC-SHA-256 (hex) over the plan's canonical JSON: whoever runs a plan checks that the compiler made it."""
    return sign_text(canonical(plan), key)


def sign_text(text: str, key: bytes) -> str:
    """The same of a plan that is canonical JSON already."""
    return hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def is_signed(plan: Plan, key: bytes, mac: str) -> bool:
    return hmac.compare_digest(sign(plan, key), mac)


def _step_to_json(step: Step) -> dict[str, Json]:
    return {
        "id": step.id,
        "type": step.type,
        "version": step.version,
        "title": step.title.to_json(),
        "node": step.node,
        "params": step.params,
        "bindings": [
            {
                "port": b.port,
                "type": str(b.type),
                "refs": [[ref.step, ref.port] for ref in b.refs],
                "collect": b.collect,
            }
            for b in step.bindings
        ],
        "outputs": [[name, str(port_type)] for name, port_type in step.outputs],
        "resource": step.resource,
        "time_limit": step.time_limit,
        "segment": step.segment,
        "gate": _chain_to_json(step.gate) if step.gate else None,
        # Named only where there is one: the signatures of plans from before there were shadows still hold.
        **({"shadow": _chain_to_json(step.shadow)} if step.shadow else {}),
        **({"fallback": {"values": f.values, "text": f.text}} if (f := step.fallback) else {}),
        **({"retry": step.retry.to_json()} if step.retry else {}),
    }


def _chain_to_json(chain: GateChain) -> dict[str, Json]:
    return {
        "rules": list(chain.rules),
        "chain": [[f, action, threshold, list(cats)] for f, action, threshold, cats in chain.chain],
    }


def _chain_from_json(data: dict[str, Json] | None) -> GateChain | None:
    if data is None:
        return None
    return GateChain(tuple(data["rules"]), tuple((f, a, t, tuple(c)) for f, a, t, c in data["chain"]))


def _step_from_json(data: dict[str, Json]) -> Step:
    return Step(
        id=data["id"],
        type=data["type"],
        version=data["version"],
        title=Words.from_json(data["title"]),
        node=data["node"],
        params=data["params"],
        bindings=tuple(
            Binding(b["port"], parse_type(b["type"]), tuple(Ref(*ref) for ref in b["refs"]), b["collect"])
            for b in data["bindings"]
        ),
        outputs=tuple((name, parse_type(text)) for name, text in data["outputs"]),
        resource=data["resource"],
        time_limit=data["time_limit"],
        segment=data["segment"],
        gate=_chain_from_json(data["gate"]),
        shadow=_chain_from_json(data.get("shadow")),
        fallback=Fallback(f["values"], f["text"]) if (f := data.get("fallback")) else None,
        retry=Retry(**r) if (r := data.get("retry")) else None,
    )


def _argument_to_json(item: Argument) -> dict[str, Json]:
    return {
        "name": item.name,
        "type": str(item.type),
        "title": item.title,
        "node": item.node,
        "required": item.required,
        "default": item.default,
        "multiline": item.multiline,
        "minimum": item.minimum,
        "maximum": item.maximum,
    }


def _result_to_json(item: Result) -> dict[str, Json]:
    return {
        "name": item.name,
        "type": str(item.type),
        "title": item.title,
        "node": item.node,
        "step": item.step,
        "port": item.port,
    }
