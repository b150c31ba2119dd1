"""The short form of `manage.py bench chaos`: a few kills, a control that must be found out, hostile messages."""

from typing import Any

import pytest

from tests.bench.chaos import CONTROL, NOTHING, play
from tests.chaos.checks import stale

# On a loaded machine fewer faults fit into the time; what is asked afterwards is the same.
SECONDS = 30.0


def broken(told: dict[str, Any]) -> dict[str, Any]:
    """What should be nothing and is not."""
    return {name: told[name] for name in (*NOTHING, "codes") if told[name]}


def test_nothing_is_lost_done_twice_or_told_wrong_while_workers_are_killed_and_services_fail() -> None:
    told = play(kills=10, workers=2, seed=11, seconds=SECONDS)
    told["codes"].pop("no_space", None)
    assert not broken(told), told["said"]
    assert told["runs"] and sum(told["kills"].values())


def test_messages_that_nobody_of_ours_sent_start_nothing_and_stop_nobody() -> None:
    told = play(strikes=2, only="wakes", messages=400, workers=1, errors=0.0, seconds=SECONDS)
    assert told["messages"] == 400
    assert not told["started_by_messages"] and not told["opened"] and not broken(told), told["said"]
    assert told["runs_succeeded"] == told["runs"] > 0


@pytest.mark.parametrize(
    ("writes", "count"),
    [
        (["r 0 1", "r 0 2", "r 0 2", "r 1 1"], 0),
        (["r 0 1", "r 0 2", "r 0 1"], 1),
        (["r 0 3", "s 0 1", "r 1 1", "r 0 2", "r 0 1"], 2),
    ],
)
def test_a_write_after_one_with_a_later_fence_is_found(writes: list[str], count: int) -> None:
    assert stale(writes) == count


def test_the_same_checks_find_out_a_store_that_asks_for_no_fence() -> None:
    told = play(seed=5, unfenced=True, seconds=90.0, until_stale=True, **CONTROL | {"strikes": 1000})
    assert told["stale_writes"]
