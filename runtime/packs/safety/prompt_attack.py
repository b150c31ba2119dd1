"""safety.prompt_attack: text that tries to take over a model, by a small classifier and by patterns of our own."""

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial

from runtime.packs.safety import categories
from runtime.packs.safety.guardian import Guardian, load
from runtime.packs.safety.taken_apart import WORD
from runtime.packs.safety.texts import check_texts, past_reading
from runtime.packs.safety.views import View, read
from runtime.ports import Kind
from runtime.safety.filters import Filter, FilterServices, FilterSpec, Match, with_a_word
from runtime.values import Data
from runtime.words import Words

SPEC = FilterSpec(
    id="safety.prompt_attack",
    version=2,
    title=Words("Prompt attack", "提示攻击"),
    media=(Kind.TEXT, Kind.JSON),
    categories=(
        categories.PROMPT_INJECTION,
        categories.JAILBREAK,
        categories.DATA_EXFILTRATION,
        categories.MODEL_ATTACK,
        categories.ENCODED,
    ),
    languages=("en", "zh"),
    licence="Apache-2.0",
    misses=Words(
        "The classifier knows English only; Chinese is caught by patterns, so a new wording passes. Attacks in other "
        "languages, in role play over several turns or spread over several fields are likely to pass. Shows nothing before "
        "the whole text is there.",
        "分类器只懂英文；中文依靠规则识别，新的说法会漏过。其他语言、多轮角色扮演或分散在多个字段中的攻击很可能漏过。"
        "全文完成前不显示任何内容。",
    ),
    model="svguardian",
    cost=10.9,
    # The classifier is asked about the whole text: what it says of a beginning binds it to nothing.
    whole=True,
)

PATTERN_SCORE = 0.9
# Words in a window, and the step to the next: a short attack in a long text would drown in the whole.
WINDOW = 24
STRIDE = 12
MAX_WINDOWS = 300
# One window condemns a whole text, so it has to be surer than the whole would have to be.
SURE = 0.9

_ATTACKS = {
    "prompt_injection": categories.PROMPT_INJECTION.id,
    "jailbreak": categories.JAILBREAK.id,
    "data_exfiltration": categories.DATA_EXFILTRATION.id,
    "model_attack": categories.MODEL_ATTACK.id,
}

_RULES = r"(?:instruction|direction|prompt|rule|guideline|command|restriction|polic(?:y|ie)|order|message)s?"
_WHICH = r"(?:(?:all|any|every|of|the|your|my|these|those|previous|prior|above|earlier|preceding|existing|original|system|initial)\s+){1,6}"
# A word of every day as well: what is overlooked, and what must not be. The word comes first, as a search leaps to it.
_OVERLOOK = r"忽视(?<!被忽视)(?<!不要忽视)(?<!不能忽视)(?<!不可忽视)(?<!别忽视)(?<!勿忽视)(?!的)"
_ZH_RULES = r"(?:指令|指示|提示词?|规则|要求|设定|命令|约束|限制|系统消息|系统讯息|对话)"

