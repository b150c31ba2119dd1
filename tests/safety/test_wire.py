"""Hostile streams, read from the sockets of a running server: nothing that was not released is ever on the wire."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import pytest

from tests.fixtures.site import installed_models
from tests.safety.stretched import SHAPES
from tests.safety.wire import Hostile, Tally, Visitor, count, far_apart, hostile, read, server

__all__ = ["installed_models"]
EXAMPLES = 13  # each span in each encoding, once; `manage.py bench gates --stream N` shifts them on


@pytest.fixture(scope="module")
def visitor(installed_models: Path) -> Iterator[Visitor]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SLUICEWAY_MODELS", str(installed_models))
        with server() as site:
            yield Visitor(site)


def test_no_byte_of_a_banned_span_is_on_the_wire(visitor: Visitor) -> None:
    tally = read(visitor, islice(hostile(), EXAMPLES))
    assert tally.streams == EXAMPLES
    assert (tally.unreleased, tally.odd) == (0, [])
    assert tally.frames > EXAMPLES, "without frames that carry text, nothing was looked at"


def test_no_byte_of_a_span_that_is_drawn_out_or_far_apart_is_on_the_wire(visitor: Visitor) -> None:
    streams = list(far_apart())
    tally = read(visitor, iter(streams))
    assert tally.streams == len(streams) == len(SHAPES)
    assert (tally.unreleased, tally.odd) == (0, [])
    assert tally.frames > 0, "without frames that carry text, nothing was looked at"


def test_a_reader_who_gets_too_much_is_noticed() -> None:
    tally, item = Tally(), Hostile("calm ", "banned", " calm", 1, redacted=False)
    told = '{"kind": "output.partial", "data": {"text": "calm ba"}}'
    count(tally, item, [told, '{"kind": "run.blocked", "data": {}}'])
    assert (tally.frames, tally.unreleased) == (1, 2)
