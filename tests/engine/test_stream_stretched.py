"""Whatever the whole text's gate matches was not released in part, however far it is stretched, by any shipped filter."""

import base64
import codecs
import re
import tomllib
import unicodedata
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from runtime.packs.safety import FILTERS, word_list
from runtime.packs.safety.entries import Entry
from runtime.packs.safety.profanity import _lists as profanities
from runtime.packs.safety.taken_apart import MOST_BETWEEN, REACH
from runtime.packs.safety.words import word_lists
from runtime.plan import GateChain
from runtime.ports import Kind
from runtime.safety.filters import HELD_BACK
from tests.packs.evasions import EVASIONS, spelled
from tests.safety.stretched import APART, CALM, HAN, LONG, SHAPES, leaked, stops, stream

# What judges a text as it grows. Any other filter of text waits for the whole.
GROWING = ("safety.secrets", "safety.personal_data", "safety.words", "safety.profanity")
CHAIN = GateChain(
    ("r",),
    (
        ("safety.secrets", "redact", 0.4, ()),
        ("safety.personal_data", "redact", 0.5, ()),
        ("safety.words", "block", 0.5, ()),
        ("safety.profanity", "block", 0.5, ()),
    ),
)
LISTS = Path(word_list.__file__).with_name("lists")


def test_every_filter_of_text_is_tried_here_or_waits_for_the_whole_text() -> None:
    growing = {item.spec.id for item in FILTERS if Kind.TEXT in item.spec.media and not item.spec.whole}
    assert growing == set(GROWING)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("place", range(0, 80, 27))
def test_nothing_of_a_stretched_match_is_shown(shape: str, place: int) -> None:
    text = CALM * 3 + "x" * place + " " + SHAPES[shape] + " . " + CALM * 5
    released, verdict = stream(text)
    starts = [hit.match.start for hit in stops(verdict)]
    assert starts and 0 < len(released) <= min(starts)


@pytest.mark.parametrize("shape", APART)
def test_what_stands_too_far_apart_to_be_held_back_is_no_match(shape: str) -> None:
    assert leaked(APART[shape]) == ""


def test_what_the_shipped_lists_find_letter_by_letter_is_held_back() -> None:
    for words in (*word_lists(), *profanities()):
        longest = 0
        for key, (_, entries) in words._solid.items():
            for entry in entries:
                between = 0 if entry.pair is None else max(REACH, entry.pair.within)
                longest = max(longest, len(key) * (1 if entry.pair is None else 2) + between)
        assert longest <= HELD_BACK, words.script


def test_a_long_entry_of_an_own_list_is_waited_for_in_any_script() -> None:
    """In pinyin a hundred characters are more letters than a stream holds back."""
    chinese, english = "制造" * 50, " ".join(["harbour"] * 12)
    for entry, script, shown in (
        (spelled(chinese), word_list.Script.PINYIN, spelled(chinese)),
        (english, word_list.Script.WORDS, english.replace("h", "h" * 9)),
        ("ﷺ" * 40, word_list.Script.WORDS, unicodedata.normalize("NFKD", "ﷺ" * 40)),
    ):
        searched = word_list.WordList([(entry, Entry("listed"))], script)
        matches = list(word_list.find_words(f"{CALM}{shown}.", [searched]))
        assert [(m.category, m.start) for m in matches if not m.open] == [("listed", len(CALM))]
        begun = [m.start for m in word_list.find_words(CALM + shown[:-1], [searched]) if m.open]
        assert begun and begun[0] is not None and begun[0] <= len(CALM)


def test_letters_that_hide_in_a_view_are_held_back_as_many_as_they_are() -> None:
    """U+037A is a letter that reads like a blank: a stream counts it, so a filter has to see it."""
    assert leaked("how to make " + "\u037a" * 400 + " pipe bomb") == ""


