"""Meetings: parts of an equal key are made together, and what becomes of one is nobody else's."""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from runtime.errors import Cancelled
from runtime.models.batching import Alone, Meeting

LONG = 60.0  # a window that no test waits for
SOON = 20.0  # seconds after which a test gives up
Hears = Sequence[Callable[[object], None]]


def nothing() -> None:
    pass


def ignore(word: object) -> None:
    pass


class Maker:
    """Doubles numbers; notes for which it was called, and can be made to wait or to fail."""

    def __init__(self) -> None:
        self.calls: list[list[int]] = []
        self.began = threading.Semaphore(0)
        self.go_on = threading.Event()
        self.go_on.set()
        self.fault: BaseException | None = None

    def __call__(self, parts: Sequence[int], hears: Hears) -> list[int | BaseException]:
        self.calls.append(list(parts))
        self.began.release()
        assert self.go_on.wait(SOON)
        if self.fault:
            raise self.fault
        for hear, part in zip(hears, parts, strict=True):
            try:
                hear(f"half of {part * 2}")
            except Cancelled:
                pass  # it has left
        return [ValueError(str(part)) if part < 0 else part * 2 for part in parts]


@contextmanager
def people(
    meeting: Meeting, count: int, group: str = "g", tell: Callable[[bool], None] = ignore
) -> Iterator[Callable[..., "Future[tuple[int, int]]"]]:
    """Claims with a place each, all there before the first of them joins; what is given lets the next one join."""
    places = [meeting.enter(group) for _ in range(count)]
    for place in places:
        place.tell = tell
    waiting = list(places)
    with ThreadPoolExecutor(count) as pool:

        def join(
            part: int,
            make: Maker,
            hear: Callable[[object], None] = ignore,
            check: Callable[[], None] = nothing,
            key: str = "k",
        ) -> "Future[tuple[int, int]]":
            place = waiting.pop(0)

            def work() -> tuple[int, int]:
                try:
                    with meeting.turn(nothing):
                        return place.join(key, part, make, hear, check)
                finally:
                    meeting.leave(place)

            return pool.submit(work)

        yield join
        for place in waiting:
            meeting.leave(place)


def test_who_is_alone_waits_for_nobody() -> None:
    make = Maker()
    with people(Meeting(4, LONG), 1) as join:
        assert join(3, make).result(SOON) == (6, 1)
    assert Alone().join("k", 3, make, ignore, nothing) == (6, 1)
    with pytest.raises(ValueError, match="-1"):
        Alone().join("k", -1, make, ignore, nothing)


def test_all_who_can_come_are_made_in_one_call_and_hear_of_their_own_part() -> None:
    make, heard = Maker(), {part: [] for part in (1, 2, 3)}
    with people(Meeting(4, LONG), 3) as join:
        waiting = [join(part, make, heard[part].append) for part in (1, 2, 3)]
        assert sorted(item.result(SOON) for item in waiting) == [(2, 3), (4, 3), (6, 3)]
    assert [sorted(call) for call in make.calls] == [[1, 2, 3]]
    assert heard == {part: [f"half of {part * 2}"] for part in (1, 2, 3)}


def test_nobody_is_waited_for_who_will_not_come() -> None:
    meeting, make = Meeting(4, LONG), Maker()
    others = meeting.enter("another group")
    ended = meeting.enter("g")
    with people(meeting, 1) as join:
        waiting = join(1, make)
        meeting.leave(ended)
        assert waiting.result(SOON) == (2, 1)
    meeting.leave(others)


def test_who_is_expected_is_waited_for() -> None:
    meeting, make = Meeting(4, LONG), Maker()
    meeting.expect("g", 2)
    with people(meeting, 1) as first:
        one = first(1, make)
        with people(meeting, 1) as second:
            assert sorted([second(2, make).result(SOON), one.result(SOON)]) == [(2, 2), (4, 2)]


