"""An oracle for policies: what becomes of one match at one sink, by asking every rule. Shares no code with combine.

The universe is small enough to be asked about wholly.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache, lru_cache
from itertools import product

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from runtime.labelling.profile import Labelling, Profile
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
REFUSED = (True, 3)
RANKS = {"hold": 1, "block": 2}
# Whether it is taken out of what leaves, and what becomes of the rest: each is stricter or milder by itself.
Outcome = tuple[bool, int]

Question = tuple[Sink, Kind, Source, str, str, float]


def outcome(policy: Policy, question: Question) -> Outcome:
    """(False, 0) when it passes as it is, else by the actions that meet it; REFUSED when no rule speaks of such a value."""
    sink, kind, source, name, category, score = question
    taken, rank, spoken = False, 0, False
    for rule in policy.rules:
        if rule.sink != sink or kind not in rule.media or source not in rule.sources:
            continue
        spoken = True
        for use in rule.chain:
            named = category in use.categories or len(use.categories) == 0
            if use.filter == name and named and score >= use.threshold:
                taken = taken or use.action == "redact"
                rank = max(rank, RANKS.get(use.action.value, 0))
    return (taken, rank) if spoken else REFUSED


def stricter(one: Outcome, other: Outcome) -> Outcome:
    return one[0] or other[0], max(one[1], other[1])


def is_less(after: Outcome, before: Outcome) -> bool:
    """Whether something may come through that did not, whatever else is stopped now."""
    return after[0] < before[0] or after[1] < before[1]


def questions() -> Iterator[Question]:
    return product(SINKS, KINDS, SOURCES, FILTERS, CATEGORIES, SCORES)


@lru_cache(4_096)
def outcomes(policy: Policy) -> list[Outcome]:
    return [outcome(policy, question) for question in questions()]


PREVIEWS = {"none": 1, "blurred": 0}
Pair = tuple[Policy, Policy]


def milder(floor: Policy, own: Policy, made: Policy, named: list[str]) -> bool:
    """Whether a combination is anywhere else than at the stricter of its sides."""
    wanted = list(map(stricter, outcomes(floor), outcomes(own)))
    shown = max(PREVIEWS[floor.previews], PREVIEWS[own.previews])
    labelled = floor.labelling if floor.labelling.profile is not Profile.NONE else own.labelling
    return (outcomes(made), PREVIEWS[made.previews], made.labelling) != (wanted, shown, labelled)


def unnamed(old: Policy, new: Policy, made: Policy, named: list[str]) -> bool:
    """Whether what a change lowers is called nothing, or nothing is called something."""
    less = any(map(is_less, outcomes(new), outcomes(old)))
    less = less or PREVIEWS[new.previews] < PREVIEWS[old.previews]
    lost = old.labelling.profile not in (Profile.NONE, new.labelling.profile)
    return bool(named) != (less or lost)


JUDGES: dict[str, Callable[[Policy, Policy, Policy, list[str]], bool]] = {
    "stricter": milder,
    "weaker": unnamed,
}


def near(policy: Policy) -> Iterator[Pair]:
    """The policy with one filter in its first rule, beside the same with that use a little milder."""
    if not policy.rules:
        return
    first, *rest = policy.rules

    def only(use: FilterUse) -> Policy:
        return replace(policy, rules=(replace(first, chain=(use,)), *rest))

    use = FilterUse("a", Action.BLOCK, 0.2, ("x", "y"))
    changed = [
        replace(use, threshold=0.5), replace(use, categories=("x",)), replace(use, filter="b"),
        replace(use, action=Action.REDACT), replace(use, action=Action.HOLD),
    ]  # fmt: skip
    pairs = [(only(use), only(other)) for other in changed] + [(only(changed[-2]), only(changed[-1]))]
    for pair in pairs:
        yield from (pair, pair[::-1])


@cache
def policy_pairs(count: int) -> tuple[Pair, ...]:
    """So many pairs of policies, the same ones each time, some with labels; and each beside some that differ little."""
    found: list[Pair] = []

    @given(LABELLED_POLICIES, LABELLED_POLICIES)
    @settings(
        max_examples=count, deadline=None, database=None, derandomize=True, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def gather(floor: Policy, own: Policy) -> None:
        found.append((floor, own))
        found.extend(near(floor))

    gather()
    return tuple(found)


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
LABELLED_POLICIES = st.builds(
    replace,
    POLICIES,
    labelling=st.sampled_from([Labelling(), Labelling(Profile.EU), Labelling(Profile.CN, "zh", "A")]),
)
