"""Numbers, addresses and keys on a stream: at no length of the text is anything of one shown."""

import pytest

from runtime.engine.gate import judge
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
