"""Needs: which models and filters a plan will use, told to workers before anybody runs it. A hint and nothing more.

It is published and never queued, as trials are: lost when nobody hears it, and then a run loads what it needs by itself.
It holds names of what is installed, and nothing that a person wrote.
"""

import json
import logging
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Self

import redis.exceptions

from runtime.dispatch.trial import connect
from runtime.nodes.registry import Registry
from runtime.nodes.spec import ParamKind
from runtime.plan import Plan, Step
from runtime.values import Json

log = logging.getLogger(__name__)

CHANNEL = "sluiceway:needs"
EVERY = 3.0  # seconds between two hints of one process, and between two that a worker follows
MOST = 64  # names of one kind in a hint
MOST_WAITING = 4  # hints that wait to be sent
LONGEST = 100_000  # characters of a hint


@dataclass(frozen=True, slots=True, order=True)
class ModelUse:
    """A node type that uses models: `models` are (setting, name of the model)."""

    type: str
    version: int
    models: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Needs:
    """Filters by id, and node types with their models."""

    filters: tuple[str, ...] = ()
    nodes: tuple[ModelUse, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.filters or self.nodes)

    def to_json(self) -> dict[str, Json]:
        return {
            "filters": list(self.filters),
            "nodes": [
                {"type": node.type, "version": node.version, "models": dict(node.models)}
                for node in self.nodes
            ],
        }

    @classmethod
    def from_json(cls, data: Mapping[str, Json]) -> Self:
        """Raises KeyError, TypeError, ValueError, AttributeError for what is no hint of ours."""
        filters, nodes = data["filters"], data["nodes"]
        if len(filters) > MOST or len(nodes) > MOST:
            raise ValueError("it names too much")
        return cls(
            tuple(_name(item) for item in filters),
            tuple(
                ModelUse(
                    _name(node["type"]),
                    int(node["version"]),
                    tuple((_name(setting), _name(model)) for setting, model in node["models"].items()),
                )
                for node in nodes
            ),
        )


def needs_of(plan: Plan, registry: Registry, filters: Collection[str], models: Collection[str]) -> Needs:
    """What the plan uses of `filters` and `models`, which are installed. What else stands in a setting stays out."""
    chains = [chain for step in plan.steps for chain in (step.gate, step.shadow) if chain]
    asked = {name for chain in chains for name, *_ in chain.chain}
    used = {node for step in plan.steps if (node := _model_use(step, registry, models))}
    return Needs(tuple(sorted(asked & set(filters)))[:MOST], tuple(sorted(used))[:MOST])


def first_model(plan: Plan, segment: int, registry: Registry) -> str:
    """The name of the model that a segment's steps need first; empty where they need none."""
    for name in plan.segment(segment).steps:
        step = plan.step(name)
        spec = registry.spec(step.type, step.version)
        for param in spec.params if spec else ():
            if param.kind is ParamKind.MODEL and isinstance(model := step.params.get(param.name), str):
                return model[:200]
    return ""


def _model_use(step: Step, registry: Registry, models: Collection[str]) -> ModelUse | None:
    spec = registry.spec(step.type, step.version)
    settings = [param.name for param in spec.params if param.kind is ParamKind.MODEL] if spec else []
    named = [(name, model) for name in settings if isinstance(model := step.params.get(name), str)]
    if not named or any(model not in models for _, model in named):
        return None
    return ModelUse(step.type, step.version, tuple(named))


def _name(item: Json) -> str:
    if not isinstance(item, str) or len(item) > 200:
        raise ValueError("a name is a short text")
    return item


def hint(redis_url: str, needs: Needs) -> None:
    """Tell workers some time soon, where it can be told. Never fails, and takes no time: another thread sends it."""
    if needs:
        _sender().put(redis_url, needs)


class Sender:
    """Sends hints from a thread of its own, one every few seconds. Of many that wait, the newest are sent."""

    def __init__(self, every: float = EVERY) -> None:
        self._every = every
        self._waiting: dict[tuple[str, Needs], None] = {}  # a set that keeps its order
        self._news = threading.Condition()
        threading.Thread(target=self._work, name="needs", daemon=True).start()

    def put(self, redis_url: str, needs: Needs) -> None:
        with self._news:
            self._waiting[redis_url, needs] = None
            while len(self._waiting) > MOST_WAITING:
                del self._waiting[next(iter(self._waiting))]
            self._news.notify()

    def _work(self) -> None:
        while True:
            with self._news:
                self._news.wait_for(lambda: self._waiting)
                redis_url, needs = next(iter(self._waiting))
                del self._waiting[redis_url, needs]
            send(redis_url, needs)
            time.sleep(self._every)


def send(redis_url: str, needs: Needs) -> bool:
    """Publish it now. False when nobody heard it, which is nobody's fault."""
    try:
        with connect(redis_url) as client:
            return bool(client.publish(CHANNEL, json.dumps(needs.to_json())))
    except (OSError, redis.exceptions.RedisError) as fault:
        log.info("no worker was told what to load: %s", type(fault).__name__)
        return False


def read_hint(message: str | bytes) -> Needs | None:
    """What a message asks for; None for one that is no hint."""
    try:
        return Needs.from_json(json.loads(message)) if len(message) <= LONGEST else None
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError):
        return None


@cache
def _sender() -> Sender:
    return Sender()
