"""The gate acts on each match as strictly as the strictest use that it meets, however a chain mixes its actions."""

from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.engine.gate import judge
from runtime.plan import GateChain
from runtime.ports import TEXT, Kind
from runtime.safety.filters import Category, Filter, FilterServices, FilterSpec, Match
from runtime.safety.policy import Action, FilterUse, Policy, merge_chains
from runtime.values import Data
from runtime.words import Words
from tests.engine.segments import Bench
from tests.safety.outcomes import CATEGORIES, POLICIES, RANKS, SINKS, SOURCES, outcome

WORDS = Words("w", "w")
SCORES = {"1": 0.2, "2": 0.3, "3": 0.5, "4": 0.6, "5": 0.8, "6": 1.0}


def finder(name: str) -> Filter:
    """Recognises marks such as `ax3`: by this filter, of category x, with the third score."""

    def check(data: Data, services: FilterServices) -> Sequence[Match]:
        text = str(data)
        return [
            Match(text[at + 1], SCORES[text[at + 2]], at, at + 3)
            for at in range(len(text))
            if text[at] == name and text[at + 1 : at + 2] in ("x", "y") and text[at + 2 : at + 3] in SCORES
        ]

    known = tuple(Category(category, WORDS) for category in CATEGORIES)
    return Filter(FilterSpec(name, 1, WORDS, (Kind.TEXT,), known, (), "-", WORDS), check)


MARKS = st.builds("{}{}{}".format, st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from("123456"))


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    folder: Path = tmp_path_factory.mktemp("bench")
    return Bench(folder, filters={"a": finder("a"), "b": finder("b")})


def chain_of(uses: Sequence[FilterUse]) -> GateChain:
    return GateChain(("r",), tuple((u.filter, u.action.value, u.threshold, u.categories) for u in uses))


@given(POLICIES, st.lists(MARKS, max_size=4), st.sampled_from(SINKS), st.sampled_from(SOURCES))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_the_verdict_is_never_milder_than_the_oracle(
    bench: Bench, policy: Policy, marks: list[str], sink: object, source: object
) -> None:
    rules = policy.rules_for(sink, Kind.TEXT, (source,))
    verdict = judge(TEXT, " ".join(marks), chain_of(merge_chains(rules)), bench.services().inspector)
    ranks = [
        outcome(policy, (sink, Kind.TEXT, source, mark[0], mark[1], SCORES[mark[2]])) if rules else (False, 0)
        for mark in marks
    ]
    if any(rank >= RANKS["hold"] for _, rank in ranks):
        assert not verdict.passes
    for mark, (taken, _) in zip(marks, ranks, strict=True):
        if taken and rules:
            assert mark not in str(verdict.data)


def test_a_redactor_does_not_hide_from_a_block_what_it_takes_out(bench: Bench) -> None:
    mixed = chain_of([FilterUse("a", Action.REDACT, 0.3), FilterUse("a", Action.BLOCK, 0.8)])
    inspector = bench.services().inspector
    mild = judge(TEXT, "well ax3 then", mixed, inspector)
    assert (mild.passes, mild.data) == (True, "well ■■■ then")
    stern = judge(TEXT, "ax3 and ax5", mixed, inspector)
    assert not stern.passes
    (block,) = [hit for hit in stern.hits if hit.action is Action.BLOCK]
    assert stern.data[block.match.start : block.match.end] == "■■■"
    assert block.match.end == len(stern.data)
