"""Warming: loads beforehand what filters and nodes will need, one thing after the other. No data, no key, no provider."""

import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from runtime.dispatch.needs import Needs
from runtime.nodes.context import Assets, Models, Providers
from runtime.nodes.registry import Registry
from runtime.safety.filters import Filter

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Spare:
    """What a filter may use while it makes itself ready."""

    assets: Assets
    models: Models
    providers: Providers


def warm(needs: Needs, registry: Registry, filters: Mapping[str, Filter], spare: Spare) -> Iterator[None]:
    """Yields between two loads. What is unknown is passed over, and what fails is left to the run that needs it."""
    # Filters first: they are quick, and stand before whatever a model is told.
    for item in _with_used(needs.filters, filters):
        if item.ready is not None:
            yield from _quietly(item.spec.id, _once(item, spare))
    for node in needs.nodes:
        found = registry.get(node.type, node.version)
        if found is not None and found.ready is not None:
            yield from _quietly(node.type, found.ready(spare.models, dict(node.models)))


def _with_used(names: tuple[str, ...], filters: Mapping[str, Filter]) -> list[Filter]:
    """The filters that are here, and those that they hand on to; each once."""
    named = [filters[name] for name in names if name in filters]
    used = [filters[name] for item in named for name in item.spec.uses if name in filters]
    return list({item.spec.id: item for item in (*named, *used)}.values())


def _once(item: Filter, spare: Spare) -> Iterator[None]:
    assert item.ready is not None
    item.ready(spare)
    yield


def _quietly(name: str, steps: Iterator[None]) -> Iterator[None]:
    try:
        yield from steps
    except Exception as fault:  # noqa: BLE001 - nobody has asked for it yet; a run that does is told in words
        log.info("%s is not made ready: %s", name, type(fault).__name__)
