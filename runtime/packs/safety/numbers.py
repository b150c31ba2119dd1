"""Numbers with rules of their own: which digits can be an identity card, a bank card or an account."""

import re
from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

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
# How cards of the networks begin, and how long they are.
_ISSUED = re.compile(
    r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:22[1-9]|2[3-9]\d|[3-6]\d\d|7[01]\d|720)\d{12}|3[47]\d{13}"
    r"|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|(?:5[0678]|6\d|9\d)\d{14,17}"
)
# How people write a card, group by group; nobody writes one in other groups beside other numbers.
_FOURS, _ONES = (4, 4, 4, 4), (1,) * 16
_WRITTEN = ((*_FOURS, 3), _FOURS, _ONES, (4, 6, 5), (4, 6, 4), *((size,) for size in range(19, 12, -1)))
# So many groups behind a card are looked at for the end of their row: with it fewer digits than a stream holds back.
NEAR = 12
_GROUP = re.compile(r"\d+")
# Countries by which a number from abroad begins.
ABROAD = r"(?:1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]|[2-9]\d\d)"
# So many digits a telephone has with its country; by so many behind the country one with an area of one digit differs from a sum.
_LEAST, _MOST, _BEHIND_SHORT_AREA = 8, 15, 8
_WITH_SHORT_AREA = re.compile(rf"(?![17]\Z){ABROAD}")
# A number with more decimals would be more exact than any that is measured.
_DECIMALS = 9
_ANY_GROUPS = re.compile(r"\d(?:[\s-]?\d)*")
# Taiwan's letters stand for two digits.
_TAIWAN = dict(zip("abcdefghjklmnpqrstuvxywzio", range(10, 36), strict=True))
# How long an account of each country is; the register is SWIFT's.
IBAN_LENGTHS = {
    "ad": 24, "ae": 23, "al": 28, "at": 20, "az": 28, "ba": 20, "be": 16, "bg": 22, "bh": 22, "br": 29, "by": 28,
    "ch": 21, "cr": 22, "cy": 28, "cz": 24, "de": 22, "dk": 18, "do": 28, "ee": 20, "eg": 29, "es": 24, "fi": 18,
    "fo": 18, "fr": 27, "gb": 22, "ge": 22, "gi": 23, "gl": 18, "gr": 27, "gt": 28, "hr": 21, "hu": 28, "ie": 22,
    "il": 23, "iq": 23, "is": 26, "it": 27, "jo": 30, "kw": 30, "kz": 20, "lb": 28, "li": 21, "lt": 20, "lu": 20,
    "lv": 21, "mc": 27, "md": 24, "me": 22, "mk": 19, "mr": 27, "mt": 31, "mu": 30, "nl": 18, "no": 15, "pk": 24,
    "pl": 28, "ps": 29, "pt": 25, "qa": 29, "ro": 24, "rs": 22, "sa": 24, "sc": 31, "se": 24, "si": 19, "sk": 24,
    "sm": 27, "st": 25, "sv": 28, "tl": 23, "tn": 24, "tr": 26, "ua": 29, "va": 22, "vg": 24, "xk": 20,
}  # fmt: skip


def is_id_card(number: str) -> bool:
    """An 18-character identity number with a real region and birthday and the right last character."""
    # Dates side by side have several.
    signs = {char for char in number if not char.isalnum() and not char.isspace()}
    number = "".join(char for char in number if char.isalnum())
    if len(signs) > 1:
        return False
    year, month, day = int(number[6:10]), int(number[10:12]), int(number[12:14])
    try:
        born = date(year, month, day)
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(number[:17], _ID_WEIGHTS, strict=True))
    return (
        int(number[:2]) in _ID_REGIONS and 1900 <= born.year < 2100 and _ID_CHECKS[total % 11] == number[17]
    )


def is_hong_kong_card(number: str) -> bool:
    """One or two letters, six digits and a check character: "a123456(3)"."""
    bare = [char for char in number if char.isalnum()]
    check = 10 if bare[-1] == "a" else int(bare[-1])
    letters = [ord(char) - ord("a") + 10 for char in bare if char.isalpha() and char is not bare[-1]]
    digits = [int(char) for char in bare[:-1] if char.isdigit()]
    values = [36] * (2 - len(letters)) + letters + digits
    return (
        sum(value * weight for value, weight in zip(values, range(9, 1, -1), strict=True)) + check
    ) % 11 == 0


def is_taiwan_card(number: str) -> bool:
    """A letter and nine digits of which the last checks the rest: "a123456789"."""
    tens, ones = divmod(_TAIWAN[number[0]], 10)
    digits = [tens, ones, *map(int, number[1:])]
    weights = (1, 9, 8, 7, 6, 5, 4, 3, 2, 1, 1)
    return sum(digit * weight for digit, weight in zip(digits, weights, strict=True)) % 10 == 0


def is_social_security(number: str) -> bool:
    """Three, two and four digits of which no group was ever left out or kept for other uses."""
    bare = "".join(char for char in number if char.isdigit())
    area, group, serial = bare[:3], bare[3:5], bare[5:]
    return area not in ("000", "666") and area < "900" and group != "00" and serial != "0000"