Attack = Callable[[str], tuple[str, float] | None]
Patterns = tuple[tuple[str, re.Pattern[str]], ...]
_ENGLISH: Patterns = tuple(
    (category.id, re.compile(pattern))
    for category, pattern in (
        (categories.PROMPT_INJECTION, rf"\b(?:ignore|disregard|forget|override|bypass|discard|skip|overrule)\s+{_WHICH}{_RULES}\b"),
        (categories.PROMPT_INJECTION, r"<\|(?:im_start|im_end|system|user|assistant|endoftext|eot_id)\|>|\[/?inst\]|<</?sys>>"),
        (categories.PROMPT_INJECTION, r"\bforget\s+everything\s+(?:above|before|you|i)\b|\byour\s+new\s+(?:instructions|rules|task)\s+(?:are|is)\b"),
        (categories.DATA_EXFILTRATION, r"\b(?:reveal|show|print|repeat|output|display|leak|dump|tell\s+me|give\s+me|share)\b(?:\s+\w+){0,4}\s+(?:system|hidden|initial|secret|developer|original)\s+(?:prompt|instructions?|messages?)\b"),
        (categories.DATA_EXFILTRATION, r"\brepeat\s+(?:everything|all|the\s+(?:words|text))\s+(?:above|before)\b"),
        (categories.PROMPT_INJECTION, rf"\b(?:do\s+not|don't|never)\s+(?:follow|obey|listen\s+to|heed)\s+{_WHICH}{_RULES}\b"),
        (categories.DATA_EXFILTRATION, r"\bwhat\s+(?:is|are|was|were)\s+your\s+(?:system|hidden|initial|secret|original)\s+(?:prompt|instructions?|messages?)\b"),
        (categories.DATA_EXFILTRATION, r"\b(?:print|output|repeat|copy)\s+(?:everything|all(?:\s+the)?\s+(?:text|words)|the\s+text)\s+(?:above|before|up\s+to)\b"),
        (categories.DATA_EXFILTRATION, r"\b(?:send|forward|post|upload|mail)\s+(?:the|this|your|our|all)\s+(?:\w+\s+){0,2}(?:conversation|chat|history|context|messages)\s+(?:\w+\s+){0,1}to\b"),
        (categories.JAILBREAK, r"\b(?:drop|remove|lift|disable|turn\s+off|switch\s+off)\s+(?:(?:all|any|every|your|the|of|its)\s+){1,3}(?:safety\s+|content\s+)?(?:limitations?|restrictions?|filters?|guardrails?|safeguards?|guidelines)\b"),
        (categories.JAILBREAK, r"\byou\s+are\s+(?:now\s+)?(?:dan|stan|aim|dude|jailbroken|unrestricted|unfiltered)\b|\bdo\s+anything\s+now\b"),
        (categories.JAILBREAK, r"\b(?:pretend|act|respond|answer|behave)\b(?:\s+\w+){0,6}\s+(?:no|without(?:\s+any)?)\s+(?:restrictions?|rules?|limits?|limitations?|filters?|guidelines?|censorship)\b"),
        (categories.JAILBREAK, r"\b(?:enable|enter|activate|switch\s+to)\s+(?:developer|god|dan|jailbreak|debug)\s+mode\b"),
    )
)  # fmt: skip
# Of a text in which no sign is left, whatever stood between its characters.
CHINESE_PATTERNS: Patterns = tuple(
    (category.id, re.compile(pattern))
    for category, pattern in (
        (categories.PROMPT_INJECTION, rf"(?:忽略|{_OVERLOOK}|无视|忘记|忘掉|不要理会|不用理会|跳过|抛弃|推翻|绕过|不必遵守|不要遵守|别管)(?:(?:你|之前|以上|上面|上述|前面|先前|此前|一切|所有|全部|任何|原来|原有|系统|开发者|给你|的|这些|那些|那)){{1,6}}{_ZH_RULES}"),
        (categories.PROMPT_INJECTION, rf"(?:把|将)?(?:之前|以上|上面|上述|前面|先前|所有|全部)的?(?:所有|全部)?的?{_ZH_RULES}(?:都|全都|全部|统统)?(?:忽略|忽视|无视|忘记|忘掉|作废|无效|失效|不算)"),
        (categories.DATA_EXFILTRATION, r"(?:输出|显示|打印|列印|告诉我|说出|重复|泄露|透露|展示|给我看)(?:一下)?(?:你|您)?的?(?:完整|全部|原始|初始|隐藏)?的?(?:系统提示词?|系统指令|隐藏指令|初始提示词?|初始指令|内部指令|开发者指令|system ?prompt)"),
        (categories.DATA_EXFILTRATION, r"(?:你|您)的?(?:系统|初始|隐藏|内部|原始)(?:提示词?|指令|设定)(?:是什么|是啥|有哪些|内容|给我)"),
        (categories.DATA_EXFILTRATION, r"(?:把|将)(?:你|您)的?(?:系统|初始|隐藏|内部|原始)(?:提示词?|指令|设定)(?:翻译|输出|打印|列印|复述|发|告诉|给)"),
        (categories.DATA_EXFILTRATION, r"(?:重复|打印|列印|复述|输出|复制)(?:一遍)?(?:上面|以上|上述|前面)的?(?:所有|全部|一切)?的?(?:文字|内容|文本|话)|(?:以上|上面)的?(?:内容|文字)(?:全部|全都|原样)(?:打印|列印|输出|重复|复述)"),
        (categories.DATA_EXFILTRATION, r"(?:对话|聊天)(?:内容|记录|历史)?(?:发送|发|转发|上传|提交)(?:到|给|至)"),
        (categories.PROMPT_INJECTION, rf"(?:忘记|忘掉|忽略|{_OVERLOOK}|无视)(?:之前|以上|上面|前面|先前)的?(?:一切|所有|全部|内容)"),
        (categories.JAILBREAK, rf"(?:跳过|绕过|无视|忽略|{_OVERLOOK}|违反)(?:你|您)的?(?:内容|安全|使用|道德)?(?:政策|策略|准则|规范|守则)"),
        (categories.JAILBREAK, r"(?:从不|永不|绝不|不会)拒绝的?.{0,6}(?:ai|人工智能|模型|助手|机器人)"),
        (categories.JAILBREAK, r"(?:你|您)(?:现在|从现在起|从现在开始|已经)?(?:是|扮演|变成|成为)(?:一个|一名)?(?:dan|(?:没有|不受|无)(?:任何)?(?:限制|约束|道德|审查|规则))"),
        (categories.JAILBREAK, r"(?:假装|假设|想象|扮演).{0,12}(?:没有|不受|无视|摆脱)(?:任何|一切|所有)?的?(?:限制|约束|审查|规则|道德|法律)"),
        (categories.JAILBREAK, r"(?:进入|开启|启用|切换到|激活)(?:开发者|上帝|越狱|无限制|调试|dan)模式"),
        (categories.JAILBREAK, r"(?:解除|取消|关闭|绕过)(?:你的?)?(?:所有|全部|一切|任何)?的?(?:安全|内容|道德)?(?:限制|审查|过滤|约束)"),
    )
)  # fmt: skip

