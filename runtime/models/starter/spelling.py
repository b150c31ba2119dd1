"""Spelling: what people write is brought to what the captions said, before the tokenizer reads it.

The encoder knows the words that training wrote and no others: not "apples", whose pieces it never met. These rules are part
of the tokenizer that ships (its normaliser), so that whoever opens the folder has them. What training wrote stays as it is,
but for colours of a few things in Chinese.
"""

import re
from collections.abc import Iterable, Sequence

from tokenizers import Regex, Tokenizer, decoders, normalizers
from transformers import CLIPTokenizer, PreTrainedTokenizerFast

from runtime.models.starter.captions import (
    BESIDES,
    COLOURS,
    FORMS,
    PADDING,
    PLAIN_FORMS,
    Subject,
    said,
    said_besides_things,
)
from runtime.models.starter.pictures import HUES

# A pattern as Oniguruma reads it, and what takes its place.
Rule = tuple[str, str]

LETTER = r"[\p{L}\p{M}&&[^\p{Han}]]"  # Chinese stands without gaps: it has no words that begin and end
BEGINS, ENDS = rf"(?<!{LETTER})", rf"(?!{LETTER})"
IRREGULAR = {
    "mice": "mouse", "geese": "goose", "oxen": "ox", "wolves": "wolf", "knives": "knife", "scarves": "scarf", "cacti": "cactus",
    "octopi": "octopus", "snowmen": "snowman", "leafs": "leaf", "dice": "die", "teeth": "tooth", "feet": "foot",
}  # fmt: skip
# Training said one, two, three, some and many of anything, which changes nothing there. These it never said.
COUNTS = (
    "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve", "twenty", "hundred", "several", "few", "both",
    "dozen",
)  # fmt: skip
HEAPS = r"(?:a )?(?:couple|pair|dozens|hundreds|lots?|bunch|group|plenty|number|set|flock|herd) of "
ZH_NUMBERS = "一两二三四五六七八九十百几"
ZH_COUNTS = rf"(?:\p{{N}}{{1,3}}|[{ZH_NUMBERS}]{{1,3}})"
ZH_MEASURES = "个只张条辆朵颗头匹棵本把支枝杯块片架艘座台间双对件副顶瓶碗盘串束根粒株"
ZH_TAUGHT = "一[个只张]|两个|三只"
# What training hardly managed to say in another colour in Chinese, and did in English.
ZH_COLOURED = {"car": r"(?:小?汽车|轿车|小?车)", "truck": "卡车", "shirt": "衬衫"}
ZH_AFTER = r"(?![\p{Han}&&[^和与的图旁在吧好]])"  # no longer name: a shirt with a tie is another thing


def spelled(tokenizer: CLIPTokenizer, subjects: Sequence[Subject]) -> PreTrainedTokenizerFast:
    """The same tokenizer with the rules. Not as CLIPTokenizer: that class puts its own normaliser in place of what a folder has."""
    backend = Tokenizer.from_str(tokenizer.backend_tokenizer.to_str())
    steps = [normalizers.Replace(Regex(pattern), instead) for pattern, instead in rules(subjects)]
    backend.normalizer = normalizers.Sequence([backend.normalizer, *steps])
    backend.decoder = decoders.Sequence([decoders.ByteLevel(), decoders.Replace("</w>", " ")])
    return PreTrainedTokenizerFast(
        tokenizer_object=backend,
        bos_token=tokenizer.bos_token,
        eos_token=tokenizer.eos_token,
        unk_token=tokenizer.unk_token,
        pad_token=PADDING,
        model_max_length=tokenizer.model_max_length,
    )


def rules(subjects: Sequence[Subject]) -> list[Rule]:
    """In the order in which they are applied, to text in lower case."""
    texts = [text.lower() for text in said(subjects)]
    known = {word for text in texts for word in _words(text)}
    # Beside Chinese, words in Latin letters stand without gaps, too: "3dsuv".
    joined = {"d", *(word for text in texts if re.search(r"[\u4e00-\u9fff]", text) for word in _words(text))}
    joined |= {
        word
        for subject in subjects
        for text in subject.names["zh"]
        for word in _words(text)
        if text.isalpha()
    }
    return [
        *_counts(subjects, texts),
        *_plurals(subjects, known),
        *_chinese(texts),
        # An unknown word is not read, and not as a known one that it ends with: no "corn" of "unicorn".
        (rf"{BEGINS}(?!(?:{_any(known)}|{_any(joined)}{{2,3}}){ENDS}){LETTER}+", " "),
        (_unknown_signs(texts), ""),
        _idle(subjects),
    ]


def _words(text: str) -> list[str]:
    """Its words but Chinese ones, without the places of a form."""
    return re.findall(r"[^\W\d_\u2e80-\u9fff]+", re.sub(r"\{.\}", " ", text))


def _any(words: Iterable[str]) -> str:
    return f"(?:{'|'.join(sorted(map(re.escape, words), key=lambda word: (-len(word), word)))})"


def _counts(subjects: Sequence[Subject], texts: Sequence[str]) -> list[Rule]:
    """A count before a thing is left out, unless it belongs to the thing's own name: "four leaf clover"."""
    numbers = sorted({number for text in texts for number in re.findall(r"\d+", text)})
    new = rf"(?<![\p{{L}}\p{{N}}])(?!{_any(numbers)}(?!\p{{N}}))\p{{N}}{{1,4}} +(?={LETTER})"
    return [
        (f"{BEGINS}{HEAPS}", ""),
        (new, ""),
        *(
            (_outside(word, subjects, rf"(?<![\p{{L}}\p{{N}}]){word} +(?={LETTER})"), "")
            for word in (*COUNTS, *numbers)
        ),
    ]


