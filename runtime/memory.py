"""Memory: what a process has worked out lately, up to a size; the longest unused goes first."""

import threading
from collections import OrderedDict
from collections.abc import Hashable
from typing import Generic, TypeVar

V = TypeVar("V")


class Memory(Generic[V]):
    """Safe for threads. Keep here what never changes under its key, and nothing that cannot be worked out again."""

    def __init__(self, room: int) -> None:
        """`room` is in the unit of the sizes that values are put with."""
        self._room = room
        self._used = 0
        self._kept: OrderedDict[Hashable, tuple[int, V]] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def size(self) -> int:
        return self._used

    def get(self, key: Hashable) -> V | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[1]

    def put(self, key: Hashable, value: V, size: int = 1) -> None:
        """What alone is larger than all the room is not kept."""
        if size > self._room:
            return
        with self._lock:
            self._used += size - self._kept.pop(key, (0, value))[0]
            self._kept[key] = (size, value)
            while self._used > self._room:
                _, (freed, _) = self._kept.popitem(last=False)
                self._used -= freed

    def clear(self) -> None:
        with self._lock:
            self._kept.clear()
            self._used = 0
