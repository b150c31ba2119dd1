"""safety.picture_text: what is written in a picture, read by two networks and judged by the text filters."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from runtime.packs.safety import categories
from runtime.packs.safety.ocr import Line, Reader, TooMuch, load
from runtime.packs.safety.personal_data import PERSONAL_DATA
from runtime.packs.safety.pixels import NotJudged, distinct, frames, starts
from runtime.packs.safety.profanity import PROFANITY
from runtime.packs.safety.prompt_attack import PROMPT_ATTACK
from runtime.packs.safety.secrets import SECRETS
from runtime.packs.safety.words import WORDS
from runtime.ports import Kind
from runtime.safety.filters import Category, Filter, FilterServices, FilterSpec, Match, with_model
from runtime.values import Data
from runtime.words import Words

if TYPE_CHECKING:
    from PIL.Image import Image

# Who reads what was written. Which of their categories count, the policy says.
TEXT_FILTERS = (WORDS, PROMPT_ATTACK, PERSONAL_DATA, SECRETS, PROFANITY)


def _named() -> tuple[Category, ...]:
    """The categories of the text filters, each once, and what could not be read."""
    named = dict.fromkeys(category for item in TEXT_FILTERS for category in item.spec.categories)
    return (*named, categories.UNREADABLE)


SPEC = FilterSpec(
    id="safety.picture_text",
    version=1,
    title=Words("Text in pictures", "图中文字"),
    media=(Kind.IMAGE,),
    categories=_named(),
    languages=("en", "zh"),
    licence="Apache-2.0",
    misses=Words(
        "Reads printed English and Chinese and misses what its text filters miss. Handwriting, ornamental letters, text "
        "on curves, letters below about ten pixels or hardly darker than their ground, and text that looks like a pattern "
        "are read wrongly or not seen. Lists of this installation are not asked. Small print in a long line "
        "may be cut where tiles meet.",
        "识读印刷体中英文，文本过滤器会漏过的这里同样会漏过。手写体、艺术字、弧形排列、小于约十像素、与背景几乎同色或形似图案的文字会读错或看不到；"
        "不使用本机构的自定义词表；长行小字可能在图块交界处被截断。",
    ),
    model="rapidocr",
    cost=650.0,
    uses=tuple(item.spec.id for item in TEXT_FILTERS),
)

# A small picture is enlarged, so that its letters are; a large one is looked at whole, and in tiles as it stands.
SHORT = 736
LONG = 1280
TILE = 960
MAX_PARTS = 16
# A part with fewer shades than this, of 256, is stretched: what stands there may be nearly of its ground's colour.
SHADES = 96


@dataclass(frozen=True, slots=True)
class Written:
    """What a picture says: texts, each a part or a way to read it, and how sure it is that some cannot be read."""

    texts: tuple[str, ...]
    unreadable: float


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    refs = data if isinstance(data, list) else [data]
    with services.models.use("rapidocr", load, "image-safety") as reader:
        written = [_read(services.assets.read(ref), reader) for ref in refs]
    best: dict[str, float] = {}
    for item in written:
        best[categories.UNREADABLE.id] = max(best.get(categories.UNREADABLE.id, 0.0), item.unreadable)
        for match in _judged(item.texts, services):
            best[match.category] = max(best.get(match.category, 0.0), match.score)
    return [Match(category, score) for category, score in best.items()]


def _judged(texts: Iterable[str], services: FilterServices) -> Iterator[Match]:
    for text in dict.fromkeys(texts):
        for item in TEXT_FILTERS:
            yield from (match for match in item.check(text, services) if not match.open)


def _read(content: bytes, reader: Reader) -> Written:
    """Everything that the frames of a picture say. Raises NotJudged for more than can be read in time."""
    texts: list[str] = []
    unreadable = 0.0
    for part in distinct((part for frame in frames(content) for part in _parts(frame)), MAX_PARTS):
        try:
            lines = reader.lines(_stretched(part))
        except TooMuch as found:
            raise NotJudged(str(found)) from found
        texts += _texts(lines)
        unreadable = max([unreadable, *(line.box.score * (1 - line.confidence) for line in lines)])
    return Written(tuple(texts), unreadable)


def _texts(lines: Sequence[Line]) -> Iterator[str]:
    """The lines one below the other, also from the last when some are turned, and without borders for Chinese."""
    read = [line.text for line in lines if line.text]
    if not read:
        return
    orders = (read, read[::-1]) if any(line.turned for line in lines) else (read,)
    for order in orders:
        yield "\n".join(order)
        if any("\u4e00" <= char <= "\u9fff" for char in "".join(order)):
            yield "".join(order)


def _parts(picture: "Image") -> Iterator["Image"]:
    """The whole in a size in which writing is found, and the overlapping tiles of a large picture as they stand."""
    from PIL import Image

    short, long = sorted(picture.size)
    factor = min(max(SHORT / short, 1.0), LONG / long)
    if factor == 1.0:
        yield picture
    else:
        size = max(1, round(picture.width * factor)), max(1, round(picture.height * factor))
        yield picture.resize(size, Image.Resampling.BICUBIC)
    if long <= LONG:
        return
    for top in starts(picture.height, TILE, MAX_PARTS):
        for left in starts(picture.width, TILE, MAX_PARTS):
            yield picture.crop((left, top, min(left + TILE, picture.width), min(top + TILE, picture.height)))


def _stretched(part: "Image") -> "Image":
    from PIL import ImageOps

    low, high = part.convert("L").getextrema()
    assert isinstance(low, int)
    assert isinstance(high, int)
    return ImageOps.autocontrast(part, preserve_tone=True) if 0 < high - low < SHADES else part


PICTURE_TEXT = Filter(SPEC, check, ready=with_model("rapidocr", load, "image-safety"))
