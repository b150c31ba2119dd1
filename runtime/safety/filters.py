"""Filters: what recognises content. They report matches; the policy decides what a match means."""

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

from runtime.nodes.context import Assets, Models, Providers
from runtime.ports import Kind
from runtime.values import Data
from runtime.words import Words

DEFAULT_FILTER_PACKS = ("runtime.packs.safety",)
# So many letters and digits at the end of a text that grows are shown to nobody. Neither blanks nor invisible
# characters use them up. What a filter may yet find further back than this it has to report as open.
HELD_BACK = 128
READ_AS_TEXT = frozenset({Kind.JSON, Kind.NUMBER})


@dataclass(frozen=True, slots=True)
class Category:
    """What a filter can name, e.g. `violence`; ids are shared by all filters."""

    id: str
    title: Words


@dataclass(frozen=True, slots=True)
class FilterSpec:
    """A filter as people need to know it: what it looks for, in which languages, and what it is known to miss.

    `cost` is what it takes: milliseconds of one core for a KB of text, one picture of 512 x 512 pixels, or half a minute
    of sound.
    `uses` are the filters that it hands what it reads to; it needs their models, too. `provider` is one that it asks:
    only work whose filters say so is given a provider's key. `whole`: it judges finished texts alone, so that behind
    its gate nothing is shown of a text that grows. `private`: where a policy takes out what it finds, no provider is
    asked about that either.
    """

    id: str
    version: int
    title: Words
    media: tuple[Kind, ...]
    categories: tuple[Category, ...]
    languages: tuple[str, ...]
    licence: str
    misses: Words
    model: str | None = None
    cost: float = 0.0
    uses: tuple[str, ...] = ()
    provider: str | None = None
    whole: bool = False
    private: bool = False

    def reads(self, kind: Kind) -> bool:
        """Whether it can judge this kind of data. Structures and numbers are read as text."""
        return kind in self.media or (kind in READ_AS_TEXT and Kind.TEXT in self.media)

    def category_title(self, category: str) -> Words:
        return next((c.title for c in self.categories if c.id == category), Words(category, category))


@dataclass(frozen=True, slots=True)
class Match:
    """Something recognised. Score is 0..1; start and end are offsets into the text, None for the whole value.

    `open`: nothing yet, but begun, and more text may make it a match; it reaches to the end of the text. A stream shows
    nothing of it until that is settled, whatever its score; of a finished text it says nothing. A filter that is not
    `whole` promises: what it finds in a text, and not in a beginning of it, begins in the last `HELD_BACK` letters and
    digits of that beginning or behind the start of something open.
    """

    category: str
    score: float
    start: int | None = None
    end: int | None = None
    open: bool = False


class FilterServices(Protocol):
    """What a filter may use while it checks."""

    @property
    def assets(self) -> Assets: ...

    @property
    def models(self) -> Models: ...

    @property
    def providers(self) -> Providers: ...


@dataclass(frozen=True, slots=True)
class Filter:
    """A FilterSpec and its check: (data of one value, services) -> matches. An exception lets nothing pass.

    `check_each` is for several values at once, where that is cheaper than one by one: one answer after the other, in their
    order. Without it they are checked one by one. Of a text among others nothing need be said to be open: one that grows
    is asked about alone.
    `ready` loads beforehand what the first check would load. It is shown nobody's data, and is given no provider.
    """

    spec: FilterSpec
    check: Callable[[Data, FilterServices], Iterable[Match]]
    check_each: Callable[[Sequence[Data], FilterServices], Iterable[Iterable[Match]]] | None = None
    ready: Callable[[FilterServices], None] | None = None

    def answers(self, values: Sequence[Data], services: FilterServices) -> Iterable[Iterable[Match]]:
        if self.check_each is not None and len(values) > 1:
            return self.check_each(values, services)
        return (self.check(value, services) for value in values)


def with_model(ref: str, load: Callable[[Path], Any], capability: str) -> Callable[[FilterServices], None]:
    """A `ready` for a filter that uses this model, loaded by this function."""

    def ready(services: FilterServices) -> None:
        with services.models.use(ref, load, capability):
            pass

    return ready


def with_a_word(check: Callable[[Data, FilterServices], Iterable[Match]]) -> Callable[[FilterServices], None]:
    """A `ready` for a filter of texts that builds its tables at the first look: it is shown a word of ours."""

    def ready(services: FilterServices) -> None:
        for _ in check("ready", services):
            pass

    return ready


def load_filters(packs: tuple[str, ...] | None = None) -> dict[str, Filter]:
    """The filters of the packs by id; without any named, of those that `SLUICEWAY_FILTER_PACKS` names."""
    named = tuple(os.environ.get("SLUICEWAY_FILTER_PACKS", "").replace(",", " ").split())
    paths = packs or named or DEFAULT_FILTER_PACKS
    return _load(paths) | {item.spec.id: item for path in paths for item in _installed(path)}


def _installed(path: str) -> Iterable[Filter]:
    """What a pack offers beside its tuple, as the installation stands now: its own word lists come and go."""
    offer: Callable[[], Iterable[Filter]] | None = getattr(import_module(path), "installed", None)
    return offer() if offer else ()


@cache
def _load(packs: tuple[str, ...]) -> dict[str, Filter]:
    """The filters of each pack (a module with a tuple `FILTERS`) by id."""
    found: dict[str, Filter] = {}
    for path in packs:
        for item in import_module(path).FILTERS:
            if item.spec.id in found:
                raise ValueError(f"filter {item.spec.id} is declared twice")
            found[item.spec.id] = item
    return found
