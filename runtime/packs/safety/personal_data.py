"""safety.personal_data: addresses, phone numbers, identity cards, bank cards and accounts, by rule."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from runtime.packs.safety import categories, in_one_go
from runtime.packs.safety.letters import with_plain_signs
from runtime.packs.safety.looks import Look, looks, lowered
from runtime.packs.safety.numbers import (
    ABROAD,
    IBAN_LENGTHS,
    cards_in,
    is_hong_kong_card,
    is_iban,
    is_id_card,
    is_social_security,
    is_taiwan_card,
    telephone_in,
)
from runtime.packs.safety.texts import check_texts, joined
from runtime.ports import Kind
from runtime.safety.filters import Category, Filter, FilterServices, FilterSpec, Match
from runtime.values import Data
from runtime.words import Words

SPEC = FilterSpec(
    id="safety.personal_data",
    version=2,
    title=Words("Personal data", "个人信息"),
    media=(Kind.TEXT, Kind.JSON),
    categories=(
        categories.EMAIL,
        categories.PHONE,
        categories.ID_CARD,
        categories.BANK_CARD,
        categories.IBAN,
        categories.ADDRESS,
    ),
    languages=("en", "zh"),
    licence="Apache-2.0",
    misses=Words(
        "Looks for forms, not for people: names, passports and numbers written as words, encoded or "
        "with rare signs between their groups pass, and so may two numbers, or a number and an address, with a lone "
        "hyphen or point between them, whole or in part. Identity "
        "numbers are known of mainland China, Hong Kong, Taiwan and the United States; addresses of mainland China, "
        "the United States and Britain, when street, number and city or postcode are all there. A long number may "
        "look like a phone number without being one.",
        "只识别格式：姓名、护照号、写成文字、经编码或以罕见符号分组的号码都会漏过，两个号码或号码与地址之间只隔一个连字符或点号时，也可能全部或部分漏过。证件号仅限中国大陆、香港、台湾与美国；"
        "地址仅限中国大陆、美国与英国，且须同时写明街道、门牌号及城市或邮编；较长的数字可能被误认为电话号码。",
    ),
    cost=0.28,
    private=True,
)


# No form begins inside of a number or a word, but for those of Chinese. Chinese is one word for as long as it goes on.
_WORD = re.compile(r"[^\W_]{0,64}+")


@dataclass(frozen=True, slots=True)
class Rule:
    """A form of personal data. Where the `sign` stands nowhere in a text, that form does not either.

    A `run` has all of what it is looked for in. What has another form may be what is looked for from a later place on, and so may
    the end of what is one: "0958 020 7946" is one form, and the beginning of the next number of a list.
    """

    category: str
    score: float
    form: re.Pattern[str]
    sign: re.Pattern[str]
    is_one: Callable[[str], bool]
    run: Callable[[str], Iterable[tuple[int, int]]] | None = None

    def all_in(self, text: str, written: str) -> Iterator[tuple[int, int]]:
        """Where it stands in a text; `written` is the same with its own blanks."""
        place = 0
        while found := self.form.search(text, place):
            start, place = found.span()
            if self.run:
                blanks = zip(found[0], written[start:place], strict=True)
                run = "".join(own if own.isspace() else said for said, own in blanks)
                yield from ((start + first, start + last) for first, last in self.run(run))
            elif self.is_one(found[0]):
                yield start, place
                word = _WORD.match(text, start + 1)
                place = min(place, word.end()) if word else place
            else:
                place = start + 1


def _always(_: str) -> bool:
    return True


def _rule(
    category: Category,
    score: float,
    sign: re.Pattern[str],
    form: str,
    is_one: Callable[[str], bool] = _always,
    run: Callable[[str], Iterable[tuple[int, int]]] | None = None,
) -> Rule:
    return Rule(category.id, score, re.compile(form), sign, is_one, run)


# Each is found in a fraction of the time that its forms take, and most texts have none of them. Digits are those of ASCII
# by then, for which a search is twice as fast as for those of all scripts.
_AT = re.compile("@")
_AT_APART = re.compile(r"@(?: |[a-z0-9.-]*(?: \.|\. )|(?<= @))")
_AT_IN_BRACKETS = re.compile(r"[\[({] ?at")
_PLUS = re.compile(r"\+")
_CHECK_IN_BRACKETS = re.compile(r"\([0-9a]\)")
_LONG_NUMBER = re.compile(r"[0-9](?:[ ()._/,|\u00b7-]{0,7}[0-9]){7}")
_COUNTRY = re.compile(r"\d\d(?<=[a-z]{2}\d\d)")
_HOUSE_IN_CHINA = re.compile(r"\d号")

_HAN = "\u4e00-\u9fff"
_STREET = r"(?:street|st|avenue|ave|road|rd|boulevard|blvd|lane|ln|drive|dr|court|ct|way|place|pl|square|sq|close|crescent|terrace)"
_NUMBERED = (
    rf"(?<![^\W_])\d{{1,5}}[a-z]?(?: ?- ?\d{{1,5}}[a-z]?)? (?:[a-z'.]{{1,15}} ){{1,4}}{_STREET}\b\.?,? "
)
_HOUSE = re.compile(_NUMBERED)
# Letters that look like digits, and Chinese digits, in numbers long enough for what is looked for.
_LIKE_DIGITS = re.compile(r"[0-9](?:[lio|]|(?<=[lio|].))")
_ALIKE = re.compile(r"(?<![a-z0-9])[\dlio|](?:[ .()-]{0,3}[\dlio|]){9,22}(?![a-z0-9])")
# So many digits make a number of it; of one without gaps fewer, for no word has any.
MOSTLY, SOME = 7, 4
_CHINESE_DIGITS = "〇零一二三四五六七八九幺壹贰叁肆伍陆柒捌玖两"
# With others between them. A zero drawn as a circle is read as the letter that it looks like before it comes here.
_CHINESE_NUMBER = re.compile(rf"[{_CHINESE_DIGITS}\do](?:[ -]{{0,3}}[{_CHINESE_DIGITS}\dox]){{10,}}")
# Zeros that begin one apart, which English is full of.
_CHINESE_SIGN = re.compile(rf"[{_CHINESE_DIGITS}0-9](?:[ -]{{0,3}}[{_CHINESE_DIGITS}0-9ox]){{6,}}")
_DIGITS = str.maketrans(f"{_CHINESE_DIGITS}lio|", "00123456789112345678921101")
# Between groups of digits. What begins with blanks goes on with a sign or ends: no run of blanks is read in two ways.
# Numbers that no check digit tells from others have narrower gaps: a hyphen, blanks, or a sign alone.
_GAP = r"(?: {1,3}+(?:[,./|_\u00b7-] {0,3}+)?|[,./|_\u00b7-] {0,3}+)"
_HYPHEN, _SIGN = r"(?: {1,3}+(?:- {0,2}+)?|- {0,2}+)", r"[,./|_\u00b7]"
_NARROW = rf"(?:{_HYPHEN}|{_SIGN})"
# Signs that may stand in an address belong to it, but are none alone (a patch has "-@app.route"). Beside a number a sign makes it longer only with a digit behind.
_LOCAL = r"(?<![a-z0-9])(?![_.+%-]{1,64}@)[a-z0-9_.+%-]"
_FIRST, _LAST = r"(?<!\d)(?<!\d[.-])", r"(?!-?\d)"
_ROOM = r"(?:(?:apt|apartment|suite|unit|flat|#)\.? ?\w{1,5},? )?"

_LENGTHS = sorted(set(IBAN_LENGTHS.values()))
_ACCOUNTS = "|".join(
    rf"(?:{'|'.join(country for country, length in IBAN_LENGTHS.items() if length == size)})\d\d(?:{_NARROW}?[a-z0-9]){{{size - 4}}}"
    for size in _LENGTHS
)

# Areas of China, and ends of addresses that nothing else has that stands behind "@" and a blank.
_AREA = r"0(?:10|2\d|[3-9]\d\d)"
_LABEL = r"[a-z0-9-]{1,24}"
_ENDING = r"(?:com|net|org|edu|gov|info|cn|uk|de|fr|eu|jp|hk|tw|kr|ru|au|ca|ch|nl)"

# Of two that recognise the same place, or one a part of the other's, the first rule counts. Each form is shorter than what a stream holds back, but for those that
# `_BEGUN` names.
_RULES: tuple[Rule, ...] = (
    _rule(categories.EMAIL, 1.0, _AT, rf"{_LOCAL}{{1,64}}@(?:[a-z0-9-]{{1,63}}\.){{1,4}}[a-z]{{2,24}}(?![a-z0-9])"),
    _rule(categories.EMAIL, 0.8, _AT_APART, rf"{_LOCAL}{{1,30}}(?:(?: @ ?|@ )(?:{_LABEL} ?\. ?){{1,3}}|@(?:{_LABEL}\.)?{_LABEL}(?: \. ?|\. )(?:{_LABEL} ?\. ?)?){_ENDING}(?![a-z0-9])"),
    _rule(categories.EMAIL, 0.8, _AT_IN_BRACKETS, rf"{_LOCAL}{{1,32}} ?[\[({{] ?at ?[\])}}] ?[a-z0-9-]{{1,30}}(?: ?(?:[\[({{] ?dot ?[\])}}]|\.) ?[a-z0-9-]{{2,12}}){{1,2}}(?![a-z0-9])"),
    _rule(categories.ID_CARD, 1.0, _LONG_NUMBER, rf"(?<!\d)[1-8](?:{_GAP}?\d){{5}}{_GAP}?(?:1{_GAP}?9|2{_GAP}?0)(?:{_GAP}?\d){{9}}{_GAP}?[\dx](?![\da-z])", is_id_card),
    _rule(categories.ID_CARD, 0.9, _CHECK_IN_BRACKETS, r"(?<![a-z0-9])[a-z]{1,2}\d{6} ?\([\da]\)", is_hong_kong_card),
    _rule(categories.ID_CARD, 0.9, _LONG_NUMBER, r"(?<![a-z0-9])[a-z][1289]\d{8}(?![a-z0-9])", is_taiwan_card),
    _rule(categories.ID_CARD, 0.9, _LONG_NUMBER, rf"{_FIRST}\d{{3}}(?!,)({_NARROW})\d{{2}}\1\d{{4}}{_LAST}", is_social_security),
    _rule(categories.IBAN, 1.0, _COUNTRY, rf"(?<![a-z0-9])(?:{_ACCOUNTS})(?![a-z0-9])", is_iban),
    _rule(categories.BANK_CARD, 0.95, _LONG_NUMBER, rf"\d(?:{_GAP}?\d){{12,}}", run=cards_in),
    _rule(categories.PHONE, 0.95, _LONG_NUMBER, rf"(?<!\d)(?:(?:\+|00)?86{_NARROW}?)?(?:1[3-9]\d(?:[ -]?\d{{4}}[ -]?|({_NARROW})\d{{4}}\1)\d{{4}}|1({_HYPHEN})[3-9]\d\d\2\d{{3}}\2\d{{4}})(?!\d)"),
    _rule(categories.PHONE, 0.8, _LONG_NUMBER, rf"(?<!\d)(?<!\d[ ,./|_\u00b7-])1({_NARROW})[3-9](?:\1\d){{9}}(?!\1?\d)"),  # the same digit by digit
    _rule(categories.PHONE, 0.9, _PLUS, rf"(?<![a-z0-9])(?!\+\d{{1,3}}(?:,\d{{3}})+(?![\d,]))\+[1-9]\d{{0,14}}+\)?(?:{_HYPHEN}?\(0\))?(?:(?:{_NARROW}\(?|\(|(?<=\)))\d{{1,12}}+\)?){{0,8}}(?!\d)", run=telephone_in),
    _rule(categories.PHONE, 0.8, _LONG_NUMBER, rf"{_FIRST}(?=00\d(?:\D{{0,8}}\d){{8}})00{ABROAD}{_HYPHEN}(?:\(0\){_HYPHEN}?)?\d{{1,4}}(?:{_HYPHEN}\d{{2,8}}){{1,4}}{_LAST}"),
    _rule(categories.PHONE, 0.8, _LONG_NUMBER, rf"{_FIRST}(?:\({_AREA}\){_NARROW}?|{_AREA}{_HYPHEN})\d{{3,4}}{_HYPHEN}?\d{{4}}(?!\d)"),  # China, landline
    _rule(categories.PHONE, 0.8, _LONG_NUMBER, rf"{_FIRST}[48]00(?:{_HYPHEN}\d{{3}}{_HYPHEN}?|({_SIGN})\d{{3}}\1)\d{{4}}{_LAST}"),
    _rule(categories.PHONE, 0.8, _LONG_NUMBER, rf"{_FIRST}(?:1{_NARROW})?(?:\([2-9]\d\d\){_NARROW}?[2-9]\d\d{_NARROW}|[2-9]\d\d(?:(?:{_HYPHEN}|\.)[2-9]\d\d(?:{_HYPHEN}|\.)|({_SIGN})[2-9]\d\d\1))\d{{4}}{_LAST}"),  # North America
    _rule(categories.PHONE, 0.8, _LONG_NUMBER, rf"{_FIRST}(?:\(0[1-35789]\d{{1,3}}\){_HYPHEN}?\d{{3,4}}{_HYPHEN}?|(?!0\d\d,\d{{3}},)0[1-35789]\d{{1,3}}(?: {{1,3}}\d{{3,4}} {{0,3}}|({_NARROW})\d{{3,4}}\1))\d{{3,4}}{_LAST}"),  # Britain
    _rule(categories.PHONE, 0.8, _LONG_NUMBER, rf"{_FIRST}0[1-9](?:(?:[ .]\d{{2}}){{4}}|({_NARROW})\d\d(?:\1\d\d){{3}}){_LAST}"),  # France
    _rule(categories.PHONE, 0.8, _LONG_NUMBER, rf"{_FIRST}0[1-9](?: ?- ?\d{{4}} ?- ?\d{{4}}|\d ?- ?\d{{3,4}} ?- ?\d{{4}}|\d\d ?- ?\d{{2,3}} ?- ?\d{{4}}|\d{{1,3}}/\d{{5,8}}){_LAST}"),  # Japan, Taiwan, Germany
    _rule(categories.PHONE, 0.8, _LONG_NUMBER, rf"{_FIRST}09\d{{2}}(?:{_HYPHEN}\d{{3}}{_HYPHEN}?|({_SIGN})\d{{3}}\1)\d{{3}}{_LAST}"),  # Taiwan, mobile
    _rule(categories.ADDRESS, 0.8, _HOUSE_IN_CHINA, rf"[{_HAN}]{{2,4}}市[{_HAN}]{{1,8}}?[区县镇][{_HAN}\d]{{1,12}}?[路街道巷弄][{_HAN}\d]{{0,6}}?\d{{1,5}}号(?:[{_HAN}\da-z-]{{1,8}}?[室楼栋幢座])*"),
    _rule(categories.ADDRESS, 0.8, _HOUSE, rf"{_NUMBERED}{_ROOM}(?:[a-z.]{{2,15}} ?){{1,3}},? [a-z]{{2}},? \d{{5}}(?:-\d{{4}})?(?!\d)"),
    _rule(categories.ADDRESS, 0.8, _HOUSE, rf"{_NUMBERED}{_ROOM}(?:[a-z.]{{2,15}},? ){{1,3}}[a-z]{{1,2}}\d[a-z\d]? \d[a-z]{{2}}(?![a-z0-9])"),
)  # fmt: skip
_SIGNS = frozenset(rule.sign for rule in _RULES)

# The forms that can be longer than what a stream holds back. After street and number an address has a room, a city of
# three words and a postcode.
_EMAIL_BEGINS = re.compile(rf"{_LOCAL}{{1,64}}@[a-z0-9.-]*+\Z")
_ADDRESS_BEGINS = re.compile(rf"{_NUMBERED}[a-z0-9.,# -]{{0,84}}\Z")
_BEGUN = ((_AT, _EMAIL_BEGINS, categories.EMAIL), (_HOUSE, _ADDRESS_BEGINS, categories.ADDRESS))


class _Found(NamedTuple):
    """Where a rule has recognised its form; `rank` is the rule's place among all."""

    start: int
    end: int
    rank: int


