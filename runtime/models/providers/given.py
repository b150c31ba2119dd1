"""Given: the providers that the work in hand may ask. The agent says so anew with each order; nothing else is known."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.models.providers import faults
from runtime.providers import Access, providers


@dataclass(slots=True, repr=False)
class Given:
    """A child's `Providers`. It has no repr, because it holds keys."""

    _keys: Mapping[str, str] = field(default_factory=dict)

    def give(self, keys: Mapping[str, str]) -> None:
        """From now on these and no others: keys by the name of their secret, empty where a provider wants none."""
        self._keys = dict(keys)

    def access(self, name: str, model: str) -> Access:
        found = next((item for item in providers() if item.name == name), None)
        if found is None or model not in found.models or found.secret not in self._keys:
            raise faults.missing(name)
        key = self._keys[found.secret]
        if found.keyed and not key:
            raise faults.missing(name)
        return Access(found, key)
