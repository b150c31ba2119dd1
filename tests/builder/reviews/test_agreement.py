"""Agreement: the figures by hand, and only over what two people have judged."""

import pytest

from builder.reviews.agreement import kappa_of, measure, share_of

YES, NO = "allow", "block"


def test_cohens_kappa_of_a_worked_example() -> None:
    """20 + 15 of 50 agree; chance alone would agree in half of them (0.5 * 0.6 + 0.5 * 0.4)."""
    pairs = [(YES, YES)] * 20 + [(YES, NO)] * 5 + [(NO, YES)] * 10 + [(NO, NO)] * 15
    assert share_of(pairs) == pytest.approx(0.7)
    assert kappa_of(pairs) == pytest.approx(0.4)


def test_full_agreement_no_agreement_and_what_chance_explains() -> None:
    assert kappa_of([(YES, YES), (NO, NO)]) == pytest.approx(1)
    assert kappa_of([(YES, NO), (NO, YES)]) == pytest.approx(-1)
    assert kappa_of([(YES, YES)] * 9) is None


def test_only_what_two_people_judged_counts_and_each_pair_for_itself() -> None:
    found = measure([{"ann": YES, "bob": YES}, {"bob": NO, "ann": YES}, {"ann": NO}, {"bob": YES, "cyd": NO}])
    assert [(item.reviewers, item.items, item.share) for item in found] == [
        (("ann", "bob"), 2, 0.5), (("bob", "cyd"), 1, 0.0),
    ]  # fmt: skip
