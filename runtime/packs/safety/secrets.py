"""safety.secrets: access keys in well-known forms, private keys, and passwords that are assigned to a name."""

import math
import re
import string
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from runtime.packs.safety import categories, in_one_go
from runtime.packs.safety.letters import with_hyphens
from runtime.packs.safety.looks import Look, looks
from runtime.packs.safety.texts import check_texts, joined
from runtime.ports import Kind
from runtime.safety.filters import Filter, FilterServices, FilterSpec, Match
from runtime.values import Data
from runtime.words import Words

SPEC = FilterSpec(
    id="safety.secrets",
    version=2,
    title=Words("Secrets", "密钥与密码"),
    media=(Kind.TEXT, Kind.JSON),
    categories=(categories.API_KEY, categories.PRIVATE_KEY, categories.PASSWORD),
    languages=("en", "zh"),
    licence="Apache-2.0",
    misses=Words(
        "Knows the forms of common services, and random-looking values beside words like password. "
        "A short or guessable password in a sentence, and an encoded or split key pass; a key of an unknown form is "
        "found by its randomness, with a score of 0.4 that the usual threshold does not reach.",
        "只认识常见服务的密钥格式，以及“密码”等词旁看似随机的值；句子中简短易猜的密码、经编码或拆开的密钥会漏过；未知格式的密钥仅凭随机性识别，得分为 0.4，低于通常阈值。",
    ),
    cost=0.11,
    private=True,
)

# The code of a language behind a sign begins a name ("mt-sk-model-of-many-words"), unless a digit comes.
_NO_NAME = r"(?!(?<=[_-]sk-)[A-Za-z_-]{0,40}(?![A-Za-z0-9_-]))"
# The forms are published by the services, so that scanners find them: how each begins, and how it goes on. Where a
# form may be longer than the shortest that is known, nothing bounds it: a bound would show the end of a longer key.
_FORMS = (
    (r"A(?:KIA|SIA|BIA|CCA)", r"[A-Z0-9]{16}"),  # AWS
    (r"gh[pousr]_", r"[A-Za-z0-9]{36,}"),  # GitHub
    (r"github_pat_", r"[A-Za-z0-9_]{60,}"),
    (r"glpat-", r"[A-Za-z0-9_-]{20,}"),  # GitLab
    (
        r"sk-",
        rf"{_NO_NAME}(?:proj-|svcacct-|ant-[a-z0-9]{{2,8}}-|or-v1-)?[A-Za-z0-9_-]{{20,}}",
    ),  # OpenAI and others
    (r"hf_", r"[A-Za-z0-9]{30,}"),  # Hugging Face
    (r"AIza", r"[A-Za-z0-9_-]{35}"),  # Google
    (r"ya29\.", r"[A-Za-z0-9_-]{20,}"),
    (r"xox[abeoprs]-", r"[A-Za-z0-9-]{10,}"),  # Slack
    (r"[sr]k_(?:live|test)_", r"[A-Za-z0-9]{16,}"),  # Stripe
    (r"SG\.", r"[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,}"),  # SendGrid
    (r"npm_", r"[A-Za-z0-9]{36}"),
    (r"pypi-", r"[A-Za-z0-9_-]{50,}"),
    (r"dop_v1_", r"[a-f0-9]{64}"),  # DigitalOcean
    (r"LTAI", r"[A-Za-z0-9]{12,26}"),  # Alibaba Cloud
    (r"AKID", r"[A-Za-z0-9]{28,40}"),  # Tencent Cloud
    (r"AKLT", r"[A-Za-z0-9_-]{30,}"),  # Volcano Engine
    (r"ALTAK-?", r"[A-Za-z0-9]{20,}"),  # Baidu
    (r"GOCSPX-", r"[A-Za-z0-9_-]{20,}"),  # Google sign-in
    (r"gsk_", r"[A-Za-z0-9]{40,}"),  # Groq
    (r"xai-", r"[A-Za-z0-9]{40,}"),
    (r"pplx-", r"[A-Za-z0-9]{40,}"),
    (r"r8_", r"[A-Za-z0-9]{30,}"),  # Replicate
    (r"nvapi-", r"[A-Za-z0-9_-]{40,}"),
    (r"tvly-", r"[A-Za-z0-9_-]{20,}"),
    (r"shp(?:at|ca|pa|ss)_", r"[a-fA-F0-9]{32}"),  # Shopify
    (r"sq0(?:atp|csp)-", r"[A-Za-z0-9_-]{22,}"),  # Square
    (r"whsec_", r"[A-Za-z0-9+/=]{24,}"),
    (r"dapi", r"[a-f0-9]{32}"),  # Databricks
    (r"glsa_", r"[A-Za-z0-9_]{32,}"),  # Grafana
    (r"hv[sb]\.", r"[A-Za-z0-9_-]{24,}"),  # Vault
    (r"dp\.(?:pt|st|ct)\.", r"[A-Za-z0-9]{40,}"),  # Doppler
    (r"lin_api_", r"[A-Za-z0-9]{40}"),
    (r"ntn_", r"[A-Za-z0-9]{40,}"),  # Notion
    (r"sbp_", r"[a-f0-9]{40}"),  # Supabase
    (r"dckr_pat_", r"[A-Za-z0-9_-]{20,}"),
    (r"ATATT3", r"[A-Za-z0-9_=-]{60,}"),  # Atlassian
    (r"PMAK-", r"[a-f0-9]{24}-[a-f0-9]{34}"),  # Postman
    (r"NRAK-", r"[A-Z0-9]{27}"),  # New Relic
    (r"EAACEdEose0cBA", r"[A-Za-z0-9]{20,}"),  # Facebook
    (r"AGE-SECRET-KEY-1", r"[A-Z0-9]{58}"),
    (r"SK", r"[a-f0-9]{32}"),  # Twilio
    (r"key-", r"[a-f0-9]{32}"),  # Mailgun
    # JSON web token; where many begin, each is read no farther than such a header is long.
    (r"eyJ", r"[A-Za-z0-9_-]{10,4096}\.eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}"),
)
# Forms that always fit into what a stream holds back, whatever characters they have.
_SHORT = re.compile(
    r"(?<!\d)\d{8,10}:AA[A-Za-z0-9_-]{33}(?![A-Za-z0-9])"  # Telegram
    r"|hooks\.slack\.com/services/T[A-Z0-9]{6,12}/B[A-Z0-9]{6,12}/[A-Za-z0-9]{20,32}(?![A-Za-z0-9])"
    r"|discord(?:app)?\.com/api/webhooks/\d{16,20}/[A-Za-z0-9_-]{60,72}(?![A-Za-z0-9])"
    r"|(?<![a-f0-9])[a-f0-9]{32}\.[A-Za-z0-9]{16}(?![A-Za-z0-9])"  # Zhipu
    r"|(?:oapi\.dingtalk\.com/robot/send\?access_token=|qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=)[a-f0-9-]{32,64}(?![a-f0-9])"
)
# A hyphen or an underscore beside a key is none of it.
_BORDER = r"(?<![A-Za-z0-9])"
_KEY = re.compile(rf"{_BORDER}(?:{'|'.join(start + rest for start, rest in _FORMS)})(?![A-Za-z0-9])")
_KEY_BEGINS = re.compile(rf"{_BORDER}(?:{'|'.join(start for start, _ in _FORMS)})")
# Whatever form a key has, these are its characters: until another one comes it may go on.
_OF_KEYS = string.ascii_letters + string.digits + "_.-"

