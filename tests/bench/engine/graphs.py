"""The drawings that the benchmarks of the engine run."""

from typing import Any

from tests.fixtures.runs import chain, drawing


def nodes(count: int) -> dict[str, Any]:
    """A chain of so many nodes that hand on what they get, between an input and an output."""
    return chain(*((f"n{number}", "echo", {}) for number in range(count)))


def branches(seconds: float) -> dict[str, Any]:
    """Two nodes that take so long, which need not wait for each other, and what joins them."""
    return drawing(
        ("in", "input", {"name": "text"}),
        ("a", "nap", {"seconds": seconds}),
        ("b", "nap", {"seconds": seconds}),
        ("j", "join", {}),
        ("out", "output", {"name": "answer"}),
        edges="in.text>a.text in.text>b.text a.text>j.texts b.text>j.texts j.text>out.text",
    )
