"""Figures: what a benchmark measured, with the bar it must clear, printed as a table or as JSON."""

import json
import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Figure:
    """One measurement under a stable key. `bar` is the limit it must not pass: at most, or at least.

    `note` says what the number alone does not.
    """

    key: str
    value: float
    unit: str
    bar: float | None = None
    bar_is: Literal["at most", "at least"] = "at most"
    note: str = ""

    @property
    def missed(self) -> bool:
        if self.bar is None:
            return False
        return self.value > self.bar if self.bar_is == "at most" else self.value < self.bar


def as_table(name: str, figures: Sequence[Figure]) -> str:
    rows = [
        (f.key, f"{f.value:,.6g}", f.unit, _bar(f), "missed" if f.missed else "", f.note) for f in figures
    ]
    head = ("figure", "value", "unit", "bar", "", "")
    widths = [max(len(row[i]) for row in (head, *rows)) for i in range(len(head))]
    lines = [
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in (head, *rows)
    ]
    return "\n".join([f"{name} on {_machine()}", *(line.rstrip() for line in lines)])


def as_json(name: str, figures: Sequence[Figure]) -> str:
    body = {
        f.key: {"value": f.value, "unit": f.unit, "bar": f.bar, "missed": f.missed, "note": f.note}
        for f in figures
    }
    return json.dumps({"bench": name, "machine": _machine(), "figures": body}, indent=2)


def _bar(figure: Figure) -> str:
    return "" if figure.bar is None else f"{figure.bar_is} {figure.bar:g}"


def _machine() -> str:
    return f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
