"""Exposition: figures as the text that Prometheus reads (version 0.0.4)."""

import itertools
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
Labels = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Family:
    """One metric: a value for each combination of label values."""

    name: str
    kind: Literal["counter", "gauge"]
    help: str
    labels: Labels = ()
    values: Mapping[Labels, float] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        yield from _head(self.name, self.kind, self.help)
        for values in sorted(self.values):
            yield _line(self.name, zip(self.labels, values, strict=True), self.values[values])


@dataclass(frozen=True, slots=True)
class Histogram:
    """How often something took at most so long. `counts` has one number more than there are bounds: what took longer."""

    name: str
    help: str
    labels: Labels
    bounds: Sequence[float]
    counts: Mapping[Labels, Sequence[float]] = field(default_factory=dict)
    sums: Mapping[Labels, float] = field(default_factory=dict)

    def lines(self) -> Iterator[str]:
        yield from _head(self.name, "histogram", self.help)
        edges = [*(f"{bound:g}" for bound in self.bounds), "+Inf"]
        for values in sorted(self.counts):
            named = list(zip(self.labels, values, strict=True))
            total = 0.0
            for edge, total in zip(edges, itertools.accumulate(self.counts[values]), strict=True):
                yield _line(f"{self.name}_bucket", [*named, ("le", edge)], total)
            yield _line(f"{self.name}_sum", named, self.sums.get(values, 0.0))
            yield _line(f"{self.name}_count", named, total)


def bucket(bounds: Sequence[float], seconds: float) -> int:
    """Which count of a histogram it belongs to."""
    return next((place for place, bound in enumerate(bounds) if seconds <= bound), len(bounds))


def text(families: Iterable[Family | Histogram]) -> str:
    return "\n".join(line for family in families for line in family.lines()) + "\n"


def _head(name: str, kind: str, help_text: str) -> list[str]:
    return [f"# HELP {name} {help_text}", f"# TYPE {name} {kind}"]


def _line(name: str, labels: Iterable[tuple[str, str]], value: float) -> str:
    named = ",".join(f'{label}="{_escaped(text)}"' for label, text in labels)
    return f"{name}{{{named}}} {_number(value)}" if named else f"{name} {_number(value)}"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")


def _number(value: float) -> str:
    return str(int(value)) if math.isfinite(value) and value == int(value) else repr(float(value))
