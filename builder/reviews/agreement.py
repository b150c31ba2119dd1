"""Agreement: how often reviewers who saw the same material decided the same, and how much of that is no chance.

Cohen's kappa (J. Cohen, "A coefficient of agreement for nominal scales", 1960) for each pair of reviewers.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from builder.reviews.models import Opinion
from builder.runs.models import ReviewState

Pair = tuple[str, str]  # what one reviewer decided, and what another did, about the same material


@dataclass(frozen=True, slots=True)
class Agreement:
    """`share` is in 0..1; `kappa` in -1..1, None where chance alone would always agree."""

    reviewers: tuple[str, str]
    items: int
    share: float
    kappa: float | None


def share_of(pairs: Sequence[Pair]) -> float:
    """Which part of the pairs agree. ZeroDivisionError when there are none."""
    return sum(one == other for one, other in pairs) / len(pairs)


def kappa_of(pairs: Sequence[Pair]) -> float | None:
    """Cohen's kappa; None when both reviewers always decided one and the same, which chance would explain."""
    first = Counter(one for one, _ in pairs)
    second = Counter(other for _, other in pairs)
    expected = sum(first[name] * second[name] for name in first) / len(pairs) ** 2
    if expected == 1:
        return None
    return (share_of(pairs) - expected) / (1 - expected)


def measure(decisions: Iterable[Mapping[str, str]]) -> list[Agreement]:
    """For each pair of reviewers who judged something together. Each mapping is one review: reviewer to decision."""
    together: dict[tuple[str, str], list[Pair]] = defaultdict(list)
    for given in decisions:
        for one, other in combinations(sorted(given), 2):
            together[one, other].append((given[one], given[other]))
    return [
        Agreement(names, len(pairs), share_of(pairs), kappa_of(pairs))
        for names, pairs in sorted(together.items())
    ]


def decisions_of_all() -> list[dict[str, str]]:
    """What was decided in each review that is decided, by reviewer."""
    found: dict[object, dict[str, str]] = defaultdict(dict)
    rows = Opinion.objects.filter(review__state=ReviewState.DECIDED).order_by("review", "at")
    for review, name, by, decision in rows.values_list("review", "name", "by", "decision"):
        # Two people may share a name; an account that is gone has only that.
        found[review][f"{name} ({str(by)[-4:]})" if by else name] = decision
    return list(found.values())
