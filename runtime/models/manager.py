"""Manager: keeps loaded models in memory between steps, within a budget; the longest unused leave first."""

import gc
import math
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar, cast

from runtime.collector import collecting_later
from runtime.errors import OperationalError, UserError
from runtime.models.catalog import NAME
from runtime.models.shelf import Shelf
from runtime.words import Words

T = TypeVar("T")
Key = tuple[str, str, int]  # the model, the function that loads it, and when it was installed

# Half of the memory: the other half is for what the models work on, and for everybody else.
SHARE = 0.5
# Seconds for which nothing that was used leaves for a model that is only loaded beforehand.
LATELY = 600.0


class NoRoom(Exception):
    """A model that nobody has asked for yet does not fit beside those that are there."""


@dataclass(slots=True)
class _Resident:
    """A loaded model. `size` is bytes; `lock` lets one step at a time use it; `users` are using or waiting."""

    model: Any = None
    size: int = 0
    used: float = 0.0
    users: int = 0
    lock: threading.RLock = field(default_factory=threading.RLock)


class ModelManager:
    """The worker's `Models`: loads what is on the shelf once, and lends it to one step at a time.

    A model that says that it `takes_many` is lent to several.
    """

    def __init__(self, shelf: Shelf, budget: int | None = None) -> None:
        """`budget` is bytes (default: `SLUICEWAY_MODEL_MEMORY_MB`, else half of the machine's memory)."""
        self._shelf = shelf
        self._budget = default_budget() if budget is None else budget
        self._residents: dict[Key, _Resident] = {}
        self._table = threading.Lock()
        # One load at a time, so that the growth of the process can be laid to the model that caused it.
        self._loading = threading.Lock()

    @contextmanager
    def use(
        self, ref: str, load: Callable[[Path], T], capability: str, *, beforehand: bool = False
    ) -> Iterator[T]:
        """The model `ref`, loaded by `load` (a function of a module: its name is what residency goes by).

        Raises OperationalError `model_missing` when it is not installed, `model_changed` when what lies there now is something else, UserError `model_unfit` when it
        does something else than `capability`. `beforehand`: nobody needs it yet, so nothing that was used lately leaves
        for it; raises NoRoom.
        """
        folder = self._folder(ref, capability)
        key = (ref, f"{load.__module__}.{load.__qualname__}", self._shelf.installed_at(ref))
        with self._table:
            replaced = self._replaced(key)
            resident = self._residents.setdefault(key, _Resident())
            resident.users += 1
        _let_go(replaced)
        try:
            with resident.lock:
                if resident.model is None:
                    self._load(resident, folder, load, beforehand)
                model = cast(T, resident.model)
                if not getattr(model, "takes_many", False):
                    yield model
                    return
            yield model  # it sees to several at once by itself
        finally:
            with self._table:
                resident.users -= 1
                if not (beforehand and resident.used):  # to be asked for again and again keeps nothing here
                    resident.used = time.monotonic()
                if resident.model is None and not resident.users:
                    self._residents.pop(key, None)

    def holds(self) -> tuple[str, ...]:
        """The models in memory, by name: what a worker reports so that steps go where their model is warm."""
        with self._table:
            return tuple(
                sorted({ref for (ref, *_), item in self._residents.items() if item.model is not None})
            )

    def let_go(self) -> None:
        """Forget every model that nobody uses, and what a GPU has kept for them."""
        with self._table:
            idle = [key for key, item in self._residents.items() if item.model is not None and not item.users]
            leaving = [self._residents.pop(key).model for key in idle]
        _let_go(leaving)
        torch = sys.modules.get("torch")  # not imported for this: where it is not, it keeps nothing
        if torch is not None and torch.cuda.is_initialized():
            torch.cuda.empty_cache()

    def _replaced(self, key: Key) -> list[Any]:
        """What was loaded from an installation that is no longer there, taken off the table unless in use."""
        old = [k for k, item in self._residents.items() if k[:2] == key[:2] and k != key and not item.users]
        return [self._residents.pop(k).model for k in old]

    def _folder(self, ref: str, capability: str) -> Path:
        known = self._shelf.provenance(ref) if NAME.fullmatch(ref) else None
        record = self._shelf.records.get(ref)
        if not known:
            title = record.title if record else Words(f"“{ref[:64]}”", f"“{ref[:64]}”")
            raise OperationalError(
                "model_missing",
                Words("The model {title} is not installed.", "模型{title}尚未安装。").fill(title=title),
                Words("An administrator can install it under Models.", "管理员可在“模型”页面安装。"),
            )
        if known.get("capability") != capability:
            raise UserError(
                "model_unfit",
                Words(
                    f"The model “{ref}” does something else than this node needs.",
                    f"模型“{ref}”不具备该节点所需的能力。",
                ),
                Words("Choose one from the node's list.", "请从该节点的列表中选择。"),
            )
        if not self._shelf.is_unchanged(ref):
            raise OperationalError(
                "model_changed",
                Words(
                    f"The files of the model “{ref}” are not those that were installed.",
                    f"模型“{ref}”的文件与安装时不一致。",
                ),
                Words(
                    "An administrator can remove it and install it again under Models.",
                    "管理员可在“模型”页面将其删除并重新安装。",
                ),
            )
        return self._shelf.home_of(ref)

    def _load(self, resident: _Resident, folder: Path, load: Callable[[Path], Any], beforehand: bool) -> None:
        on_disk = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        with self._loading:
            self._make_room(on_disk, beforehand)
            before = _memory()
            with collecting_later():
                model = load(folder)
            # Growth counts what loading has left behind as well, and nothing of what a GPU holds: better to be told.
            resident.size = getattr(model, "weighs", None) or max(_memory() - before, on_disk)
            try:
                self._make_room(0, beforehand)
            except NoRoom:  # it is larger than its files
                resident.size = 0
                _let_go([model])
                raise
            resident.model = model

    def _make_room(self, needed: int, beforehand: bool) -> None:
        """Let the longest unused go until `needed` more bytes fit; models in use stay, whatever the budget says.

        Raises NoRoom, with nothing let go, when for a model `beforehand` one would have to leave that was used lately.
        """
        leaving: list[Any] = []
        stays = time.monotonic() - LATELY if beforehand else math.inf
        with self._table:
            idle = [
                (item.used, key)
                for key, item in self._residents.items()
                if item.model is not None and not item.users and item.used <= stays
            ]
            total = sum(item.size for item in self._residents.values())
            may_leave = sum(self._residents[key].size for _, key in idle)
            if beforehand and total + needed - may_leave > self._budget:
                raise NoRoom
            for _, key in sorted(idle):
                if total + needed <= self._budget:
                    break
                gone = self._residents.pop(key)
                total -= gone.size
                leaving.append(gone.model)
        _let_go(leaving)


