"""Errands beside the caller: in order, on one thread, and none that outlives who asked for it."""

import threading
import time

from runtime.engine.aside import Aside


def test_errands_are_done_one_after_another_on_one_thread() -> None:
    aside = Aside("here")
    done: list[tuple[int, str]] = []

    def errand(number: int) -> None:
        done.append((number, threading.current_thread().name))

    begun = [aside.begin(lambda number=number: errand(number)) for number in range(20)]
    assert all(each.wait(60) for each in begun)
    assert done == [(number, "here") for number in range(20)]


def test_who_waits_may_stop_waiting_and_the_next_errand_comes_when_this_one_has_ended() -> None:
    aside, go = Aside("slow"), threading.Event()
    slow, next_one = aside.begin(lambda: go.wait(60) and None), aside.begin(lambda: None)
    assert not slow.wait(0.05)
    assert not next_one.wait(0.05)
    go.set()
    assert slow.wait(60)
    assert next_one.wait(60)


def test_the_thread_ends_when_nobody_has_it_any_more() -> None:
    aside = Aside("left")
    assert aside.begin(lambda: None).wait(60)
    (thread,) = (thread for thread in threading.enumerate() if thread.name == "left")
    del aside
    ends = time.monotonic() + 60
    while thread.is_alive() and time.monotonic() < ends:
        time.sleep(0.01)
    assert not thread.is_alive()
