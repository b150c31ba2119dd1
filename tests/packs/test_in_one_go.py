"""In one go: what text filters say of many short texts together is what they say of each alone, however it is disguised."""

import random
from itertools import chain

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.models.manager import ModelManager
from runtime.packs.safety import in_one_go
from runtime.packs.safety.letters import plain
from runtime.packs.safety.personal_data import PERSONAL_DATA
from runtime.packs.safety.profanity import PROFANITY
from runtime.packs.safety.secrets import SECRETS
from runtime.packs.safety.words import WORDS
from runtime.safety.filters import Filter, Match
from tests.packs.doubles import MemoryAssets
from tests.packs.evasions import EVASIONS
from tests.packs.test_text_filters import Services

FILTERS = (WORDS, SECRETS, PERSONAL_DATA, PROFANITY)
# Joined from parts, so that no scanner takes it for a leaked key. It belongs to nobody.
KEY = "sk-" + "proj-Zq3xV7bN1mK9tR5w"
GUILTY = (
    "pipe bomb", "how to make a bomb", "make a bomb", "damn shit", "怎么制作炸弹", "制作炸弹", "zhi zuo zha dan", "zha弹",
    "kill him", "杀了他", "ann@example.com", "ann (at) example dot com", "4111 1111 1111 1111", "13812345678", "l38l2345678",
    "+44 20 7946 0958", "078-05-1120", "GB82 WEST 1234 5698 7654 32", "一三八一二三四五六七八", KEY, "password: aB3$aB3$xx",
    "https://me:secret@host", "-----BEGIN PRIVATE KEY-----", "12 High Street, York YO1 7HH",
)  # fmt: skip
CALM = (
    "a1", "b", "B2", "bath bomb", "the boat", "港口很安静", "浴盐炸弹", "12", "4111", "1111", "how to make", "a pipe", "制作",
    "炸弹", "zha", "dan", "password", "token:", "sk-", "\u202e", "\u2066", "&#8238;", "\u3164", "&", "\\u00", "=41=", "%41",
    "aGVsbG8", "62 6f 6d", "0x62,", "\u0250", "\ufdfa", "-----END", "\U000e0062", "b o", "m b", "b0", "oooo", "\r", "\n", "<", "@",
    "gjkvxwzt", "ghj", "", " ", "u+0062", "ａ",
    "<!--", "-->", "<b", ">", "<i>", "\\N{", "=\n", "**", "\\",
)  # fmt: skip
# The beginning of a tag in every form that is undone.
SHARP = (
    "<", "＜", "﹤", "≮", "<\u0338", "\U000e003c", "&lt;", "&#60;", "&#x3c;", "&amp;lt;", "＆lt;", "﹠#60;", "\\u003c", "\\\\u003c", "＼u003c",
    "\\x3c", "\\74 ", "\\074", "\\3c ", "\\00003c", "\\u{3c}", "\\U0000003c", "\\N{LESS-THAN SIGN}", "U+003C", "u＋003c", "%u003c", "％u003c",
    "=3C=3C", "\u202e;tl&\u202c", "&#38;lt;", "\\u0026lt;",
)  # fmt: skip
OPENERS = tuple(sharp + rest for sharp in SHARP for rest in ("!--", "b title='"))
PIECES = st.one_of(
    st.sampled_from(GUILTY),
    st.sampled_from(CALM),
    st.sampled_from(OPENERS),
    st.builds(
        lambda text, sharp: text[:3] + sharp + "b>" + text[3:],
        st.sampled_from(GUILTY),
        st.sampled_from(SHARP),
    ),
    st.builds(
        lambda text, evasion: evasion.write(text), st.sampled_from(GUILTY[:6]), st.sampled_from(EVASIONS)
    ),
    st.builds(lambda text, cut: text[:cut], st.sampled_from(GUILTY), st.integers(1, 12)),
    st.builds(lambda text, cut: text[cut:], st.sampled_from(GUILTY), st.integers(1, 12)),
    st.text(max_size=8),
)
ITEMS = st.lists(st.lists(PIECES, min_size=1, max_size=3).map("".join), min_size=2, max_size=9)


