"""list.NAME.HASH: words that an administrator put on a list of the installation."""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

from runtime.packs.safety import categories, in_one_go
from runtime.packs.safety.entries import Entry
from runtime.packs.safety.texts import check_texts
from runtime.packs.safety.word_list import BORDERLESS, Script, WordList, find_words, in_pinyin, may_have_words
from runtime.ports import Kind
from runtime.safety.filters import Filter, FilterServices, FilterSpec, Match, with_a_word
from runtime.safety.own_lists import OwnList, own_lists, read_list
from runtime.values import Data
from runtime.words import Words

MISSES = Words(
    "Knows only what is on the list, as it stands there and in the disguises that every word filter undoes. "
    "Inflected forms, paraphrase and hints pass; a short entry may stand inside an innocent word of Chinese.",
    "只认识词表中的原词及词语过滤器能还原的变形；词形变化、改述与暗示会漏过；较短的中文词条可能误伤正常词语。",
)
_CHINESE = re.compile(r"[\u3400-\u9fff]")


def filters() -> Iterator[Filter]:
    """One filter for each list that the installation has now."""
    for kept in own_lists():
        yield _filter(kept)


@lru_cache(maxsize=100)
def _filter(kept: OwnList) -> Filter:
    spec = FilterSpec(
        id=kept.filter_id,
        version=1,
        title=Words(f"Own list {kept.name} ({kept.entries})", f"自定义词表 {kept.name}（{kept.entries}）"),
        media=(Kind.TEXT, Kind.JSON),
        categories=(categories.LISTED, categories.ENCODED),
        languages=("en", "zh"),
        licence="the installation's own",
        misses=MISSES,
        cost=2.0,
    )

    def check(data: Data, services: FilterServices) -> Iterable[Match]:
        return check_texts(data, lambda text: find_words(text, _load(kept)))

    def check_each(values: Sequence[Data], services: FilterServices) -> Iterable[Iterable[Match]]:
        return in_one_go.check_each(
            values, lambda value: check(value, services), lambda text: may_have_words(text, _load(kept))
        )

    return Filter(spec, check, check_each, with_a_word(check))


# A list of the largest size takes some seconds to build and tens of megabytes to keep.
@lru_cache(maxsize=8)
def _load(kept: OwnList) -> tuple[WordList, ...]:
    texts = read_list(kept)
    entries = [
        (text.lstrip("!"), Entry(None if text.startswith("!") else categories.LISTED.id)) for text in texts
    ]
    # Entries of scripts without borders are found anywhere.
    solid = [item for item in entries if BORDERLESS.search(item[0])]
    worded = [item for item in entries if not BORDERLESS.search(item[0])]
    chinese = [item for item in solid if _CHINESE.search(item[0])]
    return (
        WordList(worded, Script.WORDS),
        WordList(solid, Script.SOLID),
        WordList(in_pinyin(chinese), Script.PINYIN),
    )
