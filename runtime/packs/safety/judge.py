"""judge.NAME.HASH: a chat model says which hazards a text contains. One filter for each chat model of the installation.

The policy says which model by the filter's id, whose hash changes with the model: another model is another filter.
"""

import hashlib
import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from runtime.models.catalog import ModelRecord
from runtime.models.shelf import catalogue
from runtime.packs.safety.judging import HAZARDS, MOST_TOKENS, Unclear, grammar, prompt, read_answer, system
from runtime.packs.safety.texts import check_texts
from runtime.ports import Kind
from runtime.providers import HASH_LENGTH, Provider, providers
from runtime.safety.filters import Filter, FilterServices, FilterSpec, Match
from runtime.values import Data
from runtime.words import Words

PREFIX = "judge."
CAPABILITY = "text"
# Characters that are judged at once. A model that is loaded here holds 4,096 tokens, and one of the smallest needs up
# to three for a Chinese character. The parts overlap, so that a sentence on a border stands whole in one of them.
LOCAL_PART, REMOTE_PART, OVERLAP = 900, 8_000, 200
MOST_PARTS = 8
MISSES = Words(
    "As good as its model: a small one is little better than chance, or calls everything unsafe. Any model can be talked "
    "round by the text it judges; one that then leaves the form lets nothing pass, one that obeys within it is deceived. "
    "Says yes or no, and no places, so nothing can be taken out. Shows nothing before the whole text is there. A text too "
    "long to be judged, and a model that answers in a form of its own or thinks aloud, let nothing pass.",
    "效果取决于所用模型：小模型近乎随机，或把一切判为不安全。任何模型都可能被待判文本说服：偏离格式时不放行，按格式服从时则被欺骗。"
    "只判断是否，不给出位置，因此无法隐去局部。全文完成前不显示任何内容。过长的文本、使用自有格式或输出思考过程的模型，均不会放行。",
)
ELSEWHERE = Words(
    " The text is sent to the provider {name} before any gate has passed it.",
    "文本会在通过任何闸门之前发送给服务商 {name}。",
)
_NOT_IN_A_NAME = re.compile(r"[^a-z0-9]+")


def filters() -> Iterator[Filter]:
    """One for each chat model of the catalogue, and of each provider."""
    for record in catalogue().values():
        if record.capability == CAPABILITY:
            yield _local(record)
    for provider in providers():
        for model in provider.models:
            yield _remote(provider, model)


@lru_cache(maxsize=100)
def _local(record: ModelRecord) -> Filter:
    weights = hashlib.sha256(" ".join(file.sha256 for file in record.files).encode()).hexdigest()
    return _filter(f"{record.name}.{weights[:HASH_LENGTH]}", record.name, record.title, LOCAL_PART)


@lru_cache(maxsize=500)
def _remote(provider: Provider, model: str) -> Filter:
    slug = _NOT_IN_A_NAME.sub("-", f"{provider.name}-{model}".lower()).strip("-")[:60]
    name = f"{slug}.{provider.identity_of(model)}"
    title = Words(f"{model} ({provider.name})", f"{model}（{provider.name}）")
    return _filter(name, f"{provider.name}:{model}", title, REMOTE_PART, provider)


def _filter(name: str, ref: str, model: Words, part: int, provider: Provider | None = None) -> Filter:
    spec = FilterSpec(
        id=f"{PREFIX}{name}",
        version=1,
        title=Words("Judge: {model}", "模型审核：{model}").fill(model=model),
        media=(Kind.TEXT, Kind.JSON),
        categories=tuple(category for category, _ in HAZARDS),
        languages=("en", "zh"),
        licence="the model's own",
        misses=_misses(provider),
        model=None if provider else ref,
        cost=REMOTE_COST if provider else LOCAL_COST,
        provider=provider.name if provider else None,
        whole=True,
    )

    def check(data: Data, services: FilterServices) -> Iterable[Match]:
        return check_texts(data, lambda text: _judge(text, ref, part, services))

    def ready(services: FilterServices) -> None:
        from runtime.models.chat import open_chat

        with open_chat(services, ref):
            pass

    return Filter(spec, check, ready=None if provider else ready)


# Milliseconds for a KB, of which nearly all is reading what a judge is told (docs/filters.md). A provider takes its own
# time, and none of our cores.
LOCAL_COST, REMOTE_COST = 9_000.0, 1.0


def _misses(provider: Provider | None) -> Words:
    if provider is None:
        return MISSES
    told = ELSEWHERE.fill(name=provider.name)
    return Words(MISSES.en + told.en, MISSES.zh + told.zh)


def _judge(text: str, ref: str, part: int, services: FilterServices) -> Iterator[Match]:
    """Each part by itself; one that is unsafe is enough. Raises Unclear, and whatever the model raises."""
    from runtime.models.chat import Question, open_chat

    if not text.strip():
        return
    with open_chat(services, ref) as chat:
        for piece in _parts(text, part):
            asked, code = prompt(piece)
            question = Question(asked, system(), MOST_TOKENS, 0.0, (), 1, grammar(code), cached=True)
            said = chat.say(question)
            if not said.figures.finished:
                raise Unclear
            for category in read_answer(said.text, code):
                yield Match(category.id, 1.0)


def _parts(text: str, part: int) -> list[str]:
    """The text in parts of at most `part` characters. Raises Unclear for one that would need too many."""
    starts = range(0, max(len(text) - OVERLAP, 1), part - OVERLAP)
    if len(starts) > MOST_PARTS:
        raise Unclear
    return [text[start : start + part] for start in starts]
