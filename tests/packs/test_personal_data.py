"""Personal data: what has its form is found where it stands, and what only looks like it passes."""

import pytest

from runtime.models.manager import ModelManager
from runtime.packs.safety.numbers import is_bank_card, is_id_card
from runtime.packs.safety.personal_data import PERSONAL_DATA
from tests.packs.doubles import MemoryAssets
from tests.packs.test_text_filters import Services, found, without


@pytest.fixture(scope="module")
def services(models: ModelManager) -> Services:
    return Services(MemoryAssets(), models)


@pytest.mark.parametrize(
    ("text", "category", "part"),
    [
        ("Write to ann.lee+shop@mail.example.com today", "email", "ann.lee+shop@mail.example.com"),
        ("我的邮箱是zhang_san@example.com。", "email", "zhang_san@example.com"),
        ("手机13812345678，随时联系", "phone", "13812345678"),
        ("手机：１３８ １２３４ ５６７８", "phone", "１３８ １２３４ ５６７８"),
        ("call +44 20 7946 0958 please", "phone", "+44 20 7946 0958"),
        ("(415) 555-0132", "phone", "(415) 555-0132"),
        ("call +44 (0)20 7946 0958 please", "phone", "+44 (0)20 7946 0958"),
        ("0044 20 7946 0958 abroad", "phone", "0044 20 7946 0958"),
        ("电话(021)12345678", "phone", "(021)12345678"),
        ("电话+86 21 1234 5678", "phone", "+86 21 1234 5678"),
        ("0755-1234-5678 转 3", "phone", "0755-1234-5678"),
        ("dial 1-800-555-0199", "phone", "1-800-555-0199"),
        ("手机 1 380 013 8000", "phone", "1 380 013 8000"),
        ("手机 1 3 8 0 0 1 3 8 0 0 0", "phone", "1 3 8 0 0 1 3 8 0 0 0"),
        ("手机一三八〇〇一三八〇〇〇", "phone", "一三八〇〇一三八〇〇〇"),
        ("手机138零零138零零零", "phone", "138零零138零零零"),
        ("mail john @ example.com now", "email", "john @ example.com"),
        ("mail john@example. com now", "email", "john@example. com"),
        ("mail john@example.com. Net gains", "email", "john@example.com"),
        ("身份证 1101 0519 4912 3100 2X", "id_card", "1101 0519 4912 3100 2X"),
        ("座机 010-62345678", "phone", "010-62345678"),
        ("身份证 11010519491231002X 已登记", "id_card", "11010519491231002X"),
        ("card 4111 1111 1111 1111 exp 10/29", "bank_card", "4111 1111 1111 1111"),
        ("卡号6222021234567890128", "bank_card", None),
    ],
)
def test_what_has_the_form_is_found_where_it_stands(
    text: str, category: str, part: str | None, services: Services
) -> None:
    matches = found(PERSONAL_DATA, text, services)
    if part is None:
        assert is_bank_card("6222021234567890128") == bool(matches)
        return
    assert [(m.category, text[m.start : m.end]) for m in matches] == [(category, part)]


@pytest.mark.parametrize(
    "around", ["-{}", "_{}_", "{}-", "{}_", ".{}", "{}+", "%{}", "+{}", "*{}*", "--{}--", "to -{} now"]
)
@pytest.mark.parametrize(
    ("written", "category"),
    [
        ("ann@example.com", "email"),
        ("4111111111111111", "bank_card"),
        ("415-555-2671", "phone"),
        ("078-05-1120", "id_card"),
        ("13800138000", "phone"),
    ],
)
def test_a_sign_beside_it_makes_it_no_part_of_a_longer_word(
    around: str, written: str, category: str, services: Services
) -> None:
    text = around.format(written)
    matches = found(PERSONAL_DATA, text, services)
    assert [m.category for m in matches] == [category]
    assert written in text[matches[0].start : matches[0].end]


@pytest.mark.parametrize(
    "text",
    [
        "The year 2026 had 365 days and 8760 hours.",
        "Order 4111111111111112 shipped.",  # fails the Luhn check
        "身份证 110105194912310021",  # wrong last character
        "身份证 110105194913310028",  # no such month
        "Version 1.2.3.4567 costs 19.99, pi is 3.14159265358979",
        "圆周率 3.1415926535897932384626",
        "See @handle and issue #12345678",
        "0000 0000 0000 0000",
        "up by +10,000,000 or +1,234.56 to $1,010,024,921",
        "46 25/11/1998 02.06.2006",
        "cells 123,45,6789 and 0031-446225",
        "1, 3, 5, 7, 9, 11, 13, 15, 17 and 1 4 9 16 25 36 49 64",
        "return x\n@app.route('/a')\n@click.option('-v') and y = a @ b.T @ np.linalg",
        "-@app.route('/a') and +@app.route('/b')",
    ],
)
def test_what_only_looks_like_it_passes(text: str, services: Services) -> None:
    assert found(PERSONAL_DATA, text, services) == []


