"""safety.speech: what is said in a sound, heard by a network and judged by the text filters."""

from collections.abc import Iterable, Iterator

from runtime.packs.safety import categories
from runtime.packs.safety.homophones import find_homophones
from runtime.packs.safety.personal_data import PERSONAL_DATA
from runtime.packs.safety.profanity import PROFANITY
from runtime.packs.safety.prompt_attack import PROMPT_ATTACK
from runtime.packs.safety.secrets import SECRETS
from runtime.packs.safety.words import WORDS
from runtime.ports import Kind
from runtime.safety.filters import Category, Filter, FilterServices, FilterSpec, Match, with_model
from runtime.sound.wav import NotASound, read_plain
from runtime.sound.whisper import CAPABILITY, MODEL, Heard, Listener, joined, load
from runtime.values import AssetRef, Data
from runtime.words import Words

# Who reads what was said. Which of their categories count, the policy says.
TEXT_FILTERS = (WORDS, PROMPT_ATTACK, PERSONAL_DATA, SECRETS, PROFANITY)
# What is heard well within a filter's deadline: measured, a part of half a minute takes two to six seconds.
MAX_SECONDS = 60
# Seconds that are heard in two parts. A sound is cut where it is quietest, and whoever made it chooses where that is:
# within a word.
OVERLAP = 2.5


def _named() -> tuple[Category, ...]:
    """The categories of the text filters, each once, and what could not be understood."""
    named = dict.fromkeys(category for item in TEXT_FILTERS for category in item.spec.categories)
    return (*named, categories.UNHEARD)


SPEC = FilterSpec(
    id="safety.speech",
    version=2,
    title=Words("Speech", "语音"),
    media=(Kind.AUDIO,),
    categories=_named(),
    languages=("en", "zh"),
    licence="MIT",
    misses=Words(
        "Writes down spoken English and, far less surely, Chinese, which it also judges by its sound, and misses what its text "
        "filters miss. Chinese that is heard wrongly passes, and words of the same sound may be stopped. Words under loud noise or music, "
        "whispers, songs, words that must be amplified to be heard, speech much faster than other speech beside it, "
        "several people at once, names, numbers read out digit by digit and words of a language other "
        "than that of the half minute they stand in are heard wrongly or not at all. It knows words only: no screams, "
        "shots, music or voices. Lists of this installation are not asked. Sounds over a minute are refused.",
        "将英文语音以及（准确度低得多的）中文语音转写为文字，中文还会按读音判断；文本过滤器会漏过的这里同样会漏过。听错的中文会漏过，同音的词语可能被误拦。强噪声或音乐中的话语、耳语、歌唱、须放大音量才能听到的话语、比相邻话语快得多的话语、多人同时说话、人名、逐位念出的号码，"
        "以及与所在半分钟主要语言不同的词语会听错或听不到。只识别话语，不识别尖叫、枪声、音乐或声纹；不使用本机构的自定义词表；超过一分钟的音频会被拒绝。",
    ),
    model=MODEL,
    cost=3_000.0,
    uses=tuple(item.spec.id for item in TEXT_FILTERS),
)


class TooLong(Exception):
    """More than can be heard in time; the gate lets nothing pass."""


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    """Matches of everything that is said. Raises TooLong, and NotASound for what a person would hear otherwise."""
    refs = data if isinstance(data, list) else [data]
    with services.models.use(MODEL, load, CAPABILITY) as listener:
        heard = [_heard(services.assets.read(ref), listener) for ref in refs if isinstance(ref, AssetRef)]
    if len(heard) != len(refs):
        raise NotASound("it is no stored sound")
    best: dict[str, float] = {}
    for spoken in heard:
        strange = max((part.strange for part in spoken), default=0.0)
        best[categories.UNHEARD.id] = max(best.get(categories.UNHEARD.id, 0.0), strange)
        for match in _judged(_texts(spoken), services):
            best[match.category] = max(best.get(match.category, 0.0), match.score)
    return [Match(category, score) for category, score in best.items()]


def _heard(content: bytes, listener: Listener) -> list[Heard]:
    rate, samples = read_plain(content)
    if len(samples) > MAX_SECONDS * rate:
        raise TooLong
    return list(listener.hear(samples, rate, overlap=OVERLAP))


def _texts(spoken: list[Heard]) -> Iterator[str]:
    """Each part in each language that it may be in, and all parts as one."""
    yield from (text for part in spoken for text in part.texts)
    yield joined([part.texts[0] for part in spoken if part.texts])


def _judged(texts: Iterable[str], services: FilterServices) -> Iterator[Match]:
    for text in dict.fromkeys(texts):
        for item in TEXT_FILTERS:
            yield from (match for match in item.check(text, services) if not match.open)
        # What was heard right may be written with other characters of the same sound.
        yield from find_homophones(text)


SPEECH = Filter(SPEC, check, ready=with_model(MODEL, load, CAPABILITY))
