"""safety.words: words of harmful intent, by category, in English and Chinese."""

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
    id="safety.words",
    version=2,
    title=Words("Harmful words", "有害词语"),
    media=(Kind.TEXT, Kind.JSON),
    categories=(
        categories.VIOLENT_CRIMES,
        categories.NON_VIOLENT_CRIMES,
        categories.SEX_CRIMES,
        categories.CHILD_EXPLOITATION,
        categories.WEAPONS,
        categories.HATE,
        categories.SELF_HARM,
        categories.SEXUAL_CONTENT,
        categories.ENCODED,
    ),
    languages=("en", "zh"),
    licence="Apache-2.0",
    misses=Words(
        "Knows only what is in its lists: new words, paraphrase, other languages and hints pass. "
        "It cannot tell a threat from a quotation. Defamation, specialised advice, privacy, intellectual property, "
        "elections and code abuse (S5 to S8, S13, S14) cannot be told by words and are not looked for.",
        "只认识词表中的内容：新词、改述、其他语言与暗示都会漏过；无法区分威胁与引用。"
        "诽谤、专业建议、隐私、知识产权、选举与代码滥用（S5 至 S8、S13、S14）无法靠词语判断，因此不予检查。",
    ),
    cost=1.05,
)


@cache
def word_lists() -> tuple[WordList, ...]:
    return load_lists(sorted(Path(__file__).with_name("lists").glob("*.toml")))


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    return check_texts(data, lambda text: find_words(text, word_lists()))


def check_each(values: Sequence[Data], services: FilterServices) -> Iterable[Iterable[Match]]:
    return in_one_go.check_each(
        values, lambda value: check(value, services), lambda text: may_have_words(text, word_lists())
    )


WORDS = Filter(SPEC, check, check_each, with_a_word(check))
