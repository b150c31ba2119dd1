"""Claims: gives a worker the next ready segment under a lease, and gathers what its steps need."""

from collections.abc import Collection, Mapping
from datetime import timedelta
from types import MappingProxyType
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from builder.common.clock import from_now
from builder.runs.doubts import happened_in
from builder.runs.end_segment import fail
from builder.runs.keep_back import rulings_for
from builder.runs.ledger import Ledger, open_ledger
from builder.runs.models import Segment
from builder.runs.moments import due_in, failures_in
from builder.runs.plans import Signed, signed_plan
from builder.runs.questions import answers_in
from builder.runs.refuse_run import refuse_unreadable
from builder.runs.rows import held_segment
from builder.runs.step_cache import look_up
from builder.runs.turns import LAST_SERVED
from builder.runs.withhold_stale import withhold_if_stale
from builder.safety.whole_policy import whole_policy
from runtime.arithmetic import UNTOLD, Arithmetic
from runtime.dispatch.failures import policy_altered
from runtime.dispatch.states import SegmentState, StepState
from runtime.dispatch.store import Claim
from runtime.plan import Plan, Ref
from runtime.safety.policy import Policy
from runtime.safety.ruling import Ruling
from runtime.values import Value

# Of a person's waiting segments so many are looked at for one whose model is held.
NEAR = 32
READY, LEASED = SegmentState.READY.value, SegmentState.LEASED.value


class Leased(NamedTuple):
    """A segment that was just given to a worker; the fence tells this holder from earlier ones."""

    run: UUID
    segment: int
    fence: int
    attempt: int
    shares: str


class Choice(NamedTuple):
    """Which of a person's segments is next, as SQL: `rows` where and in which order (around what waits), `last` what besides."""

    rows: str
    values: list[str]
    last: str


class Gathered(NamedTuple):
    """What steps that have begun or ended say to those that are to come."""

    states: dict[str, StepState]
    values: dict[Ref, Value]
    rulings: dict[str, Ruling]
    due: frozenset[str] = frozenset()
    failed: Mapping[str, int] = MappingProxyType({})
    happened: frozenset[str] = frozenset()
    answers: Mapping[str, str] = MappingProxyType({})


def lease_next(
    worker: str,
    resources: Collection[str],
    lease: timedelta,
    shares: str = "",
    in_turn: bool = False,
    holds: Collection[str] = (),
) -> Leased | None:
    """Lease the next ready segment. Locks nothing but its row, so it never waits for who holds a run.

    Whose turn it is: of all who wait the person whom no worker has served for the longest; of theirs what has the
    highest priority, and then the oldest run.

    `shares`: only what shares a call of a model with what the worker has in hand; with `in_turn` only if it is next anyway.
    `holds`: models in the worker's memory. Of a person's next few, those that need no other come first.
    """
    names = sorted(resources)
    for person in waiting_people(names, "" if in_turn else shares):
        choice = _sharing_choice(shares, in_turn) if shares else _warm_choice(holds)
        leased = _lease(worker, names, person, lease, choice)
        if leased is not None or in_turn:
            return leased
    return None


def load_claim(leased: Leased, arithmetic: Arithmetic = UNTOLD) -> Claim | None:
    """Everything that the segment's steps need, computed so; None when another has it by now, or it must not be run."""
    with open_ledger(leased.run, leave_out=("inputs",)) as ledger:
        segment = held_segment(leased.run, leased.segment, leased.fence)
        if segment is None:
            return None
        if refuse_unreadable(ledger):
            return None
        policy = whole_policy(ledger.run.policy_id)
        if policy is None:
            fail(ledger, segment, policy_altered())
            return None
        if segment.index not in ledger.plan.shadows:
            if withhold_if_stale(ledger):
                return None
            ledger.start_run()
        gathered = _gather(ledger, segment)
        return _claim(ledger, leased, signed_plan(ledger.run.plan_id), policy, gathered, arithmetic)


def _claim(
    ledger: Ledger,
    leased: Leased,
    signed: Signed,
    policy: Policy,
    gathered: Gathered,
    arithmetic: Arithmetic,
) -> Claim:
    arguments = {name: Value.from_json(raw) for name, raw in ledger.run.arguments.items()}
    found = look_up(
        ledger.run,
        signed.plan,
        leased.segment,
        arguments,
        gathered.states,
        gathered.values,
        arithmetic,
        gathered.answers,
    )
    return Claim(
        run=str(leased.run),
        segment=leased.segment,
        fence=leased.fence,
        attempt=leased.attempt,
        plan=signed.plan,
        mac=signed.mac,
        policy=policy,
        arguments=arguments,
        values=gathered.values,
        states=gathered.states,
        rulings=gathered.rulings,
        shares=leased.shares,
        keys=found.keys,
        cached=found.cached,
        due=gathered.due,
        failed=gathered.failed,
        happened=gathered.happened,
        answers=gathered.answers,
    )


