"""StepContext: what one running step may reach, made of what its worker lends."""

import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import wraps
from pathlib import Path
from typing import Protocol, TypeVar

from runtime.engine.faults import LONGEST
from runtime.engine.inspection import Inspector
from runtime.engine.outlet import Outlet
from runtime.engine.outputs import check_size
from runtime.engine.streams import Streams
from runtime.events import Event, EventKind
from runtime.labels import Source
from runtime.models.batching import Alone
from runtime.nodes.context import Assets, Batches, Models, Providers
from runtime.nodes.registry import Registry
from runtime.plan import Ref, Step
from runtime.safety.policy import Policy
from runtime.safety.preview import preview_event
from runtime.values import Data, Json
from runtime.words import Words

T = TypeVar("T")
LOADING = Words("Loading the model {model}", "正在加载模型 {model}")
PROGRESS_EVERY = 0.05  # seconds: what is told more often than twenty times a second nobody sees


class Residents(Models, Protocol):
    """Models that can be let go of; nodes only use them."""

    def let_go(self) -> None:
        """Forget what is loaded and not in use, because memory ran out."""
        ...


@dataclass(frozen=True, slots=True)
class Services:
    """What the worker lends to a segment. `check` raises Cancelled once the run was asked to stop."""

    registry: Registry
    inspector: Inspector
    assets: Assets
    models: Residents
    check: Callable[[], None]
    batches: Batches = field(default_factory=Alone)


@dataclass(frozen=True, slots=True)
class _ToldOf:
    """The models, with a word to whoever waits when one is not in memory yet: that takes seconds."""

    models: Models
    tell: Callable[[str], None]

    def use(self, ref: str, load: Callable[[Path], T], capability: str) -> AbstractContextManager[T]:
        @wraps(load)  # its name is what a model's residency goes by
        def told(folder: Path) -> T:
            self.tell(ref)
            return load(folder)

        return self.models.use(ref, told, capability)


@dataclass(slots=True)
class StepContext:
    """The Context of one running step."""

    step: Step
    given: Mapping[str, Data]
    services: Services
    policy: Policy
    streams: Streams
    outlet: Outlet
    sources: frozenset[Source]
    spent: dict[str, Json] = field(default_factory=dict)
    frugal: bool = False
    answer: str = ""
    _told: float = field(default=0.0)

    @property
    def step_id(self) -> str:
        return self.step.id

    @property
    def arguments(self) -> Mapping[str, Data]:
        return self.given

    @property
    def assets(self) -> Assets:
        return self.services.assets

    @property
    def models(self) -> Models:
        return _ToldOf(self.services.models, self._tell_of)

    @property
    def batches(self) -> Batches:
        return self.services.batches

    @property
    def providers(self) -> Providers:
        return self.services.inspector.providers

    def _tell_of(self, model: str) -> None:
        self.progress(0, 0, LOADING.fill(model=model))

    def check(self) -> None:
        self.services.check()

    def progress(self, done: float, total: float, note: Words | None = None) -> None:
        now = time.monotonic()
        if now - self._told < PROGRESS_EVERY and done < total:
            return
        self._told = now
        data: dict[str, Json] = {
            "step": self.step.id,
            "done": done,
            "total": total,
            "note": note.within(LONGEST).to_json() if note else None,
        }
        self.outlet.live(Event(EventKind.STEP_PROGRESS, data))

    def stream(self, port: str, text: str) -> None:
        self.services.check()
        check_size(text)
        spec = self.services.registry.spec(self.step.type, self.step.version)
        made = {item.name: item.source for item in spec.outputs_for(self.step.params)} if spec else {}
        own = made.get(port)
        self.streams.offer(Ref(self.step.id, port), text, self.sources | {own} if own else self.sources)

    def preview(self, image: bytes) -> None:
        event = preview_event(self.step.id, image, self.policy)
        if event is not None:
            self.outlet.live(event)

    def cost(self, **figures: float | str) -> None:
        self.spent.update(
            {name: item[:LONGEST] if isinstance(item, str) else item for name, item in figures.items()}
        )
