"""Every planted fault changes something, and is noticed by whatever can notice it; honest code is found honest."""

import pytest

from runtime.safety.combine import combine, weaker
from tests.compiler.nodes import REGISTRY
from tests.safety.mutants import hunt
from tests.safety.mutants.mutant import Mutant
from tests.safety.oracles import ORACLES
from tests.safety.outcomes import JUDGES, policy_pairs
from tests.safety.pool import AUTHORS, LABELLED, PLAIN, drawn, examples
from tests.safety.probes import PROBES

POOL = tuple(drawn())
PAIRS = 80
# Under the built-in policy alone: enough for most, and each brings some twenty wrecks.
FEW = tuple(example for example in POOL if example.policy in (PLAIN, LABELLED, AUTHORS))


def named(mutant: Mutant) -> str:
    return mutant.name


def test_the_list_is_as_long_as_it_should_be_and_names_nothing_twice() -> None:
    mutants = (*hunt.COMPILER, *hunt.VERIFY, *hunt.RUN, *hunt.FLOORS, *hunt.DRAFTS)
    assert len(hunt.COMPILER) >= 25 and len(hunt.RUN) >= 8
    assert len({mutant.name for mutant in mutants}) == len(mutants)


@pytest.mark.parametrize("oracle", ORACLES)
def test_the_oracles_find_nothing_wrong_with_honest_plans(oracle: str) -> None:
    for example in examples(100):
        assert ORACLES[oracle](example.compile(), example) == [], example.graph


@pytest.mark.parametrize("probe", PROBES)
def test_the_probes_find_nothing_wrong_with_honest_runs(probe: str) -> None:
    assert PROBES[probe]() == []


@pytest.mark.parametrize("mutant", hunt.COMPILER, ids=named)
def test_a_fault_of_the_compiler_is_seen(mutant: Mutant) -> None:
    trial = hunt.hunt_compiler(mutant, POOL)
    assert trial.problem is None, mutant.breaks


def test_verify_refuses_every_wreck() -> None:
    for wreck in hunt.wrecks(POOL):
        assert hunt.second_lock.verify(wreck.plan, wreck.policy, REGISTRY), wreck.damage


@pytest.mark.parametrize("mutant", hunt.VERIFY, ids=named)
def test_a_check_that_verify_lost_is_missed(mutant: Mutant) -> None:
    trial = hunt.hunt_verify(mutant, FEW)
    assert trial.problem is None, mutant.breaks


@pytest.mark.parametrize("mutant", hunt.RUN, ids=named)
def test_a_fault_at_run_time_is_seen(mutant: Mutant) -> None:
    trial = hunt.hunt_run(mutant, to_the_end=False)
    assert trial.problem is None, mutant.breaks


@pytest.mark.parametrize("judge", JUDGES)
def test_the_judges_of_floors_find_nothing_wrong_with_honest_ones(judge: str) -> None:
    for floor, own in policy_pairs(PAIRS):
        assert not JUDGES[judge](floor, own, combine(floor, own), weaker(floor, own))


@pytest.mark.parametrize("mutant", hunt.FLOORS, ids=named)
def test_a_fault_where_floors_meet_is_seen(mutant: Mutant) -> None:
    trial = hunt.hunt_floors(mutant, policy_pairs(PAIRS))
    assert trial.problem is None, mutant.breaks
