"""What the tests of the run store share: a store, submitted runs, claims and records for them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db.models.functions import Now

from builder.accounts.models import Workspace
from builder.runs.models import Event, Run, Segment
from builder.runs.store import DatabaseRunStore
from builder.runs.submit_run import Order, submit_run
from runtime.dispatch.states import StepState
from runtime.dispatch.store import Claim, Progress, StepRecord
from runtime.labels import Clearance, Source
from runtime.ports import TEXT
from runtime.safety.policy import Policy
from runtime.values import Value
from tests.fixtures.runs import chain, drawing, stub_policy

ALL = frozenset({"inline", "cpu", "gpu"})


@pytest.fixture
def store() -> DatabaseRunStore:
    return DatabaseRunStore(30.0)


@pytest.fixture
def submit(
    stub_packs: None, workspace: Workspace, policy: Callable[[Policy], Policy]
) -> Callable[[dict[str, Any]], Run]:
    policy(stub_policy())
    return lambda graph: submit_run(Order(workspace, {"text": "hello"}, graph=graph)).run


@pytest.fixture
def run(submit: Callable[[dict[str, Any]], Run]) -> Run:
    return submit(chain(("a", "echo", {})))


FORK = drawing(
    ("in", "input", {"name": "text"}), ("a", "echo", {}), ("b", "echo", {}), ("j", "join", {}),
    ("out", "output", {"name": "answer"}),
    edges="in.text>a.text in.text>b.text a.text>j.texts b.text>j.texts j.text>out.text",
)  # fmt: skip


def claim(store: DatabaseRunStore, worker: str = "w") -> Claim:
    found = store.claim(worker, ALL)
    assert found is not None
    return found


def everything(claimed: Claim, state: StepState = StepState.DONE) -> Progress:
    """Records that end every step of the claim."""
    segment = next(s for s in claimed.plan.segments if s.index == claimed.segment)
    return Progress([StepRecord(name, state, 0.1) for name in segment.steps])


def value(text: str, claimed: Claim, *rules: str) -> Value:
    plain = Value(TEXT, text, frozenset({Source.MODEL}))
    clearances = frozenset(Clearance(plain.digest, rule, claimed.policy.digest) for rule in rules)
    return Value(TEXT, text, plain.sources, clearances)


def fresh(run: Run) -> Run:
    return Run.objects.get(pk=run.pk)


def numbers(run: Run) -> list[int]:
    return list(Event.objects.filter(run=run).values_list("seq", flat=True))


def expire(run: Run) -> None:
    Segment.objects.filter(run=run, state="leased").update(leased_until=Now() - timedelta(seconds=1))