def _told(found: Collection[_Found]) -> Iterator[_Found]:
    """What no earlier rule has said of all of it, or of a part that lies within. Those that only overlap stand beside each other.

    Whether a place is told so hangs on what is found around it alone, told or not: were each to push the next aside, a card far
    behind would decide whether an address is one, when its beginning has been shown.
    """
    # By rank: how far what begins no later reaches, and how soon what begins no earlier ends.
    reach: dict[int, int] = {}
    soonest: dict[int, int] = {}
    around, within = set(), set()
    for item in sorted(found, key=lambda item: (item.start, -item.end, item.rank)):
        if any(end >= item.end for rank, end in reach.items() if rank <= item.rank):
            around.add(item)
        reach[item.rank] = max(item.end, reach.get(item.rank, 0))
    for item in sorted(found, key=lambda item: (-item.start, item.end, item.rank)):
        if any(end <= item.end for rank, end in soonest.items() if rank < item.rank):
            within.add(item)
        soonest[item.rank] = min(item.end, soonest.get(item.rank, item.end))
    yield from sorted({*found} - around - within)


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    return check_texts(data, _check_text)


def _check_text(text: str) -> Iterator[Match]:
    return joined(_in_every_look(text))


def _in_every_look(text: str) -> Iterator[Match]:
    seen = looks(text)
    for look in seen.each:
        for said in _with_digits(with_plain_signs(lowered(look.text))):
            yield from _find(replace(look, text=said), look.text, len(text))
    if seen.open_from is not None:
        yield Match(categories.EMAIL.id, 1.0, seen.open_from, len(text), open=True)


