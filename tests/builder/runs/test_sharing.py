"""Claims that join what a worker has in hand: only what shares it, in fair turns, and nothing that went wrong before."""

from collections.abc import Callable

import pytest

from builder.accounts.models import User, Workspace
from builder.runs.cancel_run import cancel_run
from builder.runs.models import Run, Segment
from builder.runs.store import DatabaseRunStore
from builder.runs.submit_run import Order, submit_run
from runtime.safety.policy import Policy
from tests.fixtures.runs import chain, stub_policy

ALL = frozenset({"inline", "cpu", "gpu"})
pytestmark = pytest.mark.usefixtures("stub_packs")
Put = Callable[[str, str], str]


@pytest.fixture
def store(transactional_db: None) -> DatabaseRunStore:
    return DatabaseRunStore(60.0)


@pytest.fixture
def put(workspace: Workspace, policy: Callable[[Policy], Policy], store: DatabaseRunStore) -> Put:
    """A run of a person, whose step meets others at this place, or none at all where it has none."""
    policy(stub_policy())
    people: dict[str, User] = {}

    def submit(person: str, place: str) -> str:
        if person not in people:
            people[person] = User.objects.create_user(f"{person}@example.org", "a long passphrase")
        step = ("m", "meet", {"log": place}) if place else ("m", "echo", {})
        return str(submit_run(Order(workspace, {"text": "x"}, people[person], graph=chain(step))).run.pk)

    return submit


def test_only_steps_with_equal_settings_share(put: Put, store: DatabaseRunStore) -> None:
    for place in ("here", "here", "there", ""):
        put("ann", place)
    here, also, there, alone = Segment.objects.order_by("run_id").values_list("shares", flat=True)
    assert here == also != there and alone == "" and here


def test_what_shares_comes_before_its_turn_to_join(put: Put, store: DatabaseRunStore) -> None:
    first, other, second = put("ann", "here"), put("bob", ""), put("cid", "here")
    claimed = store.claim("w", ALL)
    assert claimed is not None and claimed.run == first and claimed.shares
    joined = store.claim("w", ALL, claimed.shares)
    assert joined is not None and joined.run == second
    assert store.claim("w", ALL, claimed.shares) is None, "nothing else shares it"
    rest = store.claim("w", ALL)
    assert rest is not None and rest.run == other


def test_in_turn_it_comes_only_if_it_is_next(put: Put, store: DatabaseRunStore) -> None:
    put("ann", "here")
    claimed = store.claim("w", ALL)
    assert claimed is not None
    bob = put("bob", "")
    cid = put("cid", "here")
    assert store.claim("w", ALL, claimed.shares, True) is None, "bob would wait for ever"
    served = store.claim("w", ALL)
    assert served is not None and served.run == bob
    joined = store.claim("w", ALL, claimed.shares, True)
    assert joined is not None and joined.run == cid


def test_those_who_join_do_so_in_fair_turns(put: Put, store: DatabaseRunStore) -> None:
    first = put("ann", "here")
    again, other = put("ann", "here"), put("bob", "here")
    claimed = store.claim("w", ALL)
    assert claimed is not None and claimed.run == first
    order = [store.claim("w", ALL, claimed.shares) for _ in range(2)]
    assert [item.run for item in order if item] == [other, again]


def test_what_was_handed_back_once_joins_nobody(put: Put, store: DatabaseRunStore) -> None:
    put("ann", "here")
    claimed = store.claim("w", ALL)
    assert claimed is not None and store.release(claimed, lost=True)
    assert store.claim("w", ALL, claimed.shares) is None
    alone = store.claim("w", ALL)
    assert alone is not None and alone.attempt == 2


def test_of_those_whom_nobody_has_served_who_waits_longest_comes_first(
    put: Put, store: DatabaseRunStore
) -> None:
    """Whoever has the older account, and however the database happens to find them."""
    earlier = [put(person, "") for person in ("ann", "bob", "cid")]
    for run in earlier:
        cancel_run(Run.objects.get(pk=run))
    later = [put(person, "") for person in ("bob", "cid", "ann")]
    claims = [store.claim("w", ALL) for _ in later]
    assert [claimed.run for claimed in claims if claimed] == later