# Pinyin, with blanks between its syllables or without.
_PINYIN = re.compile(
    r"\b(?:hu {0,3}(?:l[vu]e|shi(?! {0,3}de))|wu {0,3}shi|wang {0,3}(?:ji|diao)|rao {0,3}guo)(?: {0,3}(?:diao|ni|zhi {0,3}qian|yi {0,3}shang|shang {0,3}mian|qian {0,3}mian|xian {0,3}qian|suo {0,3}you|quan {0,3}bu"
    r"|yi {0,3}qie|xi {0,3}tong|de)){1,6} {0,3}(?:zhi {0,3}ling|zhi {0,3}shi|ti {0,3}shi(?: {0,3}ci)?|gui {0,3}ze|she {0,3}ding|yao {0,3}qiu|xian {0,3}zhi)\b"
)
# The same in text whose blanks are lost, where \b and \s find nothing.
_RUN = re.compile(
    r"(?:ignore|disregard|forget|override)(?:all|any|the|your|my|of){0,4}(?:previous|prior|above|earlier|system)(?:instruction|prompt|rule|message)"
    r"|(?:reveal|show|print|repeat|output)(?:me|your|the){0,3}(?:system|hidden|initial|secret)(?:prompt|instruction|message)"
    r"|(?:enter|enable|activate)(?:developer|god|dan|jailbreak)mode"
)
_HAN = re.compile(r"[\u4e00-\u9fff]")
_SENTENCE = re.compile(r"[^\s.!?。！？][^.!?。！？]*")
_WORD = re.compile(r"\S+")
_LONGER_THAN_WORDS = re.compile(r"\S{100,}")


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    with services.models.use("svguardian", load, "prompt-safety") as guardian:
        return check_texts(data, lambda text: _check_text(text, guardian))