def _find(look: Look, written: str, length: int) -> Iterator[Match]:
    seen = {sign for sign in _SIGNS if sign.search(look.text)}
    found = {
        _Found(start, end, rank)
        for rank, rule in enumerate(_RULES)
        if rule.sign in seen
        for start, end in rule.all_in(look.text, written)
    }
    for start, end, rank in _told(found):
        yield Match(_RULES[rank].category, _RULES[rank].score, *look.span(start, end))
    for sign, form, category in _BEGUN:
        begun = form.search(look.text) if sign in seen and not look.mixed else None
        if begun:
            yield Match(category.id, 1.0, look.starts[begun.start()], length, open=True)


def _with_digits(text: str) -> Iterator[str]:
    """The text, and with what stands for digits in its numbers as digits: "l38", "一三八"."""
    yield text
    if _LIKE_DIGITS.search(text) or _CHINESE_SIGN.search(text):
        said = _CHINESE_NUMBER.sub(_as_chinese_digits, _ALIKE.sub(_as_digits, text))
        if said != text:
            yield said


def _as_digits(number: re.Match[str]) -> str:
    """Each number is asked by itself: what stands elsewhere in a text does not change what has been shown of it."""
    # What is mostly letters is a word.
    least = SOME if number[0].isalnum() else MOSTLY
    is_number = _LIKE_DIGITS.search(number[0]) and sum(map(str.isdigit, number[0])) >= least
    return number[0].translate(_DIGITS) if is_number else number[0]


def _as_chinese_digits(number: re.Match[str]) -> str:
    return number[0].translate(_DIGITS) if _CHINESE_SIGN.search(number[0]) else number[0]


def check_each(values: Sequence[Data], services: FilterServices) -> Iterable[Iterable[Match]]:
    return in_one_go.check_each(values, lambda value: check(value, services), _may_have)


def _may_have(text: str) -> bool:
    return any(not match.open for match in _in_every_look(text))


PERSONAL_DATA = Filter(SPEC, check, check_each)