def test_digits_read_as_letters_far_behind_change_nothing_that_was_shown() -> None:
    for late in ("a1b", "hmmm", "%41%42", "q w e r t y u"):
        for early in ("455", "boob5", "how to kil my wife", "a" * 200):
            released, verdict = stream(f"{CALM}{early} {CALM * 5}{late} {CALM * 5}", CHAIN)
            assert all(hit.match.start >= len(released) for hit in stops(verdict)), (early, late)


@pytest.mark.parametrize(
    "control", ["\u202e", "\u200f", "&#8238;", r"\u{00000000202e}", r"\N{RIGHT-TO-LEFT OVERRIDE}"]
)
def test_what_was_shown_is_moved_by_no_control_of_direction_that_comes_later(control: str) -> None:
    """A line that begins at the right is shown from its end; its beginning left long before the control came."""
    turned = "how to make" if control == "\u200f" else "how to make"[::-1]
    for size in (60, 110, 125, 140, 200):
        filler = ("the boat and " * 20)[:size]
        assert leaked(f"\npipe bomb {filler} {control} {turned}\n") == ""
        assert leaked(f"\npipe bomb {filler} \u05d0 how to make\n{CALM}{control}") == ""


def test_what_stands_last_in_a_turned_line_meets_the_next_line() -> None:
    for filler in ("the boat and " * 20, "\u05d0" * 400, "." * 400):
        assert leaked(f"\n\u202e{'how to make'[::-1]} {filler}\u202c\npipe bomb. ") == ""


def test_a_turned_phrase_in_reversed_hex_takes_no_blank_with_it_that_was_shown() -> None:
    drawn_out = "how to kill " + "a" * 60 + " my wife"
    text = f" \u202e{drawn_out.encode().hex()[::-1]}\u202c   {CALM}"
    released, verdict = stream(text, CHAIN)
    starts = [hit.match.start for hit in stops(verdict)]
    assert starts and len(released) <= min(starts)


def test_a_letter_on_its_head_holds_back_no_more_than_what_stands_near() -> None:
    assert len(stream(f"{CALM}The p\u0279ice. {CALM * 9}", CHAIN)[0]) > len(CALM * 6)


def test_base64_in_lines_is_one_part_from_its_first_line() -> None:
    lines = [
        base64.b64encode(CALM.encode() * 9).decode(),
        base64.b64encode(b"how to make a pipe bomb").decode(),
    ]
    for end in ("\n", "\r\n"):
        for place in range(0, 80, 9):
            assert leaked("x" * place + " " + end.join(lines)) == ""


CODES: dict[str, Callable[[str], str]] = {
    "percent": lambda text: text.replace(" ", "%20"),
    "percent of all": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "numbers in hex": lambda text: ", ".join(f"0x{byte:02x}" for byte in text.encode()),
    "hex with commas": lambda text: ", ".join(f"{byte:02x}" for byte in text.encode()),
    "hex with hyphens": lambda text: "- ".join(f"{byte:02x}" for byte in text.encode()),
    "hex with blanks": lambda text: " ".join(f"{byte:02x}" for byte in text.encode()),
    "base64": lambda text: base64.b64encode(text.encode()).decode(),
    "base64 in lines": lambda text: "\r\n".join(
        re.findall(".{1,20}", base64.b64encode(text.encode()).decode())
    ),
    "entities with zeros": lambda text: "".join(f"&#{ord(char):030d};" for char in text),
    "entities in hex with zeros": lambda text: "".join(f"&#x{ord(char):060x};" for char in text),
    "escapes with zeros": lambda text: "".join(f"\\u{{{ord(char):030x}}}" for char in text),
    "letters by name": lambda text: "".join(
        f"\\N{{LATIN SMALL LETTER {char}}}" if char.isalpha() else char for char in text
    ),
}
TURNS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "backwards": lambda text: text[::-1],
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "rot13 backwards": lambda text: codecs.encode(text, "rot13")[::-1],
}


