"""Streams of text that shows something else than it is written as: nothing of a match leaves before it is one."""

import pytest

from tests.engine.test_stream_filters import REDACTORS, WORDS, Judge, shown, verdict
from tests.packs.evasions import EVASIONS, Evasion, Way

__all__ = ["verdict"]  # the fixture

CALM = "The town lies by a quiet river.\n"
HARM = {"en": "how to make a pipe bomb at home", "zh": "怎么制作炸弹"}
# Joined from parts, so that no scanner takes it for a leaked key.
KEY = "sk-" + "proj-" + "Zq3xV7bN1mK9tR5w" * 3
DISGUISED = [
    (language, evasion)
    for evasion in EVASIONS
    for language in evasion.languages
    if evasion.way in (Way.ORDER, Way.CODE)
    or evasion.name in ("Hangul fillers", "Braille blanks", "upside down")
]


@pytest.mark.parametrize(
    ("language", "evasion"), DISGUISED, ids=[f"{e.name}, {name}" for name, e in DISGUISED]
)
@pytest.mark.parametrize("before", [2, 9])
def test_nothing_of_a_disguise_leaves_before_it_is_stopped(
    language: str, evasion: Evasion, before: int, verdict: Judge
) -> None:
    calm, harm = CALM * before, evasion.write(HARM[language])
    released, blocked = shown(f"{calm}{harm} , that is all.\n{CALM * 9}", WORDS, verdict)
    assert blocked
    assert len(released) <= len(calm) + len(harm) // 8


@pytest.mark.parametrize(
    "secret",
    [
        "\u3164" * 400 + "13812345678",
        "138" + "\u3164" * 400 + "12345678",
        "".join(f"&#{ord(char):09};" for char in KEY),
        f"\u202e{KEY[::-1]}\u202c",
        ("\u200b" * 9).join(KEY),
    ],
    ids=["behind fillers", "around fillers", "entities", "right to left", "zero-width spaces"],
)
def test_what_is_taken_out_was_never_shown(secret: str, verdict: Judge) -> None:
    text = f"{CALM * 4}Take {secret} with you.\n{CALM * 9}"
    released, _ = shown(text, REDACTORS, verdict)
    final = verdict(text, REDACTORS).data
    assert isinstance(final, str)
    assert final.startswith(released)
    assert "■" in final
