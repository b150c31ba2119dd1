"""Telephones with a plus sign, as their countries write them, and sums, scores and coordinates that have one as well."""

import pytest

from runtime.packs.safety.personal_data import PERSONAL_DATA
from tests.packs.test_text_filters import Services, found, services

__all__ = ["services"]

WITH_SHORT_AREA = (
    "+33 6 12 34 56 78",
    "+33 1 42 68 53 00",
    "+33.6.12.34.56.78",
    "+33 (0)6 12 34 56 78",
    "+81 3-1234-5678",
    "+886 2 2345 6789",
    "+886-2-2345-6789",
    "+61 2 9876 5432",
    "+61 (2) 9876 5432",
    "+32 2 555 12 12",
    "+353 1 234 5678",
    "+82 2-312-3456",
    "+64 9 123 4567",
    "+31 6 12345678",
    "+31 6 1234 5678",
    "+46 8 123 456 78",
    "+358 9 1234567",
    "+972 3 123 4567",
    "+43 1 234 5678",
    "+36 1 234 5678",
)
OTHERS = (
    "+33612345678",
    "+81 90-1234-5678",
    "+886 912 345 678",
    "+45 12 34 56 78",
    "+34 612 345 678",
    "+39 06 1234 5678",
    "+41 44 668 18 00",
    "+7 495 123-45-67",
    "+852 9123 4567",
    "+55 11 91234-5678",
    "+91 98765 43210",
    "+49 30 123456",
    "+44 (0)20 7946 0958",
    "+4420 7946 0958",
    "+1(212)555-0123",
)


@pytest.mark.parametrize("number", [*WITH_SHORT_AREA, *OTHERS])
def test_a_telephone_is_found_whole(number: str, services: Services) -> None:
    text = f"You can reach her at {number} in the evening, room 7."
    assert [(m.category, text[m.start : m.end]) for m in found(PERSONAL_DATA, text, services)] == [
        ("phone", number)
    ]


@pytest.mark.parametrize(
    "text",
    [
        "+3 5 7",
        "2 +3 5 7 11 13 17 19",
        "+20 5 10 15 20",
        "+12 3 4567",
        "plus +33 1 2 3 4 5 6 7 8 9",
        "won +21 6 19 21 25",
        "+1 2 34 56 78 90",
        "+33,6,12,34,56,78",
        "+48.8577, 2.2950",
        "at +48.85661 and +2.35222",
        "at +48.856613 2.352222",
        "up +10,000,000 or +1,234.56, +12.5 % and +33.1 %",
        "release +33.6.12.34",
        "UTC+08 2 2024-05-17",
    ],
)
def test_sums_scores_coordinates_and_versions_pass(text: str, services: Services) -> None:
    assert found(PERSONAL_DATA, text, services) == []


def test_what_a_number_of_the_world_has_no_digits_left_for_stays(services: Services) -> None:
    text = "+49 30 1234567 5555 6666 7777"
    (match,) = found(PERSONAL_DATA, text, services)
    assert text[match.start : match.end] == "+49 30 1234567 5555"
