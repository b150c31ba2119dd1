"""The load: small runs of four shapes, each with a word of its own, by which its effects and its answer are known again."""

from dataclasses import dataclass
from random import Random
from typing import Any

from builder.accounts.models import Workspace
from builder.runs.models import Run
from builder.runs.submit_run import Order, submit_run
from tests.fixtures.runs import chain, drawing


def straight(nap: float) -> dict[str, Any]:
    """A chain in one segment, with two effects and a text that streams."""
    return chain(
        ("e1", "effect", {"seconds": nap}),
        ("s", "stream", {"piece": 12, "seconds": 0.01}),
        ("e2", "effect", {"seconds": nap}),
        ("u", "upper", {}),
    )


def forked(nap: float) -> dict[str, Any]:
    """Two branches in segments of their own, which meet again."""
    return drawing(
        ("in", "input", {"name": "text"}),
        ("a", "effect", {"seconds": nap}),
        ("b", "effect", {"seconds": nap}),
        ("j", "join", {}),
        ("out", "output", {"name": "answer"}),
        edges="in.text>a.text in.text>b.text a.text>j.texts b.text>j.texts j.text>out.text",
    )


def drawn(nap: float) -> dict[str, Any]:
    """A picture, which is stored, judged and shown."""
    return drawing(
        ("in", "input", {"name": "text"}),
        ("e", "effect", {"seconds": nap}),
        ("d", "draw", {}),
        ("out", "show_image", {"name": "answer"}),
        edges="in.text>e.text e.text>d.text d.image>out.image",
    )


def long(nap: float) -> dict[str, Any]:
    """Effects one after another, which take longer together than a lease."""
    return chain(*((f"e{number}", "effect", {"seconds": 2 * nap}) for number in range(1, 7)))


# How a run of each shape answers, where its answer is a text, and the effects that it has.
SHAPES = {"straight": straight, "forked": forked, "drawn": drawn, "long": long}
EFFECTS = {
    "straight": ("e1", "e2"),
    "forked": ("a", "b"),
    "drawn": ("e",),
    "long": tuple(f"e{number}" for number in range(1, 7)),
}


def answer(shape: str, text: str) -> str | None:
    """What a run of this shape must have told; None where it is a picture."""
    return {
        "straight": f"{text} e1 e2".upper(),
        "forked": f"{text} a+{text} b",
        "long": " ".join((text, *EFFECTS["long"])),
    }.get(shape)


@dataclass
class Load:
    """Keeps so many runs under way; knows those whose submission was confirmed."""

    workspace: Workspace
    random: Random
    nap: float = 0.1
    shapes: tuple[str, ...] = tuple(SHAPES)

    def __post_init__(self) -> None:
        self.known: list[str] = []

    def top_up(self, wanted: int) -> None:
        ended = ("succeeded", "failed", "cancelled", "blocked")
        under_way = Run.objects.exclude(state__in=ended).count()
        for _ in range(wanted - under_way):
            self.submit(self.random.choice(self.shapes))

    def submit(self, shape: str) -> Run:
        text = f"{shape}-{len(self.known)} sails"
        graph = SHAPES[shape](self.nap)
        run = submit_run(Order(self.workspace, {"text": text}, graph=graph)).run
        self.known.append(str(run.pk))
        return run
