"""Mutant: a fault that somebody might make, planted in the running program, and what is known of it afterwards."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import wraps
from importlib import import_module
from inspect import Parameter, isfunction, signature
from typing import Any, Literal

import pytest

Part = Literal["compiler", "verify", "run", "floors", "drafts"]


@dataclass
class Plant:
    """Puts faults where the honest code is, and counts how often they ran."""

    patch: pytest.MonkeyPatch
    ran: int = 0

    def around(self, place: str, make: Callable[[Any], Callable[..., Any]]) -> None:
        """Replace `package.module:name` (or `:Class.name`) with what `make` makes of the honest one."""
        module, _, name = place.partition(":")
        holder: Any = import_module(module)
        *outer, last = name.split(".")
        for part in outer:
            holder = getattr(holder, part)
        honest = getattr(holder, last)
        faulty = make(honest)
        if not _takes_the_same(honest, faulty):
            raise TypeError(f"{place} is no longer called as its fault expects: {signature(honest)}")

        @wraps(honest)
        def counted(*args: Any, **kwargs: Any) -> Any:
            self.ran += 1
            return faulty(*args, **kwargs)

        self.patch.setattr(holder, last, counted)


def _takes_the_same(honest: Callable[..., Any], faulty: Callable[..., Any]) -> bool:
    """Whether what the one is given fits the other: a fault that cannot be called would only look noticed."""
    if not isfunction(honest):
        return True
    known = [item for item in signature(honest).parameters.values() if item.name not in ("args", "kwargs")]
    needed = [item for item in known if item.default is item.empty]
    return _fits(faulty, needed) or _fits(faulty, known)


def _fits(faulty: Callable[..., Any], given: list[Parameter]) -> bool:
    names = [item.name for item in given if item.kind is item.KEYWORD_ONLY]
    places = [item for item in given if item.kind in (item.POSITIONAL_ONLY, item.POSITIONAL_OR_KEYWORD)]
    try:
        signature(faulty).bind(*places, **dict.fromkeys(names))
    except TypeError:
        return False
    return True


@dataclass(frozen=True)
class Mutant:
    """One planted fault. `blind` names the oracles that cannot see it, each with the reason."""

    name: str
    part: Part
    breaks: str
    plant: Callable[[Plant], None]
    blind: Mapping[str, str] = field(default_factory=dict)

    @contextmanager
    def planted(self) -> Iterator[Plant]:
        with pytest.MonkeyPatch.context() as patch:
            plant = Plant(patch)
            self.plant(plant)
            yield plant


@dataclass
class Trial:
    """What was found of a mutant: after how many examples it changed anything, and when each oracle caught it."""

    mutant: Mutant
    oracles: tuple[str, ...]  # those that were asked
    examples: int = 0
    alive: int | None = None
    caught: dict[str, int] = field(default_factory=dict)

    @property
    def expected(self) -> set[str]:
        return set(self.oracles) - set(self.mutant.blind)

    @property
    def settled(self) -> bool:
        """Whether everything that should be known is known; a search may then end."""
        return self.alive is not None and self.expected <= self.caught.keys()

    @property
    def problem(self) -> str | None:
        """Why this mutant counts as a survivor; None when all is as the list says."""
        if self.alive is None:
            return "changed nothing"
        missed = sorted(self.expected - self.caught.keys())
        if missed:
            return f"not seen by {', '.join(missed)}"
        if not self.caught:
            return "caught by nobody"
        wrong = sorted(set(self.mutant.blind) & self.caught.keys())
        return f"called blind, and saw it: {', '.join(wrong)}" if wrong else None


class Listed:
    """Gathers the mutants of one part: its `mutant` decorates the functions that plant them."""

    def __init__(self, part: Part, **blind: str) -> None:
        self.part = part
        self.blind = blind  # what holds for most of them
        self.mutants: list[Mutant] = []

    def mutant(
        self, breaks: str, **blind: str
    ) -> Callable[[Callable[[Plant], None]], Callable[[Plant], None]]:
        """The function's own name, in words, is the mutant's. Each keyword names an oracle that cannot see it, and
        why; an empty reason says that it can, although most mutants of the list escape it."""

        def add(plant: Callable[[Plant], None]) -> Callable[[Plant], None]:
            name = plant.__name__.replace("_", " ")
            reasons = {oracle: why for oracle, why in (self.blind | blind).items() if why}
            self.mutants.append(Mutant(name, self.part, breaks, plant, reasons))
            return plant

        return add