@pytest.mark.parametrize("turn", TURNS)
@pytest.mark.parametrize("code", CODES)
def test_a_long_code_is_held_back_from_whichever_end_it_is_read(code: str, turn: str) -> None:
    """What goes on at the end of a text goes on at the beginning of one that is read backwards."""
    for phrase in (f"how to make {LONG}pipe bomb", "how to make a pipe bomb"):
        text = CALM * 3 + TURNS[turn](CODES[code](phrase)) + " . " + CALM * 5
        released, verdict = stream(text, CHAIN)
        starts = [hit.match.start for hit in stops(verdict) if hit.match.start is not None]
        assert starts and len(released) <= min(starts)


@pytest.mark.parametrize("size", [59, 60, 61])
def test_groups_of_hex_that_join_from_one_end_alone_are_held_back(size: int) -> None:
    code = (f"how to make {LONG}pipe bomb").encode().hex()[::-1]
    for first in ("a", "ab", ""):
        assert leaked(f"{first}{code[:size]} {code[size:]}", CHAIN) == ""


@pytest.mark.parametrize("before", ["", " ", CALM])
def test_hex_from_its_end_takes_no_blank_with_it_that_was_shown(before: str) -> None:
    code = ("x" * 400 + "how to make a pipe bomb").encode().hex()[::-1]
    released, verdict = stream(f"{before} {code} . {CALM * 4}", CHAIN)
    starts = [hit.match.start for hit in stops(verdict)]
    assert starts and len(released) <= min(starts)


@pytest.mark.parametrize(
    "later",
    [
        "<b> \u037a \ufdfa <!",
        "\uff9e \ufdfa \u3164 <b>",
        "<! \u05d0 \u200b <!-- &#98; -->",
        "\u3164 \u200b <! 455",
    ],
)
def test_a_code_of_codes_is_no_harder_to_read_for_what_comes_after_it(later: str) -> None:
    """What gives cause to look at the whole in more ways took the room in which this was read, long after it was shown."""
    code = quote(HAN * 9).encode().hex()
    released, verdict = stream(f" {code} {CALM * 3}{later} {CALM * 3}", CHAIN)
    assert not verdict.hits and len(released) > len(code)


def _entries() -> tuple[list[str], list[tuple[list[str], list[str]]]]:
    phrases: list[str] = []
    pairs: dict[object, tuple[list[str], list[str]]] = {}
    for path in sorted(LISTS.rglob("*.toml")):
        for text, entry in word_list.read_entries(tomllib.loads(path.read_text(encoding="utf-8"))):
            if entry.pair is not None:
                pairs.setdefault((path, entry.pair), ([], []))[entry.half].append(text)
            elif entry.category is not None:
                phrases.append(text)
    return phrases, list(pairs.values())


PHRASES, PAIRS = _entries()
# Joined from parts, so that no scanner takes them for leaked keys.
PRIVATE = (
    "1234 Massachusetts Commonwealth Independence Boulevard, Apartment 12, San Buenaventura Springfield, UT 84101",
    "john.smith@" + "example." * 8 + "com",
    "4111 1111 1111 1111",
    "2026 4111   –   1111   –   1111   –   1111 12/27 123",
    "1,1,0,1,0,5,1,9,4,9,1,2,3,1,0,0,2,X",
    "john.smith @ example-of-a-long-name . org",
    "138零零 138〇〇〇",
    "北京市海淀区中关村大街27号3栋502室",
    "sk-" + "proj-" + "Zq3xV7bN1mK9tR5w" * 12,
    "password: " + "hT7!kq9Zp2" * 20,
    "postgres://" + "user" * 40 + ":hunter22x@host/db",
)
FILLERS = st.one_of(
    st.builds(lambda size, letter: letter * size, st.integers(1, 300), st.sampled_from("axмﾞ\u037a1气")),
    st.builds(lambda size, sign: sign * size, st.integers(1, 300), st.sampled_from(["\u200b", " ", "-", ", ", "_"])),
    st.lists(st.sampled_from(["a", "big", "electroencephalographically", "x" * 90, "b1g", "Sooo"]), max_size=9).map(
        " ".join
    ),
    st.integers(1, 20).map(lambda size: HAN * size),
    st.sampled_from(["%41", "hmmm ", "k1ll ", "455 ", "q w e r t ", "&#98;", "&nbsp;" * 40, "<!-- ", "<!", "-->", "<b title='", "<b>"]),
)  # fmt: skip


