"""The manager lends models, keeps them within its budget, and tells what it holds."""

import gc
import hashlib
import json
import os
import threading
from pathlib import Path

import pytest

from runtime.errors import OperationalError, UserError
from runtime.models.manager import LATELY, Beforehand, ModelManager, NoRoom
from runtime.models.shelf import Shelf
from runtime.provenance import PROVENANCE

MB = 1024 * 1024
OF_NOTHING = hashlib.sha256(bytes(100 * MB)).hexdigest()


class Loaded:
    """Stands for a model in memory; its size is its file's, because it takes hardly any itself."""

    count = 0

    def __init__(self) -> None:
        Loaded.count += 1
        self.closed = False
        self.takes_many = False

    def close(self) -> None:
        self.closed = True


def load(folder: Path) -> Loaded:
    assert "HINDRANCE" not in os.environ
    return Loaded()


def load_otherwise(folder: Path) -> Loaded:
    return Loaded()


def load_for_many(folder: Path) -> Loaded:
    loaded = Loaded()
    loaded.takes_many = True
    return loaded


@pytest.fixture
def shelf(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Shelf:
    monkeypatch.setenv("SLUICEWAY_HOME", str(tmp_path / "home"))
    for name in ("one", "two", "three"):
        home = tmp_path / name
        home.mkdir()
        (home / "w").write_bytes(bytes(100 * MB))
        (home / PROVENANCE).write_text(
            json.dumps(
                {"capability": "text", "files": [{"path": "w", "size": 100 * MB, "sha256": OF_NOTHING}]}
            )
        )
    Loaded.count = 0
    return Shelf(tmp_path, {})


def use(manager: ModelManager, name: str) -> Loaded:
    with manager.use(name, load, "text") as model:
        return model


def collects(folder: Path) -> bool:
    return gc.isenabled()


def test_nothing_is_searched_for_garbage_while_a_model_loads(shelf: Shelf) -> None:
    with ModelManager(shelf, budget=1_000 * MB).use("one", collects, "text") as collected:
        assert not collected
        assert gc.isenabled()


def test_a_model_is_loaded_once_and_kept(shelf: Shelf) -> None:
    manager = ModelManager(shelf, budget=1_000 * MB)
    assert use(manager, "one") is use(manager, "one")
    assert (Loaded.count, manager.holds()) == (1, ("one",))


def test_another_loader_makes_another_resident(shelf: Shelf) -> None:
    manager = ModelManager(shelf, budget=1_000 * MB)
    with manager.use("one", load_otherwise, "text") as other:
        assert other is not use(manager, "one")
    assert manager.holds() == ("one",)


def test_what_is_installed_anew_is_loaded_anew_and_the_old_one_leaves(shelf: Shelf) -> None:
    manager = ModelManager(shelf, budget=1_000 * MB)
    with manager.use("one", load, "text") as old:
        provenance = shelf.home_of("one") / PROVENANCE
        os.utime(provenance, ns=(0, provenance.stat().st_mtime_ns + 1))
        new = use(manager, "one")
        assert new is not old and not old.closed, "whoever works with the old one may finish"
    assert use(manager, "one") is new
    assert old.closed and not new.closed
    assert manager.holds() == ("one",)


def test_the_longest_unused_leaves_when_the_budget_is_full(shelf: Shelf) -> None:
    manager = ModelManager(shelf, budget=250 * MB)
    one, two = use(manager, "one"), use(manager, "two")
    use(manager, "one")
    use(manager, "three")
    assert manager.holds() == ("one", "three")
    assert (one.closed, two.closed) == (False, True)


def test_a_model_in_use_stays_whatever_the_budget_says(shelf: Shelf) -> None:
    manager = ModelManager(shelf, budget=150 * MB)
    with manager.use("one", load, "text") as one:
        use(manager, "two")
        assert "one" in manager.holds()
        assert not one.closed
    use(manager, "three")
    assert one.closed
    assert manager.holds() == ("three",)


def warm(manager: ModelManager, name: str) -> Loaded:
    with Beforehand(manager).use(name, load, "text") as model:
        return model


def test_what_is_loaded_beforehand_is_found_by_who_needs_it(shelf: Shelf) -> None:
    manager = ModelManager(shelf, budget=1_000 * MB)
    assert warm(manager, "one") is warm(manager, "one") is use(manager, "one")
    assert Loaded.count == 1


def test_nothing_that_was_used_lately_leaves_for_a_model_that_nobody_needs_yet(shelf: Shelf) -> None:
    manager = ModelManager(shelf, budget=250 * MB)
    one, two = use(manager, "one"), warm(manager, "two")
    with pytest.raises(NoRoom):
        warm(manager, "three")
    assert manager.holds() == ("one", "two") and not one.closed and not two.closed
    assert use(manager, "three") and one.closed, "who needs it gets it"


def test_what_nobody_used_for_long_leaves_for_it(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    manager = ModelManager(shelf, budget=250 * MB)
    one = use(manager, "one")
    use(manager, "two")
    monkeypatch.setattr("runtime.models.manager.LATELY", 0.0)
    warm(manager, "three")
    assert manager.holds() == ("three", "two") and one.closed


def test_to_be_asked_for_again_beforehand_keeps_nothing_in_memory(shelf: Shelf) -> None:
    manager = ModelManager(shelf, budget=250 * MB)
    one = use(manager, "one")
    use(manager, "two")
    warm(manager, "one")
    use(manager, "three")
    assert one.closed


def test_a_model_that_is_larger_than_its_files_leaves_again_and_is_not_tried_over_and_over(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = ModelManager(shelf, budget=250 * MB)
    use(manager, "one")
    sizes = iter([0, 200 * MB])
    monkeypatch.setattr("runtime.models.manager._memory", lambda: next(sizes))
    beforehand = Beforehand(manager)
    for _ in range(2):
        with pytest.raises(NoRoom), beforehand.use("two", load, "text"):
            pass
    assert (manager.holds(), Loaded.count) == (("one",), 2)
    assert LATELY > 60


def test_steps_take_turns_with_a_model_and_load_it_once(shelf: Shelf) -> None:
    manager = ModelManager(shelf, budget=1_000 * MB)
    inside = threading.Lock()
    clashes: list[str] = []

    def work() -> None:
        for _ in range(50):
            with manager.use("one", load, "text"):
                if not inside.acquire(blocking=False):
                    clashes.append("two at once")
                else:
                    inside.release()

    threads = [threading.Thread(target=work) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (clashes, Loaded.count) == ([], 1)


def test_a_model_that_takes_many_is_lent_to_several_at_once(shelf: Shelf) -> None:
    manager, met = ModelManager(shelf, budget=1_000 * MB), threading.Barrier(2, timeout=20)

    def work() -> None:
        with manager.use("one", load_for_many, "text"):
            met.wait()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not met.broken and Loaded.count == 1


def test_a_load_that_fails_leaves_no_trace_and_may_be_tried_again(
    shelf: Shelf, monkeypatch: pytest.MonkeyPatch
) -> None:
    manager = ModelManager(shelf, budget=1_000 * MB)
    monkeypatch.setenv("HINDRANCE", "1")
    with pytest.raises(AssertionError):
        use(manager, "one")
    assert manager.holds() == ()
    monkeypatch.delenv("HINDRANCE")
    assert use(manager, "one")


@pytest.mark.parametrize("name", ["nothing", "../one", "", "One", "a" * 200])
def test_what_is_not_installed_is_missing(name: str, shelf: Shelf) -> None:
    with pytest.raises(OperationalError, match="model_missing"):
        use(ModelManager(shelf), name)


def test_a_model_of_another_kind_is_a_users_error(shelf: Shelf) -> None:
    with pytest.raises(UserError, match="model_unfit"), ModelManager(shelf).use("one", load, "image"):
        pass
