"""Context: all that a running node may reach. Packs see these Protocols and nothing behind them."""

from collections.abc import Callable, Hashable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from runtime.providers import Access
from runtime.values import AssetRef, Data
from runtime.words import Words

T = TypeVar("T")
P = TypeVar("P")
R = TypeVar("R")


class Assets(Protocol):
    """Stored bytes, by content. Nodes get handles, never paths."""

    def read(self, ref: AssetRef) -> bytes: ...

    def write(
        self, content: bytes, media_type: str, width: int | None = None, height: int | None = None
    ) -> AssetRef:
        """Store the bytes (once per content) and return their handle."""
        ...


class Models(Protocol):
    """Models that this worker has on disk, kept in memory between steps within a budget."""

    def use(self, ref: str, load: Callable[[Path], T], capability: str) -> AbstractContextManager[T]:
        """The loaded model `ref`; `load(folder)` is called when it is not resident.

        Raises OperationalError `model_missing` when it is not installed, UserError when it has another capability.
        """
        ...


class Batches(Protocol):
    """Where steps of several runs meet, so that one call of a model serves them all."""

    def join(
        self,
        key: Hashable,
        part: P,
        make: Callable[[Sequence[P], Sequence[Callable[[Any], None]]], Sequence[R | BaseException]],
        hear: Callable[[Any], None],
        check: Callable[[], None],
    ) -> tuple[R, int]:
        """What `make` makes of this part, perhaps together with others of an equal key, and of how many.

        `make` is given the parts, and for each what hears of it. It may be called in another thread; `hear` and `check`
        are called in this one, and what they raise is raised here while the others go on.
        """
        ...

    def aside(
        self, check: Callable[[], None]
    ) -> AbstractContextManager[Callable[[], AbstractContextManager[None]]]:
        """Let other runs' steps work meanwhile. Inside, the context may be used within what is given, and nowhere else."""
        ...


class Providers(Protocol):
    """Remote APIs that the work in hand may ask, because its nodes or filters declare so."""

    def access(self, name: str, model: str) -> Access:
        """The provider, with its key. Raises OperationalError `provider_missing`."""
        ...


class Context(Protocol):
    """What one step may use while it runs."""

    @property
    def step_id(self) -> str: ...

    @property
    def arguments(self) -> Mapping[str, Data]:
        """What the run was started with, by input name."""
        ...

    @property
    def answer(self) -> str:
        """What a person answered; of a node that asks nobody, nothing."""
        ...

    @property
    def assets(self) -> Assets: ...

    @property
    def models(self) -> Models: ...

    @property
    def batches(self) -> Batches: ...

    @property
    def providers(self) -> Providers: ...

    @property
    def frugal(self) -> bool:
        """Whether memory ran out at the first try: this is the second and last, slower and smaller where it can be."""
        ...

    def check(self) -> None:
        """Raise Cancelled when the run was asked to stop; call it at every sampler step and token."""
        ...

    def progress(self, done: float, total: float, note: Words | None = None) -> None:
        """Tell how far the step is; lost frames are fine."""
        ...

    def stream(self, port: str, text: str) -> None:
        """Offer the whole text of `port` so far to its gates; they decide what leaves, and may stop the step."""
        ...

    def preview(self, image: bytes) -> None:
        """Offer a picture of the work so far (PNG or JPEG); shown only as far as the policy allows."""
        ...

    def cost(self, **figures: float | str) -> None:
        """Record what the step used, e.g. `tokens=31, device="cpu"`."""
        ...
