"""safety.secrets: access keys in well-known forms, private keys, and passwords that are assigned to a name."""

import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from runtime.packs.safety import categories
from runtime.packs.safety.texts import check_texts
from runtime.ports import Kind
from runtime.safety.filters import Filter, FilterServices, FilterSpec, Match
from runtime.values import Data
from runtime.words import Words

SPEC = FilterSpec(
    id="safety.secrets",
    version=1,
    title=Words("Secrets", "密钥与密码"),
    media=(Kind.TEXT, Kind.JSON),
    categories=(categories.API_KEY, categories.PRIVATE_KEY, categories.PASSWORD),
    languages=("en", "zh"),
    licence="Apache-2.0",
    misses=Words(
        "Knows the forms of common services, and random-looking values beside words like password. "
        "A short or guessable password in a sentence, an unknown form, and an encoded or split key pass.",
        "只认识常见服务的密钥格式，以及“密码”等词旁看似随机的值；句子中简短易猜的密码、未知格式、经编码或拆开的密钥会漏过。",
    ),
)

# The forms are published by the services, so that scanners find them.
_FORMS = (
    r"(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}",  # AWS
    r"gh[pousr]_[A-Za-z0-9]{36,251}",  # GitHub
    r"github_pat_[A-Za-z0-9_]{60,255}",
    r"glpat-[A-Za-z0-9_-]{20,64}",  # GitLab
    r"sk-(?:proj-|svcacct-|ant-[a-z0-9]{2,8}-|or-v1-)?[A-Za-z0-9_-]{20,200}",  # OpenAI, Anthropic, OpenRouter
    r"hf_[A-Za-z0-9]{30,64}",  # Hugging Face
    r"AIza[A-Za-z0-9_-]{35}",  # Google
    r"ya29\.[A-Za-z0-9_-]{20,400}",
    r"xox[abeoprs]-[A-Za-z0-9-]{10,200}",  # Slack
    r"[sr]k_(?:live|test)_[A-Za-z0-9]{16,200}",  # Stripe
    r"SG\.[A-Za-z0-9_-]{16,32}\.[A-Za-z0-9_-]{30,64}",  # SendGrid
    r"npm_[A-Za-z0-9]{36}",
    r"pypi-[A-Za-z0-9_-]{50,300}",
    r"dop_v1_[a-f0-9]{64}",  # DigitalOcean
    r"LTAI[A-Za-z0-9]{12,26}",  # Alibaba Cloud
    r"AKID[A-Za-z0-9]{28,40}",  # Tencent Cloud
    r"eyJ[A-Za-z0-9_-]{10,2000}\.eyJ[A-Za-z0-9_-]{10,4000}\.[A-Za-z0-9_-]{10,2000}",  # JSON web token
)
_KEY = re.compile(rf"(?<![A-Za-z0-9_-])(?:{'|'.join(_FORMS)})(?![A-Za-z0-9_])")
_PRIVATE = re.compile(
    r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY(?: BLOCK)?-----[\s\S]*?(?:-----END [A-Z ]+-----|\Z)"
)
_IN_ADDRESS = re.compile(r"\b[a-z][a-z0-9+.-]{1,20}://[^\s/:@]{1,100}:([^\s/@]{3,200})@")
_NAMED = re.compile(
    r"(?:\b|_)(?:pass(?:word|wd|phrase)|pwd|secret|api[ _-]?key|access[ _-]?key|auth[ _-]?token|access[ _-]?token|token|credentials?)\b"
    r"(?:\s+is)?\s*[\"']?\s*[:=：]?>?\s*[\"'`]?([^\s\"'`,;，。；]{6,200})"
    r"|(?:密码|口令|密钥|令牌)(?:是|为)?\s*[:=：]?\s*[\"'“‘]?([!-~]{6,200})",
    re.IGNORECASE,
)

PASSWORD_SCORE = 0.8
# Bits a character: English words stay below 3, random letters and digits of some length lie above.
RANDOM = 2.9


def looks_random(value: str) -> bool:
    """Whether a value is unlikely to be a word: mixed kinds of characters, little repetition."""
    kinds = sum(bool(re.search(kind, value)) for kind in (r"[a-z]", r"[A-Z]", r"\d", r"[^A-Za-z\d]"))
    has_digit_or_sign = bool(re.search(r"\d|[!@#$%^&*+=?~]", value))
    entropy = -sum(n / len(value) * math.log2(n / len(value)) for n in Counter(value).values())
    return has_digit_or_sign and kinds >= 2 and entropy >= min(RANDOM, math.log2(len(value)) - 0.4)


def check(data: Data, services: FilterServices) -> Iterable[Match]:
    return check_texts(data, _check_text)


def _check_text(text: str) -> Iterator[Match]:
    for found in _PRIVATE.finditer(text):
        yield Match(categories.PRIVATE_KEY.id, 1.0, *found.span())
    for found in _KEY.finditer(text):
        yield Match(categories.API_KEY.id, 1.0, *found.span())
    for found in _IN_ADDRESS.finditer(text):
        yield Match(categories.PASSWORD.id, PASSWORD_SCORE, *found.span(1))
    for found in _NAMED.finditer(text):
        group = 1 if found[1] is not None else 2
        if looks_random(found[group]):
            yield Match(categories.PASSWORD.id, PASSWORD_SCORE, *found.span(group))


SECRETS = Filter(SPEC, check)