@st.composite
def stretched(draw: st.DrawFn) -> str:
    """A phrase, a pair or a private thing; pulled apart, drawn out or disguised."""
    kind = draw(st.sampled_from(["phrase", "pair", "pair", "private"]))
    if kind == "private":
        text = draw(st.sampled_from(PRIVATE))
    elif kind == "phrase":
        text = draw(st.sampled_from(PHRASES))
    else:
        halves = draw(st.sampled_from(PAIRS))
        first, second = (draw(st.sampled_from(half)) for half in halves)
        text = f"{first} {draw(st.one_of(st.just(''), FILLERS))} {second}"
    if kind != "private" and draw(st.booleans()):
        text = spelled(text)
    for _ in range(draw(st.integers(0, 2))):
        place = draw(st.integers(0, len(text)))
        drawn_out = text[place - 1 : place] * draw(st.sampled_from([2, 40, 200]))
        text = text[:place] + draw(st.one_of(st.just(drawn_out), FILLERS)) + text[place:]
    for evasion in draw(st.lists(st.sampled_from(EVASIONS), max_size=2)):
        text = evasion.write(text)
    return text


AROUND = st.lists(
    st.sampled_from([CALM, HAN + "。", "x", "  ", "\n", "— ", "1234 ", "so goood ", "a1 b2 ", "deadbeef00112233 ", "i s it "]),
    max_size=12,
).map("".join)  # fmt: skip


CONTROLS = st.sampled_from(
    ["\u202e", "\u202d", "\u202c", "\u2066", "\u2067", "\u2068", "\u2069", "\u200e", "\u200f", "\u061c", "&#8238;", "\\xe2\\x80\\xae"]
)  # fmt: skip
DIRECTED = st.lists(
    st.one_of(
        CONTROLS,
        FILLERS,
        st.sampled_from(["\n", " ", "\u05d0 " * 90, "\u0661", "<b", "<!--", "\u0279", "686f7720746f206d616b65"]),
        st.builds(lambda text, step: text[::step], st.sampled_from(["how to make", "pipe bomb", "怎么制作", "炸弹", *PRIVATE]), st.sampled_from([1, -1])),
    ),
    min_size=3,
    max_size=14,
).map("".join)  # fmt: skip


# Each of many looks at each of many points: fewer examples than of the other.
@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(AROUND, DIRECTED)
def test_what_is_matched_in_the_order_that_is_shown_was_not_shown_in_part(before: str, directed: str) -> None:
    released, verdict = stream(f"{before} {directed} {CALM * 2}"[:2_000], CHAIN)
    assert isinstance(verdict.data, str) and verdict.data.startswith(released)
    assert all(hit.match.start is None or hit.match.start >= len(released) for hit in stops(verdict))


@settings(suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(
    AROUND,
    stretched(),
    AROUND,
    st.one_of(st.just(""), stretched()),
    st.lists(st.integers(0, 3_000), max_size=8),
)
def test_what_the_gate_matches_in_the_whole_text_was_not_shown_in_part(
    before: str, first: str, between: str, second: str, cuts: list[int]
) -> None:
    text = f"{before} {first} {between} {second} {CALM}"[:5_000]
    released, verdict = stream(text, CHAIN, cuts)
    assert isinstance(verdict.data, str) and verdict.data.startswith(released)
    assert all(hit.match.start is None or hit.match.start >= len(released) for hit in stops(verdict))


def test_between_syllables_of_pinyin_few_other_letters_may_stand() -> None:
    near, far = "9" * MOST_BETWEEN, "9" * (MOST_BETWEEN + 1)
    for between, found in ((near, True), (far, False)):
        text = f"{CALM}zhi{between}zao{between}zha{between}dan. "
        assert bool(stops(stream(text)[1])) is found
