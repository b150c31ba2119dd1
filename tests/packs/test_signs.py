"""What is looked for first, because it is cheap, is in everything that is looked for after it."""

import random
import re
import sys
from collections.abc import Iterator

from runtime.packs.safety import encodings, personal_data, secrets, views
from runtime.packs.safety.encodings import PLAIN
from runtime.packs.safety.letters import plain
from runtime.packs.safety.looks import clean
from tests.bench.detection import LANGUAGES, PARTS, filled, rows
from tests.packs.evasions import EVASIONS

# Forms of which the corpora have none, or few.
FORMS = (
    "(020) 7946 0958", "020 7946 0958", "+44 (0)20 7946 0958", "01 42 68 53 00", "03-1234-5678", "030/1234567",
    "0912-345-678", "400-820-8820", "(212) 555-0187", "0086 13812345678", "010-12345678", "bob ( at ) example dot com",
    "A123456(3)", "A123456789", "078-05-1120", "4111 1111 1111 1111", "GB82 WEST 1234 5698 7654 32", "11010519491231002X",
    "1-3-8-0-0-1-3-8-0-0-0", "john @ example.com", "0044 20 7946 0958", "1 High Street, York YO1 7HH", "北京市朝阳区建国路88号", "xoxb-0123456789", "1234567890:AA" + "x" * 33, "pa55: x",
    "toKen = aB3$aB3$xx", "https://me:secret@host", "令牌：abc123", "ſecret=abcDEF123!", "api key: abcDEF123!",
)  # fmt: skip
DISGUISED = (
    "b o m b", "a.b.o.m.b", "$ $ $ $", "b o m b", "_b_o_m_b_", "boooomb", "aGVsbG8gd29ybGQ=", "a" * 16, "ABCDEFGHIJ",
    "62 6f 6d 62 6d", "a G V s b G 8 g d 2 9 y", "k 1 l l", "ｂ o ｍ b", "nnａ", "aaａ", "İ s t a n", "abc-def_gh+1",
    "abcdefghijklmnopq\r\nabcdefghijklmnopqrs=", "one\ta\nb c\u3000d", "x" * 15 + "Y", "x" * 15,
)  # fmt: skip


def texts() -> Iterator[str]:
    yield from (*FORMS, *DISGUISED)
    for language in LANGUAGES:
        for number, row in enumerate(row for part in PARTS for row in rows(language, part)):
            text = filled(row["text"])
            yield text
            # Each line in one disguise, each disguise on many lines.
            yield EVASIONS[number % len(EVASIONS)].write(text[:200])


def test_where_a_form_of_personal_data_is_its_sign_is() -> None:
    found = 0
    for text in texts():
        normal = views.normalise(text).text
        for rule in personal_data._RULES:
            for match in rule.form.finditer(normal):
                found += 1
                assert rule.sign.search(match[0]), (rule.form.pattern, match[0])
    assert found > 100


def test_every_form_of_personal_data_is_among_these_texts() -> None:
    normal = [views.normalise(text).text for text in texts()]
    missing = [r.form.pattern for r in personal_data._RULES if not any(map(r.form.search, normal))]
    assert missing == []


def test_where_a_secret_is_its_sign_is() -> None:
    found = 0
    for text in texts():
        for form in (secrets._KEY, secrets._SHORT, secrets._RANDOM):
            for match in form.finditer(text):
                found += 1
                assert secrets._LONG_WORD.search(match[0]), match[0]
        for form in (secrets._NAMED, secrets._NAMED_BEGINS):
            for match in form.finditer(text):
                found += 1
                assert secrets._names_something(match[0]), match[0]
        for form in (secrets._IN_ADDRESS, secrets._ADDRESS_BEGINS):
            assert all("://" in match[0] for match in form.finditer(text))
    assert found > 50


def test_what_a_pattern_takes_for_a_letter_of_a_name_folds_to_it() -> None:
    every = "".join(map(chr, range(sys.maxunicode + 1)))
    for letter in sorted(set("".join(secrets._NAMES))):
        taken = re.findall(letter, every, re.IGNORECASE)
        assert letter in taken
        assert {char.casefold() for char in taken} == {letter}


def test_a_shape_holds_for_every_way_to_read_a_text() -> None:
    seen = {"encoded": 0, "apart": 0, "spaced": 0, "drawn_out": 0}
    for text in texts():
        for whole, shape in views._wholes(text):
            lowered = views._lowered(whole).text
            there = {
                "apart": views._APART.search(whole.text),
                "spaced": views._SPACED.search(lowered),
                "drawn_out": views._DRAWN_OUT.search(lowered),
            }
            for name, match in there.items():
                seen[name] += match is not None
                assert match is None or getattr(shape, name), (name, text)
            for plain_form in PLAIN:
                if plain_form.search(whole.text):
                    seen["encoded"] += 1
                    assert plain_form in shape.encoded, text
    assert min(seen.values()) > 10


def test_what_no_reading_makes_likely_is_told_before_it_is_read() -> None:
    for code in range(sys.maxunicode + 1):
        char = chr(code)
        said = plain(char)
        most = encodings._GROWN if char == encodings._LONGEST_GROWN else encodings._GROWS
        assert len(said) <= (most if encodings._MAY_GROW.match(char) else 1)
        if encodings._NEVER.match(char):
            assert said and len(encodings._UNLIKELY.findall(said)) == len(said)


def test_bytes_are_read_as_other_codes_as_far_as_is_needed_and_no_less() -> None:
    chance = random.Random(6)
    letters = "怎么制作炸弹ab, \u1100\u0301\ufeffｂ𝐛가\ufdfa\u321dяё\ue000㐀"
    asked = {True: 0, False: 0}
    for _ in range(3_000):
        rare = chance.choice((0, 0.03, 0.05, 0.06, 0.3))
        text = "".join(
            chance.choice(letters if chance.random() < rare else letters[:9])
            for _ in range(chance.choice((1, 2, 40, 600, 900)))
        )
        seen = clean(text).text
        likely = len(seen) >= 2 and len(encodings._UNLIKELY.findall(seen)) <= 0.05 * len(seen)
        assert list(encodings._if_likely(text)) == [text] * likely
        asked[likely] += 1
    assert min(asked.values()) > 500
