"""Hunts: plant a mutant, show it examples, and note when it changed anything and which oracles saw it."""

from collections.abc import Iterable, Iterator
from functools import cache

from runtime.compiler.compile import Compiled
from runtime.safety import combine as floors
from runtime.safety import verify as second_lock
from tests.compiler.nodes import REGISTRY
from tests.safety.canary import escaped
from tests.safety.mutants import (
    in_calls,
    in_drafts,
    in_floors,
    in_gates,
    in_judging,
    in_questions,
    in_repeats,
    in_rules,
    in_rulings,
    in_runs,
    in_settings,
    in_verify,
)
from tests.safety.mutants.mutant import Mutant, Trial
from tests.safety.oracles import ORACLES
from tests.safety.outcomes import JUDGES, Pair, policy_pairs
from tests.safety.pool import Example, drawn, examples
from tests.safety.probes import PROBES
from tests.safety.wrecks import Wreck, wrecks_of

COMPILER = (
    *in_gates.MUTANTS,
    *in_rules.MUTANTS,
    *in_calls.MUTANTS,
    *in_repeats.MUTANTS,
    *in_settings.MUTANTS,
    *in_questions.COMPILER,
)
VERIFY = (*in_verify.MUTANTS, *in_questions.VERIFY)
RUN = (*in_runs.MUTANTS, *in_judging.MUTANTS, *in_rulings.MUTANTS, *in_questions.RUN)
FLOORS = tuple(in_floors.MUTANTS)
# These need a database: tests/builder/console/test_shared_drafts.py hunts them.
DRAFTS = tuple(in_drafts.MUTANTS)


@cache
def honest(example: Example) -> Compiled:
    return example.compile()


def hunt_compiler(mutant: Mutant, pool: Iterable[Example]) -> Trial:
    trial = Trial(mutant, tuple(ORACLES))
    fault: Exception | None = None
    for example in pool:
        before = honest(example)
        trial.examples += 1
        after = _faulty(mutant, example)
        if isinstance(after, Exception):
            fault = after
            continue
        if after == before:
            continue
        if trial.alive is None:
            trial.alive = trial.examples
        for name, oracle in ORACLES.items():
            if name not in trial.caught and oracle(after, example):
                trial.caught[name] = trial.examples
        if trial.settled and not mutant.blind:
            break
    if fault is not None and trial.alive is None:
        raise fault  # it was never more than a compiler that fell over, or does not fit what it was planted in
    return trial


def _faulty(mutant: Mutant, example: Example) -> Compiled | Exception:
    """The exception where the fault makes the compiler fall over: then nothing comes out of it, bare or not."""
    with mutant.planted():
        try:
            return example.compile()
        except Exception as fault:  # noqa: BLE001 - a fault that is planted may break anything
            return fault


def wrecks(pool: Iterable[Example]) -> Iterator[Wreck]:
    for example in pool:
        plan = honest(example).plan
        if plan is not None:
            yield from wrecks_of(plan, example.policy)


def hunt_verify(mutant: Mutant, pool: Iterable[Example]) -> Trial:
    """Caught by `wrecks` where a damaged plan is let through, by `canary` where that one leaks before its eyes."""
    trial = Trial(mutant, ("wrecks", "canary"))
    for wreck in wrecks(pool):
        trial.examples += 1
        with mutant.planted():
            said = second_lock.verify(wreck.plan, wreck.policy, REGISTRY)
        if said:
            continue
        trial.alive = trial.alive or trial.examples
        trial.caught.setdefault("wrecks", trial.examples)
        if "canary" not in mutant.blind and escaped(wreck.plan, wreck.policy, REGISTRY):
            trial.caught.setdefault("canary", trial.examples)
        if trial.settled:
            break
    return trial


def hunt_run(mutant: Mutant, to_the_end: bool = True) -> Trial:
    """Caught by every probe that reports something. Honest code makes them report nothing, so a report is life."""
    trial = Trial(mutant, ())
    for name, probe in PROBES.items():
        trial.examples += 1
        with mutant.planted():
            if probe():
                trial.caught[name] = trial.examples
                trial.alive = trial.alive or trial.examples
        if trial.caught and not to_the_end:
            break
    return trial


def hunt_floors(mutant: Mutant, pairs: Iterable[Pair]) -> Trial:
    """Caught where a joined policy is milder than a side of it, or where something is lowered and not named."""
    trial = Trial(mutant, tuple(JUDGES))
    for floor, own in pairs:
        before = floors.combine(floor, own), floors.weaker(floor, own)
        trial.examples += 1
        with mutant.planted():
            after = floors.combine(floor, own), floors.weaker(floor, own)
        if after == before:
            continue
        trial.alive = trial.alive or trial.examples
        for name, judge in JUDGES.items():
            if name not in trial.caught and judge(floor, own, *after):
                trial.caught[name] = trial.examples
        if trial.settled and not mutant.blind:
            break
    return trial


def every_trial(count: int) -> list[Trial]:
    """The whole list: the compiler's on `count` examples, those of `verify` on the wrecks of the drawings."""
    pool = examples(count)
    drawings = tuple(drawn())
    return [
        *(hunt_compiler(mutant, pool) for mutant in COMPILER),
        *(hunt_verify(mutant, drawings) for mutant in VERIFY),
        *(hunt_run(mutant) for mutant in RUN),
        *(hunt_floors(mutant, policy_pairs(count)) for mutant in FLOORS),
    ]