def _outside(word: str, subjects: Sequence[Subject], pattern: str) -> str:
    """The pattern, which begins with the word, wherever it is none of the word's own places in training's captions."""
    own = set[tuple[str, str]]()  # what stands before it and behind it there
    for subject in subjects:
        for text in (*subject.names["en"], *subject.keywords["en"]):
            words = text.split()
            for place, found in enumerate(words):
                if found == word and len(words) > 1:
                    own.add(
                        (" ".join(words[max(0, place - 2) : place]), " ".join(words[place + 1 : place + 3]))
                    )
        if word in subject.keywords["en"]:  # captions put any two of them beside each other
            for other in {*subject.keywords["en"]} - {word, ""}:
                own |= {(other, ""), ("", other)}
        if word in subject.names["en"]:  # and then anything that is said besides
            own |= {("", other) for text in said_besides_things() for other in _words(text.lower())}
    looks = (
        f"(?!{rf'(?<={re.escape(before)} )' if before else ''}{re.escape(' '.join((word, behind)).strip())}{ENDS})"
        for before, behind in sorted(own)
    )
    return f"{''.join(looks)}{pattern}"


def _plurals(subjects: Sequence[Subject], known: set[str]) -> list[Rule]:
    """The plural of a known thing becomes its singular, unless training wrote it."""
    names = {name for subject in subjects for name in subject.names["en"]}
    keywords = {word for subject in subjects for word in subject.keywords["en"]}
    ends = {name.split()[-1] for name in names}
    things = sorted(word for word in ends if len(word) > 2 and word.isascii() and word.isalpha())
    endings: dict[tuple[str, str], list[str]] = {}
    own = []
    for thing in things:
        for stem, ending, instead in _endings(thing):
            if stem + ending not in known:
                endings.setdefault((ending, instead), []).append(stem)
            elif stem + ending not in (names if thing in names else names | keywords):
                plural = _outside(stem + ending, subjects, f"{BEGINS}{stem + ending}{ENDS}")
                own.append((plural, thing))
    return [
        *((rf"{BEGINS}{many}{ENDS}", one) for many, one in IRREGULAR.items() if one in ends and many not in known),
        *((rf"{BEGINS}{_any(stems)}\K{ending}{ENDS}", instead) for (ending, instead), stems in endings.items()),
        *own,
    ]  # fmt: skip


def _endings(thing: str) -> list[tuple[str, str, str]]:
    """(what stays, what the plural ends with, what the thing ends with)."""
    if re.search("(s|x|z|ch|sh)$", thing):
        return [(thing, "es", "")]
    if re.search("[^aeiou]y$", thing):
        return [(thing[:-1], "ies", "y")]
    return [(thing, "s", ""), *([(thing, "es", "")] if thing.endswith("o") else [])]


def _chinese(texts: Sequence[str]) -> list[Rule]:
    """Counts with their measure words are left out; colours of what `ZH_COLOURED` names are said in English."""
    measured = re.compile(rf"[{ZH_NUMBERS}]{{1,3}}[{ZH_MEASURES}].+")
    own = {found[0] for text in texts if (found := measured.search(text)) and "{" not in text}
    count = rf"{ZH_COUNTS}[{ZH_MEASURES}]"
    things = "|".join(ZH_COLOURED)
    colours = {hue: COLOURS[hue][1][0] for hue in HUES}
    return [
        (rf"(?<![\p{{N}}{ZH_NUMBERS}])(?!{ZH_TAUGHT}|{_any(own)}){count}|许多|好多", ""),
        *(
            (rf"(?<=[{''.join(colours.values())}]色)的?{zh}{ZH_AFTER}", f" {en}")
            for en, zh in ZH_COLOURED.items()
        ),
        *((rf"{zh}色(?= (?:{things}){ENDS})", hue) for hue, zh in colours.items()),
        (r"(?<= car| truck| shirt)[，、 ]*(?:扁平|平面)(?:风格)?", ", flat"),
    ]


def _unknown_signs(texts: Sequence[str]) -> str:
    """Characters that no caption had, but letters and what every keyboard has."""
    signs = {sign for text in texts for sign in text if sign > "\u007f"}
    return rf"[^\x20-\x7e{''.join(sorted(signs))}[\p{{L}}&&[^\p{{Han}}]]]"


def _idle(subjects: Sequence[Subject]) -> Rule:
    """Where no thing is named, and no colour, nothing is said: "please draw a" is read as the empty prompt is."""
    forms = [form for group in (FORMS, PLAIN_FORMS) for language in group.values() for form in language]
    texts = [
        text.lower()
        for text in (
            *forms,
            *(t for kinds in BESIDES.values() for k in kinds for t in k),
            "3d flat 立体 扁平 平面 的",
        )
    ]
    words = {word for text in texts for word in _words(text)}
    for subject in subjects:
        pure = [word for word in subject.keywords["en"] if words.issuperset(word.split())]
        # A name, or two keywords, may be a caption alone.
        words -= {
            word for name in subject.names["en"] if words.issuperset(name.split()) for word in name.split()
        }
        words -= {word for keyword in pure for word in keyword.split() if len(pure) > 1}
    taken = {
        text for subject in subjects for kind in (subject.names, subject.keywords) for text in kind["zh"]
    }
    chinese = {part for text in texts for part in re.findall(r"[\u4e00-\u9fff]+", text)} - taken
    return (rf"\A(?>3d|[^\p{{L}}\p{{N}}+]|{BEGINS}{_any(words)}{ENDS}|{_any(chinese)})++\z", "")