def _check_text(text: str, guardian: Guardian) -> Iterator[Match]:
    best: dict[tuple[str, int, int], float] = {}
    reading = read(text)
    # The views of a text have most of their sentences in common.
    attack = cache(partial(_attack, guardian))
    for view in reading.views:
        # The classifier reads words: without borders between them it would only guess, and turned text has none.
        classified = () if view.run or view.turned else _classified(view, attack)
        for category, score, start, end in (*_find(view), *classified):
            best[category, start, end] = max(score, best.get((category, start, end), 0.0))
    for (category, start, end), score in best.items():
        yield Match(category, score, start, end)
    yield from past_reading(text, reading)


def _find(view: View) -> Iterator[tuple[str, float, int, int]]:
    """(category, score, start, end) of every pattern, in places of the original text."""
    for category, pattern in _patterns_for(view):
        for found in pattern.finditer(view.text):
            yield category, PATTERN_SCORE, *view.span(found.start(), found.end())
    if _HAN.search(view.text):
        yield from _find_chinese(view)


def _find_chinese(view: View) -> Iterator[tuple[str, float, int, int]]:
    text = "".join(WORD.findall(view.text))
    places: list[int] = []
    for category, pattern in CHINESE_PATTERNS:
        for found in pattern.finditer(text):
            places = places or [place for word in WORD.finditer(view.text) for place in range(*word.span())]
            yield category, PATTERN_SCORE, *view.span(places[found.start()], places[found.end() - 1] + 1)


def _patterns_for(view: View) -> Patterns:
    injection = categories.PROMPT_INJECTION.id
    if view.run:
        return ((injection, _RUN),)
    return *_ENGLISH, (injection, _PINYIN)


def _classified(view: View, attack: Attack) -> Iterator[tuple[str, float, int, int]]:
    # Nothing that long is a word; if it is encoded, what it says has views of its own.
    text = _LONGER_THAN_WORDS.sub(lambda run: " " * len(run[0]), view.text)
    if not text.strip():
        return
    whole = (0, len(text))
    for start, end in dict.fromkeys([whole, *_windows(text)]):
        found = attack(text[start:end])
        if found and (found[1] >= SURE or (start, end) == whole):
            yield *found, *view.span(start, end)


def _windows(text: str) -> list[tuple[int, int]]:
    """Sentences, the long ones in overlapping windows; wider windows rather than an unread end."""
    found: list[tuple[int, int]] = []
    for sentence in _SENTENCE.finditer(text):
        words = [word.span() for word in _WORD.finditer(text, *sentence.span())]
        for first in range(0, max(len(words) - STRIDE, 1), STRIDE):
            found.append((words[first][0], words[min(first + WINDOW, len(words)) - 1][1]))
    joined = -(-len(found) // MAX_WINDOWS)
    if joined <= 1:
        return found
    return [
        (group[0][0], group[-1][1]) for group in (found[n : n + joined] for n in range(0, len(found), joined))
    ]


def _attack(guardian: Guardian, text: str) -> tuple[str, float] | None:
    """The likeliest attack and a score in which 0.5 stands for the classifier's own threshold."""
    # Its vocabulary is English: about a text with few such letters it knows nothing but what is usual.
    if sum("a" <= char <= "z" for char in text) < len(text) / 2:
        return None
    odds = guardian.classify(text)
    total = sum(odds[name] for name in _ATTACKS)
    limit = guardian.threshold
    score = 0.5 * total / limit if total < limit else 0.5 + 0.5 * (total - limit) / (1 - limit)
    best = max(_ATTACKS, key=lambda name: odds[name])
    return (_ATTACKS[best], min(score, 1.0)) if score >= 0.25 else None


PROMPT_ATTACK = Filter(SPEC, check, ready=with_a_word(check))
