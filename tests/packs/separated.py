"""Separated: numbers, addresses and keys with the signs between and beside them that people and programs write."""

from collections.abc import Iterator

from runtime.packs.safety.personal_data import PERSONAL_DATA
from runtime.packs.safety.secrets import SECRETS
from runtime.safety.filters import Filter, FilterServices

SOCIAL_SECURITY = ("078", "05", "1120")
# Published examples; they belong to nobody.
GROUPED = (
    ("bank_card", ("4111", "1111", "1111", "1111")),
    ("bank_card", ("3782", "822463", "10005")),
    ("phone", ("138", "0013", "8000")),
    ("phone", ("415", "555", "2671")),
    ("phone", ("+86", "138", "0013", "8000")),
    ("phone", ("+44", "20", "7946", "0958")),
    ("id_card", ("110105", "19491231", "002X")),
    ("id_card", SOCIAL_SECURITY),
    ("iban", ("GB82", "WEST", "1234", "5698", "7654", "32")),
)
BETWEEN = {
    "hyphen": "-",
    "hyphen of typography": "\u2010",
    "hyphen that never breaks": "\u2011",
    "figure dash": "\u2012",
    "en dash": "\u2013",
    "em dash": "\u2014",
    "horizontal bar": "\u2015",
    "minus": "\u2212",
    "small hyphen": "\ufe63",
    "full-width hyphen": "\uff0d",
    "en dash with blanks around it": " \u2013 ",
    "two blanks": "  ",
    "three blanks": "   ",
    "blank that never breaks": "\u00a0",
    "thin blank": "\u2009",
    "full-width blank": "\u3000",
    "dot": ".",
    "slash": "/",
    "comma": ",",
    "full-width comma": "\uff0c",
    "pipe": "|",
    "underscore": "_",
    "middle dot": "\u00b7",
    "bullet": "\u2022",
}
BESIDE = {
    "hyphen before": "-{}",
    "two hyphens before": "--{}",
    "underscore before": "_{}",
    "dot before": ".{}",
    "plus before": "+{}",
    "percent before": "%{}",
    "hyphen behind": "{}-",
    "underscore behind": "{}_",
    "en dashes around": "\u2013{}\u2013",
    "stars around": "*{}*",
}
NUMBERS_BESIDE = {
    "number of a row before": "7 {}",
    "year before": "2026 {}",
    "date and CVV behind": "{} 12/27 123",
    "cells of a table around": "7\t{}\t12\t27\t123",
    "fields of a file around": "7,{},123",
}
# Joined from parts, so that no scanner takes them for leaked keys.
KEYS = (
    "AKIA" + "IOSFODNN7EXAMPLE",
    "gh" + "p_a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8",
    "sk-" + "proj-a1B2c3D4e5F6g7H8i9J0k1L2",
)
OTHERS = (("email", "ann@example.com"), ("bank_card", "4111111111111111"), ("phone", "13800138000"))

Told = tuple[Filter, str, str, str]


def rows() -> Iterator[tuple[str, list[Told]]]:
    """Each row by its name: which filter is to find what category, what is looked for, and the text that it stands in."""
    for name, sign in BETWEEN.items():
        # Three numbers of a list look the same.
        grouped = [row for row in GROUPED if row[1] != SOCIAL_SECURITY or "comma" not in name]
        yield f"{name} between", [_told(sign.join(groups), kind, "{}") for kind, groups in grouped]
    for name, around in BESIDE.items():
        keys: list[Told] = [(SECRETS, "api_key", key, around.format(key)) for key in KEYS]
        yield name, [*keys, *(_told(text, kind, around) for kind, text in OTHERS)]
    cards = [" ".join(groups) for kind, groups in GROUPED if kind == "bank_card"]
    for name, around in NUMBERS_BESIDE.items():
        yield name, [_told(card, "bank_card", around) for card in (*cards, "5500000000000004")]


def _told(text: str, category: str, around: str) -> Told:
    return PERSONAL_DATA, category, text, around.format(text)


def is_found(told: Told, threshold: float, services: FilterServices) -> bool:
    """Whether it is found, and nothing of it left beside what is."""
    item, category, part, text = told
    start = text.index(part)
    return any(
        match.category == category
        and match.score >= threshold
        and match.start is not None
        and match.end is not None
        and match.start <= start < start + len(part) <= match.end
        for match in item.check(text, services)
        if not match.open
    )
