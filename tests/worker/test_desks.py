"""Desks of one child: what one claim was given, and what it was asked, concerns no other."""

from types import SimpleNamespace
from typing import Any

import pytest

from runtime.dispatch.claim_id import ClaimId
from runtime.errors import Cancelled, OperationalError
from runtime.models.batching import Meeting
from runtime.nodes.registry import load_registry
from runtime.worker.child import Desk, Orders, Room
from tests.packs.doubles import MemoryAssets


@pytest.fixture
def room() -> Room:
    nothing: Any = None
    return Room(load_registry(), nothing, MemoryAssets(), Meeting(4), Orders(), nothing)


def test_the_keys_of_one_are_not_another_s(room: Room, monkeypatch: pytest.MonkeyPatch) -> None:
    provider = SimpleNamespace(name="far", models=("m",), secret="far-key", keyed=True)
    monkeypatch.setattr("runtime.models.providers.given.providers", lambda: (provider,))
    one, other = Desk(room), Desk(room)
    one.prepare({"far-key": "s3cret"}, {})
    other.prepare({}, {})
    assert one.inspector.providers.access("far", "m").key == "s3cret"
    with pytest.raises(OperationalError, match="provider_missing"):
        other.inspector.providers.access("far", "m")


def test_only_the_claim_that_should_stop_is_told_so(room: Room) -> None:
    one, other = Desk(room), Desk(room)
    one._claim = SimpleNamespace(id=ClaimId("r", 0, 1))  # type: ignore[assignment]  # all that a look asks for
    room.orders.stopping.add(ClaimId("r", 0, 1))
    with pytest.raises(Cancelled):
        one._check()
    for neighbour in (ClaimId("r", 0, 2), ClaimId("r", 1, 1), ClaimId("s", 0, 1)):
        other._claim = SimpleNamespace(id=neighbour)  # type: ignore[assignment]
        other._check()


def test_a_filter_that_hangs_at_one_leaves_the_other_s_thread_alone(room: Room) -> None:
    one, other = Desk(room), Desk(room)
    one.inspector._leave()
    assert one.inspector.hung and not other.inspector.hung
