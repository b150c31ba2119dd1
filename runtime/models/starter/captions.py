"""Captions: what people may call a picture, in English and Chinese, and the tokenizer that reads it."""

import json
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, trainers
from transformers import CLIPTokenizer

Style = Literal["3D", "flat"]
STYLES: tuple[Style, ...] = ("3D", "flat")
STYLE_WORDS: dict[Style, dict[str, tuple[str, ...]]] = {
    "3D": {"en": ("3D",), "zh": ("3D", "立体")},
    "flat": {"en": ("flat",), "zh": ("扁平", "平面")},
}
# Colours of grounds, as red, green and blue from 0 to 255, and their names.
COLOURS: dict[str, tuple[tuple[int, int, int], str]] = {
    "red": ((229, 83, 75), "红色"),
    "orange": ((245, 159, 74), "橙色"),
    "yellow": ((250, 217, 97), "黄色"),
    "green": ((108, 191, 115), "绿色"),
    "blue": ((92, 152, 231), "蓝色"),
    "purple": ((155, 118, 214), "紫色"),
    "pink": ((246, 158, 190), "粉色"),
    "black": ((38, 40, 46), "黑色"),
    "grey": ((178, 183, 190), "灰色"),
}
PADDING = "<|padding|>"  # a token of its own, so that the encoder can tell it from the end of the text
LONGEST = 44  # tokens; of the captions that training writes one in a thousand is longer, and is cut
GRID = 8  # registers on a side: tokens behind the caption, each of which comes to hold a patch of the picture
TOKENS = LONGEST + GRID * GRID

# {x} is the subject and {s} the style. A form without {s} means 3D, the prettier style.
FORMS: dict[str, tuple[str, ...]] = {
    "en": (
        "{x}, {s}", "{s} {x}", "{x} {s}", "a {s} icon of {x}", "{x} in {s} style", "an emoji of {x}, {s}",
        "{x} icon, {s}", "a picture of {x}, {s}", "draw {x}, {s}", "{s} picture of {x}", "{s} style, {x}",
        "cute {x}, {s}", "please draw {x} in {s}", "show me {x}, {s}", "an illustration of {s} {x}",
    ),
    "zh": (
        "{x}，{s}", "{s}{x}", "{s}风格的{x}", "{x}，{s}风格", "画{x}，{s}", "{x}图标，{s}", "一张{x}的图片，{s}",
        "{s}的{x}", "请画{x}，{s}", "可爱的{x}，{s}", "{s}图标：{x}",
    ),
}  # fmt: skip
PLAIN_FORMS: dict[str, tuple[str, ...]] = {
    "en": (
        "{x}",
        "{x}",
        "{x} icon",
        "a picture of {x}",
        "draw {x}",
        "an emoji of {x}",
        "show me {x}",
        "cute {x}",
    ),
    "zh": ("{x}", "{x}", "{x}图标", "画{x}", "一张{x}的图片", "可爱的{x}", "请画{x}"),
}
# Never used in training: the evaluation asks in these words.
KEPT_OUT_FORMS: dict[str, tuple[str, ...]] = {
    "en": (
        "please show me {x} in {s} style",
        "a cute {s} picture of {x}",
        "an illustration of {x}, {s} icon",
    ),
    "zh": ("请画一张{s}风格的{x}", "{x}的图标，{s}风格", "可爱的{s}{x}图片"),
}
PAIRS = {
    "en": ("{a} and {b}", "{a} next to {b}", "{a} with {b}"),
    "zh": ("{a}和{b}", "{a}与{b}", "{a}旁边是{b}"),
}
GROUNDS = {"en": ("{x} on {c}", "{x} on a {c} background"), "zh": ("{x}，{c}背景", "{c}背景上的{x}")}