# Word processors join some of its hyphens. A header fits into what a stream holds back; what follows it is taken out to the end of the text.
_PRIVATE = re.compile(
    r"-{1,5} ?BEGIN (?:[A-Z]{1,20} ){0,4}PRIVATE KEY(?: BLOCK)? ?-{1,5}[\s\S]*?(?:-{1,5} ?END [A-Z ]+-{1,5}|\Z)"
)
_SCHEME = r"\b[a-z][a-z0-9+.-]{1,20}://"
_IN_ADDRESS = re.compile(rf"{_SCHEME}[^\s/:@]*:([^\s/@]{{3,}})@")
_ADDRESS_BEGINS = re.compile(rf"{_SCHEME}[^\s/@]*+\Z")

_NAME = (
    r"(?:\b|_)(?:pass(?:word|wd|phrase)|pwd|secret|api[ _-]?key|access[ _-]?key|auth[ _-]?token|access[ _-]?token|token|credentials?)\b"
    r"(?:\s+is)?\s*+[\"']?\s*+[:=：]?>?\s*+[\"'`]?"
)
_ZH_NAME = r"(?:密码|口令|密钥|令牌)(?:是|为)?\s*+[:=：]?\s*+[\"'“‘]?"
# As many characters as a name has with a sign behind it, and blanks.
LONGEST_NAME = 20
_VALUE, _ZH_VALUE = r"[^\s\"'`,;，。；]", r"[!-~]"
_NAMED = re.compile(rf"{_NAME}({_VALUE}{{6,}})|{_ZH_NAME}({_ZH_VALUE}{{6,}})", re.IGNORECASE)
_NAMED_BEGINS = re.compile(rf"(?:{_NAME}{_VALUE}*+|{_ZH_NAME}{_ZH_VALUE}*+)\Z", re.IGNORECASE)

# What all of these have somewhere, found in a fraction of the time. A name is looked for without regard to case, as
# its pattern is; `casefold` is at least as generous.
_LONG_WORD = re.compile(r"[A-Za-z0-9_.=+/-]{15}")
_NAMES = ("pass", "pwd", "secret", "key", "token", "credent", "密码", "口令", "密钥", "令牌")
_ADDRESS, _HEADER = "://", "BEGIN "

