"""Ids sort by time and do not repeat."""

import time

from builder.common.ids import uuid7


def test_ids_are_version_seven_and_sort_by_the_time_they_were_made() -> None:
    before = uuid7()
    time.sleep(0.002)
    after = uuid7()
    assert (before.version, before.variant) == (7, "specified in RFC 4122")
    assert before < after


def test_ids_made_at_once_do_not_repeat() -> None:
    assert len({uuid7() for _ in range(10_000)}) == 10_000