# What people say besides, and what changes nothing in the picture: before the thing, of the thing, behind it.
BESIDES: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {
    "en": (
        (
            "can you draw", "could you draw", "can you make", "please make", "i want", "i would like", "i need",
            "make me", "paint", "paint me", "create", "generate", "give me", "let me see", "here is", "this is",
            "there is", "it is", "we have", "a photo of", "a drawing of", "a painting of", "an image of", "a sticker of",
            "a logo with", "hello, draw", "imagine", "sketch", "design", "one", "two", "three", "some", "many", "my",
            "your", "the", "our", "his", "her", "that", "this",
        ),
        (
            "big", "small", "little", "tiny", "large", "huge", "beautiful", "nice", "lovely", "pretty", "funny", "friendly",
            "simple", "great", "cool", "sweet", "happy", "good", "new", "old", "shiny", "adorable", "fancy", "modern",
            "classic", "real", "perfect", "very cute", "fresh", "bright",
        ),
        (
            "please", "thank you", "thanks", "for me", "for my blog", "for kids", "for a child", "for my daughter",
            "for my son", "for my website", "for an app", "in a garden", "in the park", "in a room", "on the table",
            "at home", "in the city", "at night", "in summer", "in winter", "with love", "high quality", "highly detailed",
            "very detailed", "masterpiece", "best quality", "digital art", "concept art", "vector art", "clip art",
            "cartoon", "sticker", "logo", "emoji", "4k", "8k", "hd", "trending", "professional", "colorful", "minimal",
            "as an icon", "so that it looks good", "right now", "and nothing else", "only", "alone", "by itself",
        ),
    ),
    "zh": (
        (
            "请帮我画", "帮我画", "你能画", "可以画", "我想要", "我要", "我想看", "生成", "给我画", "来", "做", "创作", "这是", "有",
            "一幅画：", "一张图：", "照片：", "一些", "两个", "三只", "很多", "我的", "那个", "这个",
        ),
        (
            "大", "小", "大大的", "小小的", "漂亮的", "美丽的", "好看的", "有趣的", "简单的", "开心的", "快乐的", "新的", "旧的", "闪亮的",
            "萌萌的", "精致的", "完美的", "巨大的", "迷你",
        ),
        (
            "，谢谢", "，高清", "，高质量", "，细节丰富", "，精美", "，杰作", "，插画", "，贴纸", "，标志", "，表情包", "，卡通", "，给孩子", "，送给妈妈",
            "，在花园里", "，在公园", "，在桌上", "，在家里", "，晚上", "，夏天", "，冬天", "吧", "好吗", "，不要别的", "，用在网站上",
        ),
    ),
}  # fmt: skip
TALKATIVE = 0.3  # of captions say something besides


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing that can be drawn: every name in `names` means it and nothing else."""

    key: str
    category: str
    names: dict[str, tuple[str, ...]]
    keywords: dict[str, tuple[str, ...]]

    @property
    def directed(self) -> bool:
        """Whether a mirror would make it another thing: what points, tells or is written on."""
        return bool(
            re.search(
                r"left|right|clock|arrow|letter|book|abc|chart|calendar|hundred", " ".join(self.names["en"])
            )
        )


def seeded(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311 - chance that repeats; nothing secret hangs on it


def with_article(name: str, rng: random.Random) -> str:
    if name.endswith("s") or rng.random() < 0.6:
        return name
    return f"{'an' if name[0] in 'aeiou' else 'a'} {name}"


def name_of(subject: Subject, language: str, rng: random.Random) -> str:
    """Any name, the first ones more often; now and then two of its keywords."""
    names, words = subject.names[language], subject.keywords[language]
    if len(words) >= 3 and rng.random() < 0.12:
        return (" " if language == "en" else "").join(rng.sample(words, 2))
    name = names[int(rng.random() ** 2 * len(names))]
    if language == "en":
        return with_article(name, rng)
    return f"{rng.choice(('一个', '一只', '一张'))}{name}" if rng.random() < 0.15 else name


def _said_besides(text: str, language: str, rng: random.Random) -> str:
    """The named thing among words that change nothing: now and then so many that the caption is long."""
    lead, of_it, behind = BESIDES[language]
    joint = " " if language == "en" else ""
    if rng.random() < 0.4:
        bare = re.sub("^an? ", "", text) if language == "en" else text
        article = "a " if bare != text and rng.random() < 0.5 else ""
        text = f"{article}{rng.choice(of_it)}{joint}{bare}"
    if rng.random() < 0.5:
        text = f"{rng.choice(lead)}{joint}{text}"
    if rng.random() < 0.5:
        comma = ", " if language == "en" and rng.random() < 0.5 else joint
        text += "".join(f"{comma}{word}" for word in rng.sample(behind, rng.choice((1, 1, 1, 2, 3, 6))))
    return text


def caption(
    subjects: Sequence[Subject],
    style: Style,
    rng: random.Random,
    *,
    ground: str | None = None,
    hue: str | None = None,
) -> str:
    """What one might call a picture of one subject or two, in a style, on a coloured ground, in another colour."""
    language = rng.choice(("en", "zh"))
    named = [name_of(subject, language, rng) for subject in subjects]
    if hue is not None:
        word = hue if language == "en" else COLOURS[hue][1]
        named = [
            f"{word} {re.sub('^an? ', '', name)}" if language == "en" else f"{word}的{name}" for name in named
        ]
    text = named[0] if len(named) == 1 else rng.choice(PAIRS[language]).format(a=named[0], b=named[1])
    if ground is not None:
        word = ground if language == "en" else COLOURS[ground][1]
        text = rng.choice(GROUNDS[language]).format(x=text, c=word)
    if rng.random() < TALKATIVE:
        text = _said_besides(text, language, rng)
    if style == "3D" and rng.random() < 0.3:
        return rng.choice(PLAIN_FORMS[language]).format(x=text)
    return rng.choice(FORMS[language]).format(x=text, s=rng.choice(STYLE_WORDS[style][language]))


def bare_caption(subject: Subject, style: Style, rng: random.Random) -> str:
    """Any of its names, each as often, and nothing else but the style, which "3D" may leave out."""
    language = rng.choice(("en", "zh"))
    name = rng.choice(subject.names[language])
    if language == "en":
        name = with_article(name, rng)
    if style == "3D" and rng.random() < 0.5:
        return name
    return f"{name}{', ' if language == 'en' else '，'}{rng.choice(STYLE_WORDS[style][language])}"


def kept_out_caption(subject: Subject, style: Style, language: str, rng: random.Random) -> str:
    """A caption in words that training never used, for the evaluation."""
    form = rng.choice(KEPT_OUT_FORMS[language])
    return form.format(x=subject.names[language][0], s=STYLE_WORDS[style][language][0])


def said(subjects: Sequence[Subject]) -> list[str]:
    """Everything that captions are made of."""
    things = [t for s in subjects for kind in (s.names, s.keywords) for words in kind.values() for t in words]
    return [*things, *said_besides_things()]


def said_besides_things() -> list[str]:
    """What they are made of but for the things."""
    return [
        *(f for group in (FORMS, PLAIN_FORMS, PAIRS, GROUNDS) for forms in group.values() for f in forms),
        *(word for kinds in BESIDES.values() for words in kinds for word in words),
        *COLOURS,
        *(zh for _, zh in COLOURS.values()),
        *(w for s in STYLE_WORDS.values() for t in s.values() for w in t),
    ]


def make_tokenizer(subjects: Sequence[Subject]) -> CLIPTokenizer:
    """CLIP's tokenizer with merges of our own: each English word of the world is one token, each Chinese character is one.

    CLIP reads a run of Chinese as a single word, so merges learned from it would tear the same name apart differently
    in every sentence. Ours stop at the character; its last one in a run carries CLIP's end-of-word mark.
    """
    texts = said(subjects)
    latin = Counter(
        word for text in texts for word in re.findall(r"[a-z]+|[0-9]|[^\sa-z0-9\u0080-\uffff]+", text.lower())
    )
    trained = Tokenizer(models.BPE(end_of_word_suffix="</w>", continuing_subword_prefix=""))
    trained.normalizer = normalizers.Lowercase()
    trained.pre_tokenizer = pre_tokenizers.Sequence(
        [pre_tokenizers.Whitespace(), pre_tokenizers.ByteLevel(add_prefix_space=False)]
    )
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    trained.train_from_iterator(
        [" ".join(latin)],
        trainers.BpeTrainer(
            vocab_size=12_000, min_frequency=1, end_of_word_suffix="</w>", show_progress=False
        ),
    )
    learned = [(a, b) for a, b in json.loads(trained.to_str())["model"]["merges"]]
    merges: list[tuple[str, str]] = [*learned, *_character_merges(texts)]
    merges = list(dict.fromkeys(merges))
    pieces = [*alphabet, *(f"{a}</w>" for a in alphabet), *("".join(pair) for pair in merges)]
    vocabulary = {
        piece: number
        for number, piece in enumerate(dict.fromkeys([*pieces, "<|startoftext|>", "<|endoftext|>", PADDING]))
    }
    return CLIPTokenizer(vocab=vocabulary, merges=merges, model_max_length=TOKENS, pad_token=PADDING)


def _character_merges(texts: Sequence[str]) -> list[tuple[str, str]]:
    """The merges that make each Chinese character one token, inside a run and at its end."""
    byte_level = pre_tokenizers.ByteLevel(add_prefix_space=False)
    characters = sorted({c for text in texts for c in text if c > "\u007f"})
    merges = []
    for character in characters:
        symbols = byte_level.pre_tokenize_str(character)[0][0]
        for end in range(1, len(symbols)):
            merges.append((symbols[:end], symbols[end]))
        merges.append((symbols[:-1], f"{symbols[-1]}</w>"))
    return merges