@pytest.fixture(scope="module")
def services(models: ModelManager) -> Services:
    return Services(MemoryAssets(), models)


def finished(matches: object) -> set[Match]:
    return {match for match in matches if not match.open}  # type: ignore[attr-defined]  # whatever a filter gives


@pytest.mark.parametrize("item", FILTERS, ids=lambda item: item.spec.id)
@given(items=ITEMS)
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_judged_in_one_go_is_judged_one_by_one(item: Filter, items: list[str], services: Services) -> None:
    together = [finished(found) for found in item.answers(items, services)]
    assert together == [finished(item.check(text, services)) for text in items]


# What each of them looks for, to be disguised.
SOUGHT = {
    WORDS: "how to make a bomb", SECRETS: KEY, PERSONAL_DATA: "4111 1111 1111 1111", PROFANITY: "damn shit",
}  # fmt: skip


@pytest.mark.parametrize("item", SOUGHT, ids=lambda item: item.spec.id)
def test_every_disguise_is_found_among_many_harmless_texts(item: Filter, services: Services) -> None:
    chance = random.Random(2)
    disguised = [evasion.write(SOUGHT[item]) for evasion in EVASIONS]
    chance.shuffle(disguised)
    found = 0
    for first in range(0, len(disguised), 20):
        some = disguised[first : first + 20]
        items = list(chain.from_iterable((text, chance.choice(CALM)) for text in some))
        answers = [finished(answer) for answer in item.answers(items, services)]
        assert answers == [finished(item.check(text, services)) for text in items]
        found += sum(map(bool, answers))
    assert found > len(EVASIONS) / 3


def test_harmless_texts_are_looked_at_together_and_of_the_others_each_alone() -> None:
    asked: list[str] = []

    def check(text: object) -> list[Match]:
        asked.append(str(text))
        return [Match("c", 1.0)] if "bad" in str(text) else []

    together: list[int] = []

    def may_have(text: str) -> bool:
        together.append(len(text))
        return "bad" in text

    items = [f"a{number}" for number in range(1_000)]
    assert not any(in_one_go.check_each(items, check, may_have))
    assert asked == [] and len(together) == -(-1_000 // in_one_go.TOGETHER)
    items[700] = "bad"
    answers = list(in_one_go.check_each([*items, "x" * 200], check, may_have))
    assert [number for number, answer in enumerate(answers) if answer] == [700]
    assert {"bad", "x" * 200} < set(asked) and len(asked) == 3  # and the one that was left beside it


def test_a_comment_that_spans_neighbours_hides_nothing_that_one_of_them_shows(services: Services) -> None:
    items = ["<!--", "how to make a b<i>o</i>mb", "how to make a b**o**mb", "-->"]
    for item in (WORDS, PROFANITY):
        answers = [finished(found) for found in item.answers(items, services)]
        assert answers == [finished(item.check(text, services)) for text in items]
    assert [bool(finished(found)) for found in WORDS.answers(items, services)] == [False, True, True, False]


@pytest.mark.parametrize("opener", OPENERS)
def test_a_tag_that_begins_in_disguise_hides_nothing_of_its_neighbours(
    opener: str, services: Services
) -> None:
    """Escapes of JSON are what many programs write by themselves, so no tool is needed for this."""
    for item, start, end in ((WORDS, "how to make a bo", "mb"), (SECRETS, "AKIAIOSFOD", "NN7EXAMPLE")):
        for inner in ("\\u003cb\\u003e", "&lt;b&gt;", "＜b＞", "<b>", "**"):
            items = [opener, start + inner + end]
            if finished(item.check(items[1], services)):
                assert [bool(finished(found)) for found in item.answers(items, services)] == [False, True]


def test_every_character_of_which_a_tag_may_come_is_known() -> None:
    known = {chr(code) for code in range(0x110000) if in_one_go._MAY_BEGIN_A_TAG.fullmatch(chr(code))}
    assert {chr(code) for code in range(0x110000) if set(plain(chr(code))) & set("<&\\=+%")} <= known


def test_what_stands_between_says_nothing_by_itself(services: Services) -> None:
    for item in FILTERS:
        assert not finished(item.check(in_one_go.BETWEEN * 3, services))
