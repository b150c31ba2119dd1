"""Numbers, addresses and keys on a stream: at no length of the text is anything of one shown."""

from collections.abc import Callable
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.engine.gate import Verdict, judge
from runtime.engine.window import Window
from runtime.plan import GateChain
from runtime.ports import TEXT
from runtime.safety.filters import load_filters
from tests.engine.segments import Bench
from tests.engine.test_stream_filters import letters

CALM = "The town lies by a quiet river and has a market. "
# Joined from parts, so that no scanner takes them for leaked keys.
FORMS = {
    "IBAN": "MT84 MALT 0110 0001 2345 MTLC AST0 01S",
    "IBAN of a multiple of four": "AT61 1904 3002 3457 3201",
    "social security": "123-45-6789",
    "Hong Kong card": "A123456(3)",
    "Taiwan card": "A123456789",
    "address in China": "北京市朝阳区建国路88号3号楼502室",
    "address in America": "1234 Martin Luther King Boulevard, Apartment 12, Salt Lake City, UT 84101",
    "e-mail in words": "a.long.name.of.thirty.letters [at] " + "b" * 30 + " [dot] co [dot] uk",
    "card with wide gaps": "   –   ".join(("4111", "1111", "1111", "1111")) + " 12/27 123",
    "card digit by digit": "   ".join("4111111111111111"),
    "identity card digit by digit": "   ·   ".join("11010519491231002X"),
    "e-mail with blanks": "a.long.name.of.thirty.letters_ @ "
    + "b" * 24
    + " . "
    + "c" * 24
    + ". "
    + "d" * 24
    + " . com",
    "phone with a zero in brackets": "+44   -  (0)  20  -  7946  -  0958",
    "phone in Chinese digits": "一 三 八 〇 〇 一 三 八 〇 〇 〇",
    "phone in France": "01 23 45 67 89",
    "Telegram": "123456789:" + "AA" + letters(33),
    "Slack hook": "hooks.slack.com" + "/services/T0000000000/B0000000000/" + letters(24),
    "Zhipu": letters(32, "0123456789abcdef") + "." + letters(16),
    "Groq": "gsk_" + letters(200),
    "age": "AGE-SECRET-" + "KEY-1" + letters(58, "ABCDEFGHJK234567"),
    "Docker": "dckr_pat_" + letters(90),
}
CHAINS = {
    "at the usual threshold": 0.5,
    "at one that lone random runs meet": 0.4,
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("threshold", CHAINS.values(), ids=CHAINS)
def test_nothing_of_it_is_shown_at_any_length(form: str, threshold: float, bench: Bench) -> None:
    bench.filters = dict(load_filters(("runtime.packs.safety",)))
    inspector = bench.services().inspector
    chain = GateChain(
        ("r",),
        (("safety.personal_data", "redact", threshold, ()), ("safety.secrets", "redact", threshold, ())),
    )
    before = CALM * 3
    text = before + FORMS[form] + ". " + CALM * 6
    final = judge(TEXT, text, chain, inspector).data
    assert isinstance(final, str) and FORMS[form] not in final
    for size in range(len(before), len(text), 3):
        window = Window(lambda part: judge(TEXT, part, chain, inspector), lambda part: None)
        window._advance(judge(TEXT, text[:size], chain, inspector))
        assert final.startswith(window.released), (size, window.released[len(before) :])


GAPS = ("  ", " ", "-", " - ", "\t", "\n\n", "\n- ", " | ", ", ")
CARD = ["4111", "1111", "1111", "1111"]


def _personal(bench: Bench) -> Callable[[str], Verdict]:
    bench.filters = dict(load_filters(("runtime.packs.safety",)))
    inspector = bench.services().inspector
    chain = GateChain(("r",), (("safety.personal_data", "redact", 0.5, ()),))
    return lambda text: judge(TEXT, text, chain, inspector)


def _is_consistent(judged: Callable[[str], Verdict], text: str) -> bool:
    """Whether all that is let out while the text grows is what its whole lets out."""
    window = Window(judged, lambda part: None)
    window.offer(text)
    final = judged(text).data
    return isinstance(final, str) and final.startswith(window.released)


@pytest.mark.parametrize("gap", GAPS, ids=repr)
@pytest.mark.parametrize("place", [0, 1, 2, 3, 8, 40])
def test_a_card_in_a_long_row_of_numbers(gap: str, place: int, bench: Bench) -> None:
    """What a number in a row is taken for depends on no end of the row that is yet to come."""
    judged, random = _personal(bench), Random(place)
    for total in range(56, 76):
        groups = [str(random.randrange(1000, 3400)) for _ in range(total)]
        groups[place : place + 4] = CARD
        assert _is_consistent(judged, "Readings: " + gap.join(groups)), (total, groups)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(
            st.sampled_from(GAPS),
            st.lists(
                st.one_of(
                    st.integers(1, 9_999).map(str),
                    st.integers(1000, 9999).map(str),
                    st.sampled_from([*CARD, "l38", "o0", "|", "138", "一三八", "0000"]),
                ),
                min_size=1,
                max_size=60,
            ),
        ),
        min_size=1,
        max_size=5,
    )
)
def test_rows_of_numbers_are_read_alike_while_they_grow(
    bench: Bench, rows: list[tuple[str, list[str]]]
) -> None:
    assert _is_consistent(_personal(bench), "\n".join(gap.join(row) for gap, row in rows))


@pytest.mark.parametrize("switch", ["7654321", "l0", "1l", "一二三四五六七"])
@pytest.mark.parametrize(
    "number", ["1.3.8.|.0.0.1.3.8.0.0", "l.3.8.o.o.1.3.8.o.o.o", "1 3 8 o o 1 3 8 o o o"]
)
def test_what_makes_digits_of_letters_stands_in_the_number_itself(
    number: str, switch: str, bench: Bench
) -> None:
    text = f"Her number is {number}. {CALM * 4}Order {switch} is ready. {CALM * 3}"
    assert _is_consistent(_personal(bench), text)


@pytest.mark.parametrize("gap", [" ", "  ", "   "])
@pytest.mark.parametrize("behind", [4, 11, 12, 13])
def test_whether_an_address_is_one_hangs_on_no_number_far_behind_it(
    gap: str, behind: int, bench: Bench
) -> None:
    """A card would push a telephone aside, which would push the address aside; its beginning has been shown by then."""
    judged, random = _personal(bench), Random(1)
    address = (
        "1234 Montgomeryshire Northumberland Gloucestershire Worcestershires Boulevard, Springfield, IL 01539"
    )
    row = gap.join(["4567", *CARD, *(str(random.randrange(1000, 1999)) for _ in range(behind))])
    for before in range(20, 60, 3):
        text = f"Reach her today. {'xxx ' * (before // 4)}{'y' * (before % 4)} {address} {row}."
        assert _is_consistent(judged, text), (before, text)
        assert address not in str(judged(text).data)


@pytest.mark.parametrize("gap", ["\n", "\n\n", "  ", "\t", "\n- "], ids=repr)
def test_a_column_of_harmless_numbers_loses_nothing(gap: str, bench: Bench) -> None:
    judged = _personal(bench)
    for seed in range(10):
        text = gap.join(str(Random(seed * 1000 + row).randrange(1000, 9999)) for row in range(90))
        assert judged(text).data == text