@pytest.mark.parametrize(
    "written", ["4111 1111 1111 1111", "4111-1111-1111-1111", "3782 822463 10005", "5500000000000004"]
)
@pytest.mark.parametrize(
    "around",
    ["7 {}", "row 12 {} 123", "{} 12/27 123", "{}\t12\t27\t123", "2026 {} 0927", "ann,7,{},123", "1. {}"],
)
def test_a_card_is_found_beside_a_rows_number_a_date_and_a_cvv(
    written: str, around: str, services: Services
) -> None:
    text = around.format(written)
    matches = found(PERSONAL_DATA, text, services)
    assert [(m.category, text[m.start : m.end]) for m in matches] == [("bank_card", written)]


def test_cards_one_below_the_other_are_all_found(services: Services) -> None:
    written = ("4111 1111 1111 1111", "5500 0000 0000 0004", "4111 1111 1111 1111")
    for row, end in (("2026 {}", "\n"), ("{}", " "), ("{}", "\n"), ("7 {} 0927", "\r\n")):
        matches = found(PERSONAL_DATA, end.join(map(row.format, written)), services)
        assert [m.category for m in matches] == ["bank_card"] * 3, row


@pytest.mark.parametrize(
    "text", ["0.4111111111111111", "1 4111 1111 1111 1112 9", "12 41 1111 1111 1111 11 3456"]
)
def test_part_of_a_longer_run_is_a_card_only_as_cards_are_written(text: str, services: Services) -> None:
    assert found(PERSONAL_DATA, text, services) == []


def test_the_checks_hold_the_published_examples() -> None:
    assert is_id_card("11010519491231002x")
    assert is_bank_card("5555555555554444")
    assert not is_bank_card("5555555555554445")


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("+44 20 7946 0958\n020 7946 0959\n020 7946 0960\n", []),
        ("Extension 0512 020 7946 0958 please", []),
        ("at 0930 020 7946 0958 called", []),
        ("Ext. 0512 0113 496 0001", []),
        ("call 09 30 06 12 34 56 78", []),
        ("Tel 01 02 06 12 34 56 78", []),
        ("021 021 6552 9988", []),
        ("212 555 0123 212 555 0199 212 555 0188", []),
        ("17 05 2024 020 7946 0958", ["17", "05", "2024"]),
    ],
)
def test_a_number_is_found_though_its_beginning_is_the_end_of_another(
    text: str, left: list[str], services: Services
) -> None:
    """Rooms, times and the numbers of a list before it: with four digits of them a form may be full too early."""
    shown = without(text, found(PERSONAL_DATA, text, services))
    assert [word for word in shown.split() if word.isdigit()] == left


@pytest.mark.parametrize("house", ["221-223", "221\u2013223", "12 - 14", "12a-14b", "221b", "4"])
@pytest.mark.parametrize("rest", ["Baker Street, London NW1 6XE", "Main Street, Springfield, IL 62704"])
@pytest.mark.parametrize("before", ["She lives at ", "-", "_", "office -", "home_", "4111 1111 1111 1111-"])
def test_an_address_is_found_with_a_range_of_houses_and_behind_a_sign(
    house: str, rest: str, before: str, services: Services
) -> None:
    text = f"{before}{house} {rest}."
    found_parts = [
        text[m.start : m.end] for m in found(PERSONAL_DATA, text, services) if m.category == "address"
    ]
    assert len(found_parts) == 1 and f"{house} {rest}" in found_parts[0]


@pytest.mark.parametrize(
    "text",
    [
        "Read pages 221-223 on the road to London, then rest.",
        "The score was 12-14 at Main Street.",
        "rooms 12-14 close at 9, and 221-223 open later",
        "ISBN 978-3-16-148410-0 on 2024-05-17, from 08 00 to 18 00",
    ],
)
def test_ranges_and_rows_without_an_address_or_a_number_pass(text: str, services: Services) -> None:
    assert found(PERSONAL_DATA, text, services) == []
