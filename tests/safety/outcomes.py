"""An oracle for policies: what becomes of one match at one sink, by asking every rule. Shares no code with combine.

The universe is small enough to be asked about wholly.
"""

from collections.abc import Iterator
from itertools import product

from hypothesis import strategies as st

from runtime.labels import Sink, Source
from runtime.ports import Kind
from runtime.safety.policy import Action, FilterUse, Policy, Rule
from runtime.words import Words

SINKS = (Sink.PERSON, Sink.MODEL)
KINDS = (Kind.TEXT, Kind.IMAGE)
SOURCES = (Source.USER, Source.MODEL, Source.WEB)
FILTERS = ("a", "b")
CATEGORIES = ("x", "y", "never named by a rule")
SCORES = (0.0, 0.2, 0.3, 0.5, 0.6, 0.8, 1.0)
REFUSED = 4
RANKS = {"redact": 1, "hold": 2, "block": 3}

Question = tuple[Sink, Kind, Source, str, str, float]


def outcome(policy: Policy, question: Question) -> int:
    """0 when it passes as it is, then by the action that meets it; REFUSED when no rule speaks of such a value."""
    sink, kind, source, name, category, score = question
    rank, spoken = 0, False
    for rule in policy.rules:
        if rule.sink != sink or kind not in rule.media or source not in rule.sources:
            continue
        spoken = True
        for use in rule.chain:
            named = category in use.categories or len(use.categories) == 0
            if use.filter == name and named and score >= use.threshold:
                rank = max(rank, RANKS[use.action.value])
    return rank if spoken else REFUSED


def questions() -> Iterator[Question]:
    return product(SINKS, KINDS, SOURCES, FILTERS, CATEGORIES, SCORES)


def outcomes(policy: Policy) -> list[int]:
    return [outcome(policy, question) for question in questions()]


def _some(values: tuple[object, ...], least: int = 1) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(st.sampled_from(values), min_size=least, unique=True).map(tuple)


USES = st.builds(
    FilterUse,
    st.sampled_from(FILTERS),
    st.sampled_from(list(Action)),
    st.sampled_from([0.2, 0.5, 0.8]),
    _some(CATEGORIES[:2], 0),
)
RULES = st.builds(
    Rule,
    st.sampled_from(["one", "two", "three", "four"]),
    st.just(Words("t", "t")),
    st.just(Words("r", "r")),
    st.sampled_from(SINKS),
    _some(KINDS),
    _some(SOURCES),
    st.lists(USES, max_size=3).map(tuple),
)
POLICIES = st.builds(
    Policy,
    st.integers(1, 9),
    st.lists(RULES, max_size=4, unique_by=lambda rule: rule.id).map(tuple),
    st.sampled_from(["none", "blurred"]),
)
