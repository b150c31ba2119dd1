"""watcher: looks at leases from outside, so that it can be said how long after the end of one the next was given."""

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from builder.runs.models import Segment


@dataclass
class Watcher:
    """Looks as often as it is asked to. What it takes for the end of a lease is as old as its last look at most."""

    _seen: dict[Any, tuple[int, datetime]] = field(default_factory=dict)
    # When a lease ended (monotonic, about), and how many seconds later the next holder had the segment.
    _taken: list[tuple[float, float]] = field(default_factory=list)

    def look(self) -> None:
        held = Segment.objects.exclude(claimed=None).filter(state__in=("leased", "ready"))
        for pk, fence, until, claimed in held.values_list("pk", "fence", "leased_until", "claimed"):
            before = self._seen.get(pk)
            if before is not None and fence == before[0] + 1:
                late = (claimed - before[1]).total_seconds()
                ago = (datetime.now(UTC) - claimed).total_seconds()
                if late > 0:  # else it was handed back before its lease ended
                    self._taken.append((time.monotonic() - ago - late, late))
            if until is not None:
                self._seen[pk] = (fence, until)
            elif before is not None and datetime.now(UTC) < before[1]:
                del self._seen[pk]  # handed back by who held it: no lease had to end

    def latencies(self, unclear: Sequence[tuple[float, float]]) -> list[float]:
        return sorted(
            late for ended, late in self._taken if not any(a <= ended <= b or a <= ended + late <= b for a, b in unclear)
        )  # fmt: skip


def share(ordered: Sequence[float], part: float) -> float:
    """The value that so large a part of them does not exceed; nothing where there are none."""
    return ordered[max(0, math.ceil(len(ordered) * part) - 1)] if ordered else 0.0