class Beforehand:
    """The manager's models for whoever makes ready what may be needed soon: loaded where there is room for it."""

    def __init__(self, manager: ModelManager) -> None:
        self._manager = manager
        self._full: dict[str, float] = {}  # when which model was found to have no room

    @contextmanager
    def use(self, ref: str, load: Callable[[Path], T], capability: str) -> Iterator[T]:
        """As the manager's. Raises NoRoom as well, for a while without another look: a try may load all of it."""
        if time.monotonic() - self._full.get(ref, -math.inf) < LATELY:
            raise NoRoom
        try:
            with self._manager.use(ref, load, capability, beforehand=True) as model:
                yield model
        except NoRoom:
            self._full[ref] = time.monotonic()
            raise


def _let_go(models: list[Any]) -> None:
    for model in models:
        close = getattr(model, "close", None)
        if close:
            close()
    if models:
        models.clear()
        gc.collect()  # pipelines hold themselves in cycles; their memory is wanted now


def default_budget() -> int:
    """Bytes that loaded models may take together."""
    named = os.environ.get("SLUICEWAY_MODEL_MEMORY_MB", "")
    if named.isdecimal():
        return int(named) * 1024 * 1024
    return int(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") * SHARE)


def _memory() -> int:
    """Bytes of this process that are in memory now; 0 where the system does not say, and file sizes serve instead."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE")