def test_who_is_expected_and_does_not_come_is_waited_for_once() -> None:
    meeting, make = Meeting(4, 0.01), Maker()
    meeting.expect("g", 2)
    with people(meeting, 1) as join:
        assert join(1, make).result(SOON) == (2, 1)
    assert not meeting._expected


def test_the_window_ends_the_wait_for_who_may_come() -> None:
    meeting, make = Meeting(4, 0.01), Maker()
    late = meeting.enter("g")
    with people(meeting, 1) as join:
        assert join(1, make).result(SOON) == (2, 1)
    meeting.leave(late)


def test_other_keys_are_made_by_themselves_one_after_another() -> None:
    make = Maker()
    with people(Meeting(4, LONG), 2) as join:
        waiting = [join(1, make, key="a"), join(2, make, key="b")]
        assert [item.result(SOON) for item in waiting] == [(2, 1), (4, 1)]
    assert sorted(make.calls) == [[1], [2]]


def test_no_more_are_made_at_once_than_may() -> None:
    make = Maker()
    with people(Meeting(2, LONG), 5) as join:
        waiting = [join(part, make) for part in range(5)]
        assert sorted(item.result(SOON)[0] for item in waiting) == [0, 2, 4, 6, 8]
    assert all(len(call) <= 2 for call in make.calls)


def test_what_comes_while_the_model_works_gathers_for_the_next_call() -> None:
    make = Maker()
    make.go_on.clear()
    meeting = Meeting(8, LONG)
    with people(meeting, 1) as first:
        one = first(1, make)
        assert make.began.acquire(timeout=SOON)
        with people(meeting, 3) as join:
            more = [join(part, make) for part in (2, 3, 4)]
            make.go_on.set()
            assert sorted(item.result(SOON) for item in more) == [(4, 3), (6, 3), (8, 3)]
        assert one.result(SOON) == (2, 1)
    assert [sorted(call) for call in make.calls] == [[1], [2, 3, 4]]


@pytest.mark.parametrize("leaver", [0, 1])
def test_who_is_asked_to_stop_leaves_at_once_and_the_others_go_on(leaver: int) -> None:
    make = Maker()
    make.go_on.clear()

    def stop() -> None:
        raise Cancelled

    with people(Meeting(4, LONG), 2) as join:
        waiting = [join(part, make, check=stop if part == leaver else nothing) for part in (0, 1)]
        with pytest.raises(Cancelled):
            waiting[leaver].result(SOON)
        assert not waiting[1 - leaver].done(), "it is still being made"
        make.go_on.set()
        assert waiting[1 - leaver].result(SOON)[0] == 2 * (1 - leaver)


def test_who_leaves_before_it_began_is_not_made() -> None:
    meeting, make = Meeting(4, LONG), Maker()
    slow = meeting.enter("g")

    def stop() -> None:
        raise Cancelled

    with people(meeting, 1) as join, pytest.raises(Cancelled):
        join(1, make, check=stop).result(SOON)
    meeting.leave(slow)
    with people(meeting, 1) as join:
        assert join(2, make).result(SOON) == (4, 1)
    assert make.calls == [[2]]


def test_what_one_raises_while_it_hears_is_its_own() -> None:
    make = Maker()

    def refuse(word: object) -> None:
        raise KeyError

    with people(Meeting(4, LONG), 2) as join:
        bad, good = join(1, make, refuse), join(2, make)
        with pytest.raises(KeyError):
            bad.result(SOON)
        assert good.result(SOON) == (4, 2)


def test_the_failure_of_one_part_is_its_own_and_that_of_the_call_is_everybody_s() -> None:
    make = Maker()
    with people(Meeting(4, LONG), 2) as join:
        bad, good = join(-1, make), join(2, make)
        with pytest.raises(ValueError, match="-1"):
            bad.result(SOON)
        assert good.result(SOON) == (4, 2)
    make.fault = MemoryError()
    with people(Meeting(4, LONG), 2) as join:
        for waiting in [join(1, make), join(2, make)]:
            with pytest.raises(MemoryError):
                waiting.result(SOON)


