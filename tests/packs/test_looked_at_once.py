"""What is left unread or put together for the sake of time: a text says the same as when all of it is read by itself."""

import base64
import random
from collections.abc import Iterator
from itertools import chain

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from runtime.engine.readings import readings
from runtime.packs.safety import encodings, word_list
from runtime.packs.safety.encodings import MAX_DECODED, MAX_LAYERS, MAX_PARTS, Part, Stretch, layers_below
from runtime.packs.safety.profanity import _lists as profanities
from runtime.packs.safety.taken_apart import WORD, Words
from runtime.packs.safety.views import Reading, View, read
from runtime.packs.safety.words import word_lists
from runtime.ports import Kind, PortType
from tests.packs.evasions import EVASIONS
from tests.packs.test_in_one_go import CALM, GUILTY

LISTS = (*word_lists(), *profanities())


def all_read(first: list[Stretch]) -> tuple[list[Part], tuple[tuple[int, int], ...]]:
    """The plain way: everything is decoded before anything is counted; the same is read again when it may go deeper."""
    parts = [Part(stretch.start, stretch.end, said) for stretch in first for said in stretch.read()]
    found: list[Part] = []
    unread: list[tuple[int, int]] = []
    room = MAX_DECODED
    waiting = [(part, 0) for part in sorted(parts, key=lambda part: (part.start, part.end), reverse=True)]
    read_at: dict[Part, int] = {}
    while waiting:
        part, depth = waiting.pop()
        if part in read_at and read_at[part] <= depth:
            continue
        read_at[part] = depth
        if depth == MAX_LAYERS or len(found) == MAX_PARTS or len(part.said) > room:
            unread.append((part.start, part.end))
            continue
        room -= len(part.said)
        found.append(part)
        inside = (Part(part.start, part.end, said) for said in encodings._inside(part.said))
        waiting += [(inner, depth + 1) for inner in inside]
    return found, tuple(unread[:1])


def read_at_length(raw: bytes) -> list[str]:
    """What bytes say, judged as long ones are."""
    said = raw.decode("utf-8", errors="replace")
    shown = sum(map(len, encodings._SHOWN.findall(said)))
    if len(said) >= 2 and said.count("\ufffd") <= 0.05 * len(said) and shown >= 0.95 * len(said):
        unlikely = not said.isascii() and len(encodings._UNLIKELY.findall(said)) > len(said) / 2
        return [said, *(encodings._in_other_codes(raw) if unlikely else ())]
    long = (part for part in encodings._LONG.findall(said) if len(part.encode()) >= 12)
    return [
        *(part for part in long if sum(map(str.isalpha, part)) >= len(part) / 2),
        *encodings._in_other_codes(raw),
    ]


ITEM = st.one_of(
    st.sampled_from(CALM),
    st.builds(
        lambda text, evasion, cut: evasion.write(text)[:cut],
        st.sampled_from(GUILTY),
        st.sampled_from(EVASIONS),
        st.integers(3, 200),
    ),
    st.builds(lambda text: base64.b64encode(text.encode()).decode(), st.sampled_from(GUILTY)),
    st.builds(lambda letter, number: f"{letter}{number}", st.sampled_from("abcxyz"), st.integers(0, 19_999)),
    st.builds(
        lambda words, number: f"{words} {number}",
        st.sampled_from(["the quiet harbour", "three oo", "early boots"]),
        st.integers(0, 9_999),
    ),
)


def joined(items: list[str]) -> Iterator[str]:
    for reading in readings(PortType(Kind.TEXT, many=True), [*items]):
        if isinstance(reading.data, str) and reading.joined:
            yield reading.data


@given(st.lists(ITEM, min_size=2, max_size=12))
@settings(max_examples=25, deadline=None)
def test_a_list_says_what_it_says_when_every_encoded_part_is_looked_at_alone(items: list[str]) -> None:
    for text in joined(items):
        with pytest.MonkeyPatch.context() as patched:
            together = set(word_list.find_words(text, LISTS))
            patched.setattr(word_list, "_worth_a_look", lambda reading, lists: iter(reading.views))
            assert together == set(word_list.find_words(text, LISTS))


@pytest.mark.parametrize("most", [3, MAX_PARTS])
@given(items=st.lists(ITEM, min_size=2, max_size=12))
@settings(max_examples=25, deadline=None)
def test_parts_are_those_of_a_text_that_is_decoded_whole(most: int, items: list[str]) -> None:
    given_to: list[list[Stretch]] = []

    def noted(first: list[Stretch]) -> tuple[list[Part], tuple[tuple[int, int], ...]]:
        given_to.append(first)
        return layers_below(first)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(encodings, "MAX_PARTS", most)
        patched.setitem(globals(), "MAX_PARTS", most)
        patched.setattr("runtime.packs.safety.views.layers_below", noted)
        for text in joined(items):
            read.__wrapped__(text)
            assert layers_below(given_to[-1]) == all_read(given_to[-1])


def test_of_a_long_list_no_more_is_decoded_than_may_be_looked_at() -> None:
    text = "".join(f"a{number}\n" if number % 2 else f"a{number}" for number in range(8_000))
    decoded: list[str] = []

    def noted(blob: str) -> Iterator[str]:
        decoded.append(blob)
        return encodings._from_base64(blob)

    with pytest.MonkeyPatch.context() as patched:
        patched.setitem(encodings._DECODE, encodings.BASE64, noted)
        assert len(read.__wrapped__(text).parts) == MAX_PARTS
    assert len(decoded) < 5_000


@given(st.one_of(st.binary(max_size=12), st.text(max_size=4).map(str.encode), st.text(max_size=5).map(lambda t: t.encode("gb18030")), st.text(max_size=5).map(lambda t: t.encode("utf-16-le", "replace"))))  # fmt: skip
@settings(max_examples=200, deadline=None)
def test_few_bytes_say_what_they_say_when_judged_as_many_are(raw: bytes) -> None:
    assert list(encodings._readable(raw)) == read_at_length(raw)


def test_few_bytes_of_every_kind_say_so_too() -> None:
    chance = random.Random(5)
    for size in chain(range(12), [2, 3, 4, 5] * 200):
        raw = bytes(
            chance.choice((0, 9, 32, 65, 98, 127, 0x4E, 0x80, 0xB0, 0xC4, 0xE4, 0xEF, 0xBF, 0xBD))
            for _ in range(size)
        )
        assert list(encodings._readable(raw)) == read_at_length(raw)


@given(st.text(alphabet="ab \n.é炸", min_size=1, max_size=30))
def test_each_letter_of_words_is_known_where_it_stands(text: str) -> None:
    words = Words(View(text, range(len(text)), range(1, len(text) + 1)))
    places = [0]
    for word in WORD.finditer(text):
        places += [*range(*word.span()), word.end() - 1]
    found = word_list._WordPlaces(words)
    assert [found[place] for place in range(len(places))] == places
    spaced = f" {' '.join(words.each)} "
    if words.each:
        assert words.borders == [place for place, char in enumerate(spaced) if char == " "]


def test_the_views_of_a_text_are_its_own_and_those_of_its_parts() -> None:
    reading: Reading = read(base64.b64encode(b"how to make a bomb at home").decode())
    assert reading.parts and len(reading.views) > len(reading.own)
