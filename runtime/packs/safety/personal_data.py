"""safety.personal_data: e-mail addresses, phone numbers, Chinese identity cards and bank cards, by rule."""

import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date

from runtime.packs.safety import categories
from runtime.packs.safety.texts import check_texts
from runtime.packs.safety.views import normalise
from runtime.ports import Kind
from runtime.safety.filters import Filter, FilterServices, FilterSpec, Match
from runtime.values import Data
from runtime.words import Words

SPEC = FilterSpec(
    id="safety.personal_data",
    version=1,
    title=Words("Personal data", "个人信息"),
    media=(Kind.TEXT, Kind.JSON),
    categories=(categories.EMAIL, categories.PHONE, categories.ID_CARD, categories.BANK_CARD),
    languages=("en", "zh"),
    licence="Apache-2.0",
    misses=Words(
        "Looks for forms, not for people: names, addresses, passports, other countries' identity numbers and numbers "
        "written as words pass. A long number may look like a phone number without being one.",
        "只识别格式：姓名、住址、护照号、其他国家的证件号以及写成文字的号码都会漏过；较长的数字可能被误认为电话号码。",
    ),
)

_ID_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_ID_CHECKS = "10x98765432"
# Provinces, by the first two digits.
_ID_REGIONS = frozenset(
    {
        *range(11, 16),
        *range(21, 24),
        *range(31, 38),
        *range(41, 47),
        *range(50, 55),
        *range(61, 66),
        71,
        81,
        82,
        83,
    }
)


def is_id_card(number: str) -> bool:
    """An 18-character identity number with a real region and birthday and the right last character."""
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    try:
        born = date(year, month, day)
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    return int(number[:2]) in _ID_REGIONS and born.year >= 1900 and _ID_CHECKS[total % 11] == number[17]


def is_bank_card(number: str) -> bool:
    """13 to 19 digits that pass the Luhn check and are not one digit repeated."""
    digits = [int(char) for char in number if char.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) < 2 or digits[0] not in (2, 3, 4, 5, 6, 9):
        return False
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _always(_: str) -> bool:
    return True


_RULES: tuple[tuple[str, float, re.Pattern[str], Callable[[str], bool]], ...] = (
    (
        categories.EMAIL.id,
        1.0,
        re.compile(r"(?<![a-z0-9_.+%-])[a-z0-9][a-z0-9_.+%-]{0,63}@(?:[a-z0-9-]{1,63}\.){1,4}[a-z]{2,24}(?![a-z0-9_-])"),
        _always,
    ),
    (categories.ID_CARD.id, 1.0, re.compile(r"(?<!\d)[1-8]\d{16}[\dx](?![\da-z])"), is_id_card),
    (categories.BANK_CARD.id, 0.95, re.compile(r"(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d-])"), is_bank_card),
    (categories.PHONE.id, 0.95, re.compile(r"(?<!\d)(?:(?:\+|00)?86[ -]?)?1[3-9]\d[ -]?\d{4}[ -]?\d{4}(?!\d)"), _always),
    (categories.PHONE.id, 0.8, re.compile(r"(?<![\d.])0\d{2,3}[- ]\d{7,8}(?!\d)"), _always),
    (categories.PHONE.id, 0.9, re.compile(r"(?<![\w+])\+[1-9]\d{0,2}(?:[ .-]?\(?\d{2,4}\)?){2,5}(?!\d)"), _always),
    (categories.PHONE.id, 0.8, re.compile(r"(?<![\d.-])\(?[2-9]\d{2}\)?[ .-][2-9]\d{2}[ .-]\d{4}(?![\d-])"), _always),
)  # fmt: skip


# The one form that can be longer than what a stream holds back.
_EMAIL_BEGINS = re.compile(r"(?<![a-z0-9_.+%-])[a-z0-9][a-z0-9_.+%-]{0,63}@[a-z0-9.-]*+\Z")


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    return check_texts(data, _check_text)


def _check_text(text: str) -> Iterator[Match]:
    view = normalise(text)
    taken: list[tuple[int, int]] = []
    for category, score, pattern, is_one in _RULES:
        for found in pattern.finditer(view.text):
            start, end = found.span()
            if any(start < last and first < end for first, last in taken) or not is_one(found[0]):
                continue
            taken.append((start, end))
            yield Match(category, score, *view.span(start, end))
    begun = _EMAIL_BEGINS.search(view.text)
    if begun:
        yield Match(categories.EMAIL.id, 1.0, view.starts[begun.start()], len(text), open=True)


PERSONAL_DATA = Filter(SPEC, check)
