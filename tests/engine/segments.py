"""Runs compiled drawings in this process: one claim after another, everything that is told recorded."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runtime.assets.disk import DiskStore
from runtime.compiler.compile import compile_graph
from runtime.dispatch.states import SegmentState, StepState
from runtime.dispatch.store import Claim, StepRecord
from runtime.engine.executor import run_segment
from runtime.engine.inspection import Inspector
from runtime.engine.step_context import Services
from runtime.events import Event
from runtime.graph.parse import parse_graph
from runtime.labels import Source
from runtime.models.manager import ModelManager
from runtime.models.shelf import Shelf
from runtime.nodes.registry import Registry
from runtime.plan import Plan, Ref
from runtime.ports import TEXT
from runtime.safety.filters import Filter, load_filters
from runtime.safety.policy import Policy
from runtime.safety.ruling import Ruling
from runtime.values import Value
from tests.fixtures.runs import stub_policy
from tests.packs_stub import NODE_TYPES

REGISTRY = Registry(NODE_TYPES)
FILTERS = load_filters(("tests.packs_stub",))


@dataclass
class Told:
    """An outlet that remembers."""

    records: list[StepRecord] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    results: dict[str, Value] = field(default_factory=dict)
    live_events: list[Event] = field(default_factory=list)
    partials: list[tuple[str, str, Value]] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)

    intended: list[str] = field(default_factory=list)

    def started(self, step: str, intends: bool = False) -> None:
        self.begun.append(step)

    def wait_until_written(self, step: str, check: Callable[[], None]) -> None:
        self.intended.append(step)

    def ended(
        self, record: StepRecord, events: Sequence[Event], results: Sequence[tuple[str, Value]]
    ) -> None:
        self.records.append(record)
        self.events.extend(events)
        self.results.update(results)

    def live(self, event: Event) -> None:
        self.live_events.append(event)

    def partial(self, name: str, step: str, value: Value) -> None:
        self.partials.append((name, step, value))

    @property
    def states(self) -> dict[str, StepState]:
        return {record.step: record.state for record in self.records}

    def record(self, step: str) -> StepRecord:
        return next(record for record in self.records if record.step == step)

    def texts(self) -> list[str]:
        return [value.data for _, _, value in self.partials]


def compiled(graph: dict[str, Any], policy: Policy, registry: Registry = REGISTRY) -> Plan:
    parsed, issues = parse_graph(graph)
    assert parsed is not None, issues
    result = compile_graph(parsed, policy, registry)
    assert result.plan is not None, [issue.message.en for issue in result.issues]
    return result.plan


@dataclass
class Bench:
    """A worker's services in this process. `run` executes a plan to its end, segment after segment."""

    folder: Path
    policy: Policy = field(default_factory=stub_policy)
    registry: Registry = REGISTRY
    filters: dict[str, Filter] = field(default_factory=lambda: dict(FILTERS))
    check: Callable[[], None] = lambda: None
    deadline: float = 20.0
    rulings: dict[str, Ruling] = field(default_factory=dict)
    due: frozenset[str] = frozenset()
    failed: dict[str, int] = field(default_factory=dict)
    answers: dict[str, str] = field(default_factory=dict)

    def services(self) -> Services:
        assets, models = DiskStore(self.folder / "assets"), ModelManager(Shelf(self.folder / "models", {}))
        inspector = Inspector(self.filters, assets, models, self.check, self.deadline)
        return Services(self.registry, inspector, assets, models, self.check)

    def run(self, graph: dict[str, Any], states: dict[str, StepState] | None = None, **texts: str) -> Told:
        return self.run_plan(compiled(graph, self.policy, self.registry), states, **texts)

    def run_plan(self, plan: Plan, states: dict[str, StepState] | None = None, **texts: str) -> Told:
        told, services = Told(), self.services()
        values: dict[Ref, Value] = {}
        known = dict(states or {})
        for segment in plan.segments:
            claim = Claim(
                run="run",
                segment=segment.index,
                fence=1,
                attempt=1,
                plan=plan,
                mac="",
                policy=self.policy,
                arguments={name: Value(TEXT, text, frozenset({Source.USER})) for name, text in texts.items()},
                values=values,
                states=known,
                rulings=self.rulings,
                due=self.due,
                failed=self.failed,
                answers=self.answers,
            )
            state = run_segment(claim, services, told)
            for record in told.records:
                known[record.step] = record.state
                values |= {Ref(record.step, port): value for port, value in record.outputs.items()}
            if state is not SegmentState.DONE:
                break
        return told
