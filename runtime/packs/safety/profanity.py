"""safety.profanity: swearing and insults in English and Chinese, for rules that want a polite tone."""

from collections.abc import Iterable, Sequence
from functools import cache
from pathlib import Path

from runtime.packs.safety import categories, in_one_go
from runtime.packs.safety.texts import check_texts
from runtime.packs.safety.word_list import WordList, find_words, load_lists, may_have_words
from runtime.ports import Kind
from runtime.safety.filters import Filter, FilterServices, FilterSpec, Match, with_a_word
from runtime.values import Data
from runtime.words import Words

SPEC = FilterSpec(
    id="safety.profanity",
    version=1,
    title=Words("Profanity", "粗口与辱骂"),
    media=(Kind.TEXT, Kind.JSON),
    categories=(categories.PROFANITY, categories.ENCODED),
    languages=("en", "zh"),
    licence="Apache-2.0",
    misses=Words(
        "Knows the words on its list and no tone: insults without them pass, and a friendly curse, a quotation and a "
        "name that is also a curse are found. Short pinyin and initials of it mostly pass.",
        "只认识词表中的词，不懂语气：不含脏话的羞辱会漏过，善意的调侃、引用以及与脏话同形的名字会被误伤；较短的拼音与首字母缩写大多会漏过。",
    ),
    cost=1.11,
)


@cache
def _lists() -> tuple[WordList, ...]:
    return load_lists(sorted((Path(__file__).with_name("lists") / "profanity").glob("*.toml")))


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    return check_texts(data, lambda text: find_words(text, _lists()))


def check_each(values: Sequence[Data], services: FilterServices) -> Iterable[Iterable[Match]]:
    return in_one_go.check_each(
        values, lambda value: check(value, services), lambda text: may_have_words(text, _lists())
    )


PROFANITY = Filter(SPEC, check, check_each, with_a_word(check))
