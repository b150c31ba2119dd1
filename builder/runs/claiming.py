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
from builder.runs.plans import signed_plan
from builder.runs.questions import answers_in
from builder.runs.refuse_run import refuse_unreadable
from builder.runs.rows import held_segment
from builder.runs.step_cache import look_up
from builder.runs.take_over import ruled_before
from builder.runs.turns import last_served
from builder.runs.withhold_stale import withhold_if_stale
from builder.safety.whole_policy import whole_policy
from runtime.arithmetic import UNTOLD, Arithmetic
from runtime.dispatch.failures import policy_altered
from runtime.dispatch.states import SegmentState, StepState
from runtime.dispatch.step_key import Known
from runtime.dispatch.store import Claim
from runtime.plan import Plan, Ref
from runtime.safety.policy import Policy
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


class Begun(NamedTuple):
    """What earlier attempts at a segment have left, beside what is known of its steps."""

    due: frozenset[str] = frozenset()
    failed: Mapping[str, int] = MappingProxyType({})
    happened: frozenset[str] = frozenset()


def lease_next(
    worker: str,
    resources: Collection[str],
    lease: timedelta,
    shares: str = "",
    in_turn: bool = False,
    holds: Collection[str] = (),
) -> Leased | None:
    """Lease the next ready segment. Locks nothing but its row, so it never waits for who holds a run.

    Whose turn it is: of all who wait the person whom no worker has served for the longest in the class that they wait for; of theirs
    there what has the highest priority, and then the oldest run.

    `shares`: only what shares a call of a model with what the worker has in hand; with `in_turn` only if it is next anyway.
    `holds`: models in the worker's memory. Of a person's next few, those that need no other come first.
    """
    names = sorted(resources)
    for person, resource in waiting_turns(names, "" if in_turn else shares):
        choice = _sharing_choice(shares, in_turn) if shares else _warm_choice(holds)
        leased = _lease(worker, resource, person, lease, choice)
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
        return _claim(ledger, segment, leased, policy, arithmetic)


def _claim(ledger: Ledger, segment: Segment, leased: Leased, policy: Policy, arithmetic: Arithmetic) -> Claim:
    signed = signed_plan(ledger.run.plan_id)
    known, begun = _known(ledger, segment), _begun(ledger, segment)
    found = look_up(ledger.run, signed.plan, leased.segment, known, arithmetic)
    return Claim(
        run=str(leased.run),
        segment=leased.segment,
        fence=leased.fence,
        attempt=leased.attempt,
        plan=signed.plan,
        mac=signed.mac,
        policy=policy,
        arguments=known.arguments,
        values=known.values,
        states=known.states,
        rulings=known.rulings,
        shares=leased.shares,
        keys=found.keys,
        cached=found.cached,
        due=begun.due,
        failed=begun.failed,
        happened=begun.happened,
        answers=known.answers,
    )


def _known(ledger: Ledger, segment: Segment) -> Known:
    """Of its own steps what an earlier attempt has left, of others what its steps take, and what people said."""
    inside = set(ledger.plan.segment(segment.index).steps)
    begun = segment.attempt > 1
    wanted = _taken(ledger.plan, inside) | (inside if begun else set())
    states: dict[str, StepState] = {}
    values: dict[Ref, Value] = {}
    keys: dict[str, str] = {}
    rows = ledger.run.steps.filter(name__in=wanted).exclude(state=StepState.PENDING.value)
    for name, state, key, outputs in rows.values_list("name", "state", "key", "outputs") if wanted else ():
        states[name], keys[name] = StepState(state), key
        values |= {Ref(name, port): Value.from_json(raw) for port, raw in (outputs or {}).items()}
    return Known(
        arguments={name: Value.from_json(raw) for name, raw in ledger.run.arguments.items()},
        states=states,
        values=values,
        answers=answers_in(ledger, segment.index) if begun else {},
        rulings=ruled_before(ledger.run, inside) | (rulings_for(ledger, segment.index) if begun else {}),
        keys=keys,
    )


def _begun(ledger: Ledger, segment: Segment) -> Begun:
    if segment.attempt == 1:
        return Begun()
    index = segment.index
    return Begun(due_in(ledger, index), failures_in(ledger, index), happened_in(ledger, index))


def _taken(plan: Plan, inside: Collection[str]) -> set[str]:
    """The steps elsewhere from which these take something."""
    return {
        ref.step
        for name in inside
        for binding in plan.step(name).bindings
        for ref in binding.refs
        if ref.step not in inside
    }


def waiting_turns(resources: list[str], shares: str = "") -> list[tuple[Any, str]]:
    """Who waits for which of these resources, the longest unserved there first; of those who never were, who waits longest."""
    table = Segment._meta.db_table
    only, values = _sharing(shares)
    with connection.cursor() as cursor:
        cursor.execute(
            # As text, which has the order of the ids: not every Postgres knows the least of several UUIDs.
            f"SELECT w.person, w.resource FROM (SELECT person, resource, MIN(CAST(run_id AS TEXT)) AS oldest FROM {table} "  # noqa: S608 - names of ours, and a mark for each value
            f"WHERE state = %s AND resource IN ({_marks(resources)}){only} GROUP BY person, resource) w "
            f"ORDER BY {last_served()} NULLS FIRST, w.oldest",
            [READY, *resources, *values],
        )
        return [(person, resource) for person, resource in cursor.fetchall()]


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


def _lease(worker: str, resource: str, person: Any, lease: timedelta, choice: Choice) -> Leased | None:
    """Lease the next of this person's; None when others were faster, or it does not share what it should."""
    table, index = Segment._meta.db_table, connection.ops.quote_name("index")
    now, now_values = from_now(Segment, timedelta(0))
    until, until_values = from_now(Segment, lease)
    skip = "FOR UPDATE SKIP LOCKED" if connection.features.has_select_for_update_skip_locked else ""
    waiting = "state = %s AND person = %s AND resource = %s"
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} SET state = %s, fence = fence + 1, attempt = attempt + 1, worker = %s, "  # noqa: S608 - names of ours, and a mark for each value
            f"leased_until = {until}, claimed = {now} WHERE state = %s AND id = ("
            f"SELECT id FROM {table} WHERE {choice.rows.format(waiting=waiting)} LIMIT 1 {skip}){choice.last} "
            f"RETURNING run_id, {index}, fence, attempt, shares",
            [LEASED, worker, *until_values, *now_values, READY, READY, person, resource, *choice.values],
        )
        row = cursor.fetchone()
    return Leased(row[0] if isinstance(row[0], UUID) else UUID(row[0]), *row[1:]) if row else None


def _marks(values: Collection[object]) -> str:
    return ", ".join(["%s"] * len(values))
