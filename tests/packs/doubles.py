"""A Context in memory for running one node: it records what the node tells, and keeps assets by their hash."""

import hashlib
from collections.abc import Mapping

from runtime.errors import Cancelled
from runtime.models.batching import Alone
from runtime.models.manager import ModelManager
from runtime.values import AssetRef, Data
from runtime.words import Words
from tests.models.cache import real_models


class MemoryAssets:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def read(self, ref: AssetRef) -> bytes:
        return self.kept[ref.sha256]

    def write(
        self, content: bytes, media_type: str, width: int | None = None, height: int | None = None
    ) -> AssetRef:
        sha256 = hashlib.sha256(content).hexdigest()
        self.kept[sha256] = content
        return AssetRef(sha256, media_type, len(content), width, height)


class MemoryContext:
    """`cancel_after` raises Cancelled at that many checks, as a worker would."""

    step_id = "step"
    answer = "yes"  # to whatever is asked
    frugal = False
    batches = Alone()

    def __init__(
        self,
        arguments: Mapping[str, Data] | None = None,
        models: ModelManager | None = None,
        cancel_after: int | None = None,
    ) -> None:
        self.arguments: Mapping[str, Data] = arguments or {}
        self.assets = MemoryAssets()
        self._models = models
        self._cancel_after = cancel_after
        self.checks = 0
        self.streamed: list[tuple[str, str]] = []
        self.previews: list[bytes] = []
        self.progressed: list[tuple[float, float]] = []
        self.notes: list[Words] = []
        self.figures: dict[str, float | str] = {}

    @property
    def models(self) -> ModelManager:
        if self._models is None:
            self._models = ModelManager(real_models())
        return self._models

    def check(self) -> None:
        self.checks += 1
        if self._cancel_after is not None and self.checks > self._cancel_after:
            raise Cancelled

    def progress(self, done: float, total: float, note: Words | None = None) -> None:
        if note is not None:
            self.notes.append(note)
            return
        self.progressed.append((done, total))

    def stream(self, port: str, text: str) -> None:
        self.streamed.append((port, text))

    def preview(self, image: bytes) -> None:
        self.previews.append(image)

    def cost(self, **figures: float | str) -> None:
        self.figures.update(figures)
