"""Outlet: what a running segment tells to whoever runs it."""

from collections.abc import Callable, Sequence
from typing import Protocol

from runtime.dispatch.store import StepRecord
from runtime.events import Event
from runtime.values import Value


class Outlet(Protocol):
    def started(self, step: str, intends: bool = False) -> None:
        """A step begins; `intends`: one that must not happen twice, and waits until that is written down."""
        ...

    def wait_until_written(self, step: str, check: Callable[[], None]) -> None:
        """Return once what the step intends is written down. `check` raises Cancelled when it should not happen any more."""
        ...

    def ended(
        self, record: StepRecord, events: Sequence[Event], results: Sequence[tuple[str, Value]]
    ) -> None:
        """A step has ended: its record, what its gate found, and the results that it delivers by name."""
        ...

    def live(self, event: Event) -> None:
        """Something that may be lost."""
        ...

    def partial(self, name: str, step: str, value: Value) -> None:
        """The text of result `name` that its gate has let out so far, written by `step`."""
        ...
