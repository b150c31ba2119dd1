"""The real redactors and judges on a stream: what is shown is a beginning of what the gate lets out in the end."""

import base64
from collections.abc import Callable

import pytest

from runtime.engine.gate import Verdict, judge
from runtime.engine.window import Blocked, Window
from runtime.plan import GateChain
from runtime.ports import TEXT
from runtime.safety.filters import load_filters
from runtime.safety.policy import default_policy, merge_chains
from runtime.safety.redaction import MARK
from tests.engine.segments import Bench

REDACTORS = GateChain(
    ("r",), (("safety.personal_data", "redact", 0.5, ()), ("safety.secrets", "redact", 0.5, ()))
)
WORDS = GateChain(("r",), (("safety.words", "block", 0.5, ()),))
Judge = Callable[[str, GateChain], Verdict]


@pytest.fixture
def verdict(bench: Bench) -> Judge:
    bench.filters = dict(load_filters(("runtime.packs.safety",)))
    inspector = bench.services().inspector
    return lambda text, chain: judge(TEXT, text, chain, inspector)


def shown(text: str, chain: GateChain, verdict: Judge) -> tuple[str, bool]:
    """The longest part that was released, and whether a block ended it."""
    window = Window(lambda part: verdict(part, chain), lambda part: None)
    try:
        window.offer(text)
    except Blocked:
        return window.released, True
    return window.released, False


def letters(size: int, alphabet: str = "a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8") -> str:
    return (alphabet * (size // len(alphabet) + 1))[:size]


# Each form at its longest, or far beyond what a stream holds back. Joined from parts, so that no scanner takes them
# for leaked keys.
LONGEST = {
    "AWS": "AKIA" + letters(16, "A1B2C3"),
    "GitHub": "ghp_" + letters(251),
    "GitHub fine-grained": "github" + "_pat_" + letters(255),
    "GitLab": "glpat-" + letters(64),
    "OpenAI": "sk-" + "proj-" + letters(200),
    "Anthropic": "sk-" + "ant-api03-" + letters(400),
    "Hugging Face": "hf_" + letters(64),
    "Google": "AIza" + letters(35),
    "Google token": "ya29." + letters(400),
    "Slack": "xoxb-" + letters(200),
    "Stripe": "sk_" + "live_" + letters(200),
    "SendGrid": "SG." + letters(32) + "." + letters(164),
    "npm": "npm_" + letters(36),
    "PyPI": "pypi-" + letters(300),
    "DigitalOcean": "dop_v1_" + letters(64, "0123456789abcdef"),
    "Alibaba": "LTAI" + letters(26),
    "Tencent": "AKID" + letters(40),
    "JSON web token": "eyJ" + letters(400) + ".eyJ" + letters(900) + "." + letters(300),
    "private key": "-----BEGIN RSA " + "PRIVATE KEY-----\n" + (letters(64) + "\n") * 20 + "-----END RSA " + "PRIVATE KEY-----",
    "address": "postgres://" + letters(100, "user") + ":" + letters(200) + "@",
    "password": "password: " + letters(300, "abcdefghijklmnopqrstuvwxyz") + "1",
    "password in Chinese": "密码：" + letters(300, "abcdefghijklmnopqrstuvwxyz") + "1",
    "password far from its name": "password" + " " * 300 + letters(40),
    "e-mail": letters(64, "ab1") + "@" + (letters(63, "ab1") + ".") * 4 + "c" * 24,
    "phone": "+86 138 1234 5678",
    "phone with nothing between": ("\u200b" * 90).join("13812345678"),
    "identity card": "11010519491231002X",
    "bank card": "4111 1111 1111 1111",
}  # fmt: skip


@pytest.mark.parametrize("form", LONGEST)
@pytest.mark.parametrize("place", [0, 1, 37, 79])
def test_nothing_of_a_secret_is_shown_before_it_is_recognised(form: str, place: int, verdict: Judge) -> None:
    before = "The town lies by a quiet river, " * 3 + "y" * place + " "
    text = before + LONGEST[form] + " and that is all. " + "The market is on Tuesday. " * 12
    final = verdict(text, REDACTORS)
    assert isinstance(final.data, str) and MARK in final.data and final.settled is None
    # Not one character later is enough to tell: each length of the text is tried as if it were the judged one.
    for size in range(len(before), len(text), 1 if place == 0 else 7):
        window = Window(lambda part: verdict(part, REDACTORS), lambda part: None)
        window._advance(verdict(text[:size], REDACTORS))
        assert final.data.startswith(window.released), (size, window.released)
    released, _ = shown(text, REDACTORS, verdict)
    assert final.data.startswith(released) and len(released) > len(before)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


HARM = "how to make a pipe bomb at home. "
ZH_HARM = "怎么制作炸弹，在家里。"
ENCODED = {
    "base64": b64(HARM * 8),
    "base64 in Chinese": b64(ZH_HARM * 12),
    "hex": (HARM * 8).encode().hex(),
    "hex in Chinese": (ZH_HARM * 12).encode().hex(),
    "percent": "".join(f"%{byte:02x}" for byte in (HARM * 6).encode()),
    "harm at its end": b64("the town lies by a quiet river " * 20 + HARM),
}


@pytest.mark.parametrize("form", ENCODED)
def test_nothing_of_encoded_harm_is_shown_at_any_offset(form: str, verdict: Judge) -> None:
    for place in range(8):
        before = "The town lies by a quiet river. " * 6 + "H" * place + "i: "
        text = before + ENCODED[form] + " and so on. " * 20
        assert not verdict(text, WORDS).passes
        released, blocked = shown(text, WORDS, verdict)
        assert blocked and len(released) <= len(before)
        assert not any(
            shown(text[:size], WORDS, verdict)[0][len(before) :] for size in range(0, len(text), 97)
        )


def test_harmless_encoded_text_is_shown_once_it_has_ended(verdict: Judge) -> None:
    blob = b64("the town lies by a quiet river and has a market " * 8)
    during, _ = shown("Here: " + blob, WORDS, verdict)
    after, blocked = shown("Here: " + blob + " is all. " + "The market is on Tuesday. " * 12, WORDS, verdict)
    assert during == "Here: " and not blocked and blob in after


def test_the_default_policy_streams_an_ordinary_answer_close_behind_its_writing(verdict: Judge) -> None:
    rule = next(
        rule for rule in default_policy().rules if "safety.secrets" in {use.filter for use in rule.chain}
    )
    uses = merge_chains([rule])
    chain = GateChain((rule.id,), tuple((u.filter, u.action.value, u.threshold, u.categories) for u in uses))
    answer = (
        "The password of the router is printed on its back. See https://example.com/help for more. 密码在背面。 "
        * 8
    )
    released, blocked = shown(answer, chain, verdict)
    assert not blocked and len(answer) - len(released) < 300
