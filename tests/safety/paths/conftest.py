"""What the tests of paths share: an editor at the API, a real worker's child for all of them, and its policies."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import pytest

from builder.workflows import compile_draft
from runtime.ports import Kind
from runtime.safety.policy import Action, FilterUse, Policy
from tests.api.conftest import Member, NewMember, ada, member
from tests.fixtures.runs import policy, stub_packs, stub_policy, told, valkey, valkey_folder
from tests.safety.paths.visit import Visit

__all__ = ["ada", "member", "policy", "stub_packs", "told", "valkey", "valkey_folder"]

FROM_THE_WORKER = "missing from the worker"
# What a filter can do instead of answering, by the stub that does it.
BROKEN = {
    "missing": "stub.nowhere",
    FROM_THE_WORKER: "stub.nowhere",
    "crashing": "stub.raises",
    "hanging": "stub.hangs",
    "out of memory": "stub.no_memory",
    "talking nonsense": "stub.stranger",
}


# One child breaks like another, whatever database its agent has: how it crashes is tried on both.
IN_THE_CHILD = pytest.mark.any_database(
    "how a filter breaks is told by one code, whose rows one of them writes on both"
)
EACH_BREAK = [how if how == "crashing" else pytest.param(how, marks=IN_THE_CHILD) for how in BROKEN]


def broken_policy(how: str, version: int = 1) -> Policy:
    """Everything that a person sees meets a filter that is broken in this way."""
    use = FilterUse(BROKEN[how], Action.BLOCK)
    made = stub_policy(use, version=version)
    rules = (
        replace(rule, chain=(use,)) if {Kind.IMAGE, Kind.AUDIO} & {*rule.media} else rule
        for rule in made.rules
    )
    return replace(made, rules=tuple(rules))


def broken_for_pictures(how: str) -> Policy:
    """What a person reads meets its filters, what they look at a broken one."""
    made = stub_policy()
    use = FilterUse(BROKEN[how], Action.BLOCK)
    rules = (replace(rule, chain=(use,)) if Kind.IMAGE in rule.media else rule for rule in made.rules)
    return replace(made, rules=tuple(rules))


def let_it_be_submitted(how: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a filter is missing from the worker, the server has it."""
    if how == FROM_THE_WORKER:
        monkeypatch.setattr(compile_draft, "check_filters", lambda *_: ())


@dataclass
class Kept:
    """The child that goes from test to test, because starting one takes seconds."""

    child: Any = None


@pytest.fixture(scope="session")
def kept() -> Iterator[Kept]:
    kept = Kept()
    yield kept
    if kept.child is not None:
        kept.child.kill()


@pytest.fixture
def visit(
    transactional_db: None,
    told: None,
    stub_packs: None,
    monkeypatch: pytest.MonkeyPatch,
    kept: Kept,
    ada: Member,
    policy: Callable[[Policy], Policy],
) -> Iterator[Visit]:
    """An editor with a workspace, and an agent that runs what she submits; `visit.policy` puts a policy in force."""
    from builder.runs.store import DatabaseRunStore
    from runtime.nodes.registry import load_registry
    from runtime.worker.agent import Agent

    monkeypatch.setenv("SLUICEWAY_FILTER_SECONDS", "0.3")
    store = DatabaseRunStore(5.0)
    agent = Agent(store, load_registry(), frozenset({"inline", "cpu", "gpu"}), lease=5.0, grace=0.5)
    agent._child = kept.child
    yield Visit(ada, agent, policy)
    kept.child = agent._child


@pytest.fixture
def stranger(member: NewMember) -> Member:
    return member("stranger")
