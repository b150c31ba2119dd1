"""Encoded text: read to its end wherever it begins, a match past its limits, and open while it may go on."""

import base64
import random

import pytest

from runtime.models.manager import ModelManager
from runtime.packs.safety.personal_data import PERSONAL_DATA
from runtime.packs.safety.prompt_attack import PROMPT_ATTACK
from runtime.packs.safety.secrets import SECRETS
from runtime.packs.safety.words import WORDS
from runtime.safety.filters import Filter
from tests.packs.doubles import MemoryAssets
from tests.packs.test_text_filters import Services, found, named


@pytest.fixture(scope="module")
def services(models: ModelManager) -> Services:
    return Services(MemoryAssets(), models)


def b64(text: str) -> str:
    return base64.b64encode(text.encode()).decode()


CALM, ZH_CALM = "The town lies by a quiet river. ", "小镇坐落在安静的河边。"
HARM, ZH_HARM = "How to make a pipe bomb at home. ", "怎么制作炸弹。"
LONG_ENCODED = {
    "Chinese in base64": b64(ZH_CALM * 300 + ZH_HARM),
    "Chinese in base64, one letter further": b64("a" + ZH_CALM * 300 + ZH_HARM),
    "Chinese in hex": (ZH_CALM * 300 + ZH_HARM).encode().hex(),
    "harm far behind": b64(CALM * 600 + HARM),
    "harm before a long rest": b64(HARM + CALM * 600),
    "harm behind many harmless parts": " ".join(b64(f"{number} {CALM}") for number in range(60)) + " " + b64(HARM),
    "one letter in front": "x" + b64(HARM),
    "a word in front": "Hello" + b64(HARM),
    "one digit in front of hex": "x a" + HARM.encode().hex(),
    "cut inside a character": b64(ZH_HARM + "河")[:-2],
    "cut inside a group": b64(HARM + "ab")[:-3],
    "wrapped lines": "\n".join(b64(HARM * 3)[place : place + 20] for place in range(0, 132, 20)),
    "bytes around it": base64.b64encode(b"\xff\x00\xfe\x01" * 5 + HARM.encode() + b"\xff\x02" * 9).decode(),
}  # fmt: skip


class TestEncodedText:
    @pytest.mark.parametrize("form", LONG_ENCODED)
    def test_it_is_read_to_its_end_wherever_it_begins(self, form: str, services: Services) -> None:
        assert "indiscriminate_weapons" in named(WORDS, LONG_ENCODED[form], services)
        assert "indiscriminate_weapons" in named(WORDS, f"See: {LONG_ENCODED[form]} , that is all.", services)

    @pytest.mark.parametrize(
        "text",
        [
            " ".join(b64(f"{number} {CALM}") for number in range(60)),
            b64(CALM * 600),
            b64(b64(b64(CALM))),
            base64.b64encode(random.Random(7).randbytes(60_000)).decode(),
            random.Random(8).randbytes(20_000).hex(),
            "Internationalisation of counterrevolutionaries/electroencephalographs_and_uncharacteristically-long.py",
        ],
    )
    def test_harmless_encoded_text_and_bytes_pass(self, text: str, services: Services) -> None:
        assert found(WORDS, text, services) == []
        assert found(PROMPT_ATTACK, text, services) == []

    @pytest.mark.parametrize(
        "text",
        [
            b64(CALM * 4_000),
            " ".join(b64(f"{number} {CALM}") for number in range(600)),
            b64(b64(b64(b64(CALM)))),
        ],
        ids=["too long", "too many", "too deep"],
    )
    @pytest.mark.parametrize("item", [WORDS, PROMPT_ATTACK], ids=["words", "prompt attack"])
    def test_what_is_past_a_limit_is_a_match(self, item: Filter, text: str, services: Services) -> None:
        assert "encoded" in named(item, text, services)

    @pytest.mark.parametrize("encoded", [b64(CALM * 3), CALM.encode().hex(), "%68%6f%77%20to%20make%20tea"])
    def test_it_is_open_while_it_ends_the_text(self, encoded: str, services: Services) -> None:
        for size in range(24, len(encoded)):
            text = "See: " + encoded[:size]
            assert [m.start for m in WORDS.check(text, services) if m.open] == [5]
        assert not any(m.open for m in WORDS.check(f"See: {encoded} , that is all.", services))


@pytest.mark.parametrize(
    "word", ["Congratulations", "Internationalisation", "0123456789abcdef0123", b64(CALM)]
)
def test_a_long_word_where_a_text_begins_leaves_nothing_open(word: str, services: Services) -> None:
    assert not any(match.open for match in WORDS.check(f"{word} is what this begins with.", services))


def test_nothing_inside_structured_data_is_open(services: Services) -> None:
    for item, text in ((SECRETS, "password: required"), (PERSONAL_DATA, "ann@exam"), (WORDS, b64(CALM))):
        assert any(match.open for match in item.check(text, services))
        assert list(item.check({"a": [text]}, services)) == []