# Any long run of the characters that keys have, when nothing but its randomness speaks: below the usual threshold,
# for policies that would rather lose a hash than show a key.
_RANDOM = re.compile(r"(?<![A-Za-z0-9_+/.=-])[A-Za-z0-9_+/-]{32,120}+={0,2}(?![A-Za-z0-9_+/.=-])")
RANDOM_SCORE = 0.4
PASSWORD_SCORE = 0.8
# Bits a character: English words stay below 3, random letters and digits of some length lie above.
RANDOM = 2.9
RANDOM_ALONE = 4.3


def looks_random(value: str) -> bool:
    """Whether a value is unlikely to be a word: mixed kinds of characters, little repetition."""
    kinds = sum(bool(re.search(kind, value)) for kind in (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z\d]"))
    has_digit_or_sign = bool(re.search(r"\d|[!@#$%^&*+=?~]", value))
    return has_digit_or_sign and kinds >= 2 and entropy(value) >= min(RANDOM, math.log2(len(value)) - 0.4)


def looks_like_key(value: str) -> bool:
    """Whether a long value without any name is random: small and large letters and digits, hardly repeated."""
    has_all = all(re.search(kind, value) for kind in (r"[a-z]", r"[A-Z]", r"\d"))
    return has_all and entropy(value) >= RANDOM_ALONE


def entropy(value: str) -> float:
    """Bits a character, by how often each occurs."""
    return -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    return check_texts(data, _check_text)


def _check_text(text: str) -> Iterator[Match]:
    return joined(_in_every_look(text))


def _in_every_look(text: str) -> Iterator[Match]:
    """In the text as it is written, and as it is shown: there it may have lost the border before a key."""
    seen = looks(text)
    written = Look(text, range(len(text)), range(1, len(text) + 1))
    for look in (written, *(look for look in seen.each if look.text != text)):
        said = with_hyphens(look.text)
        is_named = _names_something(said)
        for category, score, start, end in _find(said, is_named):
            yield Match(category, score, *look.span(start, end))
        begun = None if look.mixed else _begun(said, is_named)
        if begun is not None:
            yield Match(begun[0], PASSWORD_SCORE, look.starts[begun[1]], len(text), open=True)
    if seen.open_from is not None:
        yield Match(categories.API_KEY.id, PASSWORD_SCORE, seen.open_from, len(text), open=True)


def _find(text: str, is_named: bool) -> Iterator[tuple[str, float, int, int]]:
    """(category, score, start, end) of everything that is recognised."""
    for found in _PRIVATE.finditer(text) if _HEADER in text else ():
        yield categories.PRIVATE_KEY.id, 1.0, *found.span()
    if _LONG_WORD.search(text):
        yield from _keys(text)
    if _ADDRESS in text:
        for found in _IN_ADDRESS.finditer(text):
            yield categories.PASSWORD.id, PASSWORD_SCORE, *found.span(1)
    for start, end in _named(text) if is_named else ():
        if looks_random(text[start:end]):
            yield categories.PASSWORD.id, PASSWORD_SCORE, start, end


def _named(text: str) -> Iterator[tuple[int, int]]:
    """Values beside a name. With one sign between, the name of the next value is the end of a value."""
    place = 0
    while found := _NAMED.search(text, place):
        start, end = found.span(1 if found[1] is not None else 2)
        yield start, end
        place = max(start, end - LONGEST_NAME)


def _keys(text: str) -> Iterator[tuple[str, float, int, int]]:
    for form in (_KEY, _SHORT):
        for found in form.finditer(text):
            yield categories.API_KEY.id, 1.0, *found.span()
    for found in _RANDOM.finditer(text):
        if looks_like_key(found[0]):
            yield categories.API_KEY.id, RANDOM_SCORE, *found.span()


def _names_something(text: str) -> bool:
    folded = text.casefold()
    return any(name in folded for name in _NAMES)


def _begun(text: str, is_named: bool) -> tuple[str, int] | None:
    """What has begun and reaches the end of the text: a key, an address with a password, a value beside a name."""
    key = _KEY_BEGINS.search(text, len(text.rstrip(_OF_KEYS)))
    found = [
        (begun.start(), category.id)
        for category, begun in (
            (categories.API_KEY, key),
            (categories.PASSWORD, _ADDRESS_BEGINS.search(text) if _ADDRESS in text else None),
            (categories.PASSWORD, _NAMED_BEGINS.search(text) if is_named else None),
        )
        if begun and begun.start() < len(text)
    ]
    place, category = min(found, default=(0, ""))
    return (category, place) if category else None


def check_each(values: Sequence[Data], services: FilterServices) -> Iterable[Iterable[Match]]:
    return in_one_go.check_each(values, lambda value: check(value, services), _may_have)


def _may_have(text: str) -> bool:
    return any(not match.open for match in _in_every_look(text))


SECRETS = Filter(SPEC, check, check_each)