def _gather(ledger: Ledger, segment: Segment) -> Gathered:
    """Of its own steps what an earlier attempt has left, of others what its steps take."""
    inside = set(ledger.plan.segment(segment.index).steps)
    begun = segment.attempt > 1
    wanted = _taken(ledger.plan, inside) | (inside if begun else set())
    if not wanted:
        return Gathered({}, {}, {})
    rows = ledger.run.steps.filter(name__in=wanted).exclude(state=StepState.PENDING.value)
    states: dict[str, StepState] = {}
    values: dict[Ref, Value] = {}
    for name, state, outputs in rows.values_list("name", "state", "outputs"):
        states[name] = StepState(state)
        values |= {Ref(name, port): Value.from_json(raw) for port, raw in (outputs or {}).items()}
    if not begun:
        return Gathered(states, values, {})
    index = segment.index
    return Gathered(
        states,
        values,
        rulings_for(ledger, index),
        due_in(ledger, index),
        failures_in(ledger, index),
        happened_in(ledger, index),
        answers_in(ledger, index),
    )


def _taken(plan: Plan, inside: Collection[str]) -> set[str]:
    """The steps elsewhere from which these take something."""
    return {
        ref.step
        for name in inside
        for binding in plan.step(name).bindings
        for ref in binding.refs
        if ref.step not in inside
    }


def waiting_people(resources: list[str], shares: str = "") -> list[Any]:
    """The people who wait for one of these resources, the longest unserved first."""
    table = Segment._meta.db_table
    only, values = _sharing(shares)
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT w.person FROM (SELECT DISTINCT person FROM {table} WHERE state = %s AND resource IN "  # noqa: S608 - names of ours, and a mark for each value
            f"({_marks(resources)}){only}) w ORDER BY {LAST_SERVED} NULLS FIRST",
            [READY, *resources, *values],
        )
        return [person for (person,) in cursor.fetchall()]


def _sharing(shares: str) -> tuple[str, list[str]]:
    """The condition, and what it is about. What a worker gave back once goes alone: it may have been the cause."""
    return (" AND shares = %s AND attempt = 0", [shares]) if shares else ("", [])


def _sharing_choice(shares: str, in_turn: bool) -> Choice:
    only, values = _sharing(shares)
    inner, outer = ("", only) if in_turn else (only, "")
    return Choice(f"{{waiting}}{inner} ORDER BY {_order()}", values, outer)


def _warm_choice(holds: Collection[str]) -> Choice:
    """Of the next few those first that need no model but what is held."""
    if not holds:
        return Choice(f"{{waiting}} ORDER BY {_order()}", [], "")
    near = (
        f"id IN (SELECT id FROM {Segment._meta.db_table} WHERE {{waiting}} ORDER BY {_order()} LIMIT {NEAR})"  # noqa: S608 - names of ours, and a mark for each value
    )
    warm = f"CASE WHEN model = '' OR model IN ({_marks(holds)}) THEN 0 ELSE 1 END"
    return Choice(f"{near} ORDER BY priority DESC, {warm}, {_order()}", sorted(holds), "")


def _order() -> str:
    return f"priority DESC, run_id, {connection.ops.quote_name('index')}"


def _lease(worker: str, resources: list[str], person: Any, lease: timedelta, choice: Choice) -> Leased | None:
    """Lease the next of this person's; None when others were faster, or it does not share what it should."""
    table, index = Segment._meta.db_table, connection.ops.quote_name("index")
    now, now_values = from_now(Segment, timedelta(0))
    until, until_values = from_now(Segment, lease)
    skip = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    waiting = f"state = %s AND person = %s AND resource IN ({_marks(resources)})"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET state = %s, fence = fence + 1, attempt = attempt + 1, worker = %s, "  # noqa: S608 - names of ours, and a mark for each value
            f"leased_until = {until}, claimed = {now} WHERE state = %s AND id = ("
            f"SELECT id FROM {table} WHERE {choice.rows.format(waiting=waiting)} LIMIT 1 {skip}){choice.last} "
            f"RETURNING run_id, {index}, fence, attempt, shares",
            [LEASED, worker, *until_values, *now_values, READY, READY, person, *resources, *choice.values],
        )
        row = cursor.fetchone()
    return Leased(row[0] if isinstance(row[0], UUID) else UUID(row[0]), *row[1:]) if row else None


def _marks(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))