def is_bank_card(number: str) -> bool:
    """Digits of an issuer's range and length that pass the Luhn check and are not one digit repeated."""
    bare = "".join(char for char in number if char.isdigit())
    if len(set(bare)) < 2 or not _ISSUED.fullmatch(bare):
        return False
    digits = [int(char) for char in bare]
    doubled = (sum(divmod(2 * digit, 10)) for digit in digits[-2::-2])
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def cards_in(run: str) -> Iterator[tuple[int, int]]:
    """Where bank cards stand in a run of groups of digits, be they beside a row's number, a date or a CVV.

    All of a run may be one card, in whatever groups; a part of it only in those in which cards are written. Each group
    begins so few of these that a run may be as long as it likes.
    """
    for part in _ANY_GROUPS.finditer(run):
        # As long as the longest card is with a sign behind each digit.
        is_short = len(part[0]) < 40 and not _is_fraction(run, part.start())
        if is_short and is_bank_card(part[0]):
            yield part.span()
    groups = [group.span() for group in _GROUP.finditer(run)]
    sizes = [end - start for start, end in groups]
    gaps = [run[end:start] for (_, end), (start, _) in pairwise(groups)]
    tables = _tables(sizes, gaps)
    for first, (start, _) in enumerate(groups):
        for written in _WRITTEN:
            last = first + len(written)
            if sizes[first] != written[0] or tuple(sizes[first:last]) != written:
                continue
            signs = {gap.strip() for gap in gaps[first : last - 1]}
            is_alike = (len(signs) < 2 or signs == {"", "-"}) and not _is_fraction(run, start)
            is_likely = written not in (_FOURS, _ONES) or _stands_out(tables[first], first, last, gaps[first])
            if is_alike and is_likely and is_bank_card(run[start : groups[last - 1][1]]):
                yield start, groups[last - 1][1]


def telephone_in(run: str) -> Iterator[tuple[int, int]]:
    """As much of a plus sign and groups of digits as is a telephone: what stands behind may be the next number of a row."""
    groups = [group for group in _GROUP.finditer(run) if run[group.start() - 1 : group.end() + 1] != "(0)"]
    taken, digits = groups[:1], len(groups[0][0])
    for group in groups[1:]:
        is_area = len(taken) == 1
        if digits + len(group[0]) > _MOST or (len(group[0]) == 1 and not is_area):
            break
        taken.append(group)
        digits += len(group[0])
    if digits < _LEAST:
        return
    gaps = [run[before.end() : behind.start()] for before, behind in pairwise(taken)]
    is_decimal = gaps == ["."] and len(taken[1][0]) < _DECIMALS
    is_short = len(taken) > 1 and len(taken[1][0]) == 1
    if not is_decimal and (not is_short or _has_short_area(taken[0][0], digits, gaps)):
        end = taken[-1].end()
        yield 0, end + (run[end : end + 1] == ")")


def _has_short_area(country: str, digits: int, gaps: Sequence[str]) -> bool:
    """Whether it is a telephone though one digit alone stands behind its country, as in a sum or a score."""
    signs = {
        "".join(char for char in gap.replace("(0)", "") if char not in "()" and not char.isspace())
        for gap in gaps
    }
    is_alike = signs <= {"", "-"} or signs in ({"."}, {"/"})
    is_long = digits - len(country) >= _BEHIND_SHORT_AREA
    return is_alike and is_long and bool(_WITH_SHORT_AREA.fullmatch(country))


def _is_fraction(run: str, start: int) -> bool:
    return run[start - 1 : start] == "."


def _tables(sizes: Sequence[int], gaps: Sequence[str]) -> list[tuple[int, int]]:
    """For each group, from where to where groups of the same size stand with the same between them."""
    tables: list[tuple[int, int]] = []
    first = 0
    for number in range(1, len(sizes) + 1):
        is_other_size = number == len(sizes) or sizes[number] != sizes[first]
        if is_other_size or gaps[number - 1] != gaps[first]:
            # The group behind which the gap is another one begins the next table.
            next_first = number if is_other_size else number - 1
            tables += [(first, number)] * (next_first - first)
            first = next_first
    return tables


def _stands_out(table: tuple[int, int], first: int, last: int, gap: str) -> bool:
    """Whether four groups of four, or sixteen digits by themselves, are likely to be a card.

    Of numbers of four digits side by side every fortieth four pass the check: in a long row they are taken by fours,
    from its beginning, or from its end where that is near. Where a row is still being written its end is not known, and what
    a card's beginning was taken for may not change any more once that has been shown. In columns and tables, with other gaps
    than a card is written with, none is: nearly every column of sixty numbers lost four.
    """
    begin, end = table
    if last > end or last - first == end - begin:
        return True
    if gap not in (" ", "-") or last - first == len(_ONES):
        return False
    is_short = end - begin <= len(_FOURS) + 2
    from_end = end - last <= NEAR and (end - last) % len(_FOURS) == 0
    return is_short or from_end or (first - begin) % len(_FOURS) == 0


def is_iban(number: str) -> bool:
    """An account of its country's length that leaves one when divided by 97."""
    bare = "".join(char for char in number if char.isalnum())
    if len(bare) != IBAN_LENGTHS.get(bare[:2]):
        return False
    return int("".join(str(int(char, 36)) for char in bare[4:] + bare[:4])) % 97 == 1
