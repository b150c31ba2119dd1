"""Outlet: what a running segment tells to whoever runs it."""

from collections.abc import Sequence
from typing import Protocol

from runtime.dispatch.store import StepRecord
from runtime.events import Event
from runtime.values import Value


class Outlet(Protocol):
    def started(self, step: str) -> None:
        """A step begins."""
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