def test_the_last_to_leave_stays_until_the_work_for_it_has_ended() -> None:
    make = Maker()
    make.go_on.clear()
    asked = threading.Event()

    def stop() -> None:
        if make.calls:
            asked.set()
            raise Cancelled

    with people(Meeting(4, LONG), 1) as join:
        waiting = join(1, make, check=stop)
        assert asked.wait(SOON)
        with pytest.raises(TimeoutError):
            waiting.result(0.3)
        make.go_on.set()
        with pytest.raises(Cancelled):
            waiting.result(SOON)


def test_who_waits_for_the_batch_before_its_own_tells_so_and_when_that_is_over() -> None:
    make, meeting = Maker(), Meeting(8, LONG)
    make.go_on.clear()
    told: list[bool] = []
    waits = threading.Event()

    def tell(word: bool) -> None:
        told.append(word)
        waits.set()

    with people(meeting, 1) as first:
        one = first(1, make)
        assert make.began.acquire(timeout=SOON)
        with people(meeting, 1, tell=tell) as join:
            other = join(2, make)
            assert waits.wait(SOON) and told == [True]
            make.go_on.set()
            assert (one.result(SOON), other.result(SOON)) == ((2, 1), (4, 1))
    assert told[:2] == [True, False]


class TestTurns:
    def test_who_waits_for_its_turn_tells_so_and_when_that_is_over(self) -> None:
        meeting = Meeting(2, LONG)
        place, told, waits = meeting.enter("g"), [], threading.Event()

        def tell(word: bool) -> None:
            told.append(word)
            waits.set()

        place.tell = tell

        def stand_aside() -> None:
            with meeting.turn(nothing, place), place.aside(nothing) as back:
                with back():
                    pass
                assert not told
                out.set()
                assert taken.wait(SOON)

        out, taken = threading.Event(), threading.Event()
        thread = threading.Thread(target=stand_aside)
        thread.start()
        assert out.wait(SOON)
        with meeting.turn(nothing):
            taken.set()
            assert waits.wait(SOON) and told == [True]
        thread.join(SOON)
        assert told == [True, False]

    def test_one_works_at_a_time_and_others_while_it_waits(self) -> None:
        meeting, working, most = Meeting(2, LONG), [], []

        def work() -> None:
            with meeting.turn(nothing):
                for _ in range(20):
                    working.append(1)
                    most.append(len(working))
                    working.pop()
                    with meeting.aside(nothing) as back, back():
                        pass

        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SOON)
        assert set(most) == {1} and len(most) == 80

    def test_who_is_asked_to_stop_waits_for_no_turn(self) -> None:
        meeting = Meeting(2, LONG)
        told = threading.Event()

        def stop() -> None:
            raise Cancelled

        def wait() -> None:
            with pytest.raises(Cancelled), meeting.turn(stop):
                pass
            told.set()

        with meeting.turn(nothing):
            threading.Thread(target=wait).start()
            assert told.wait(SOON)
        with meeting.turn(nothing):
            pass  # and it is free again

    def test_who_is_asked_to_stop_while_it_stood_aside_does_not_give_away_another_s_turn(self) -> None:
        meeting, told = Meeting(2, LONG), threading.Event()
        outside, inside = threading.Event(), threading.Event()

        def stop() -> None:
            raise Cancelled

        def stand_aside() -> None:
            with meeting.turn(nothing), meeting.aside(stop):
                outside.set()
                assert inside.wait(SOON)

        def wait() -> None:
            with pytest.raises(Cancelled):
                stand_aside()
            told.set()

        threading.Thread(target=wait).start()
        assert outside.wait(SOON)
        with meeting.turn(nothing):
            inside.set()
            assert told.wait(SOON)
            assert meeting._turn.locked()
