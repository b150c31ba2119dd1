"""Providers: remote APIs with chat models, kept as files that are named by what they say. Keys are kept elsewhere.

A graph names a model of a provider as `PROVIDER:MODEL`. Only an administrator says which providers there are.
"""

import hashlib
import ipaddress
import json
import os
import re
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, Self
from urllib.parse import SplitResult, urlsplit

from runtime.errors import UserError
from runtime.words import Words

FORMAT = 1
HASH_LENGTH = 16
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
MODEL = re.compile(r"[\x21-\x7e]{1,100}")
# What may stand in a header: a line break in a key would begin another header.
KEY = re.compile(r"[\x21-\x7e]{1,2000}")
MOST_MODELS = 50
LONGEST_URL = 500
_HOST = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?|[0-9a-f:]{2,39}")
_PATH = re.compile(r"[A-Za-z0-9/._~:@!$&'()*+,;=-]*")
_QUERY = re.compile(r"[A-Za-z0-9/._~:@!$&'()*+,;=?-]*")
# Addresses are shown, logged and kept in clear.
_KEY_IN_QUERY = re.compile(r"(?i)(?:^|[&;])[a-z_.-]*(?:key|token|secret|password|sig|signature)=")
_FILE = re.compile(rf"({NAME.pattern})\.([0-9a-f]{{{HASH_LENGTH}}})\.json")
# Which field says how long an answer may be: newer models of OpenAI take only the second.
Limit = Literal["max_tokens", "max_completion_tokens"]
# How the key is sent: `Authorization: Bearer KEY`, or `api-key: KEY` as Azure wants it.
Header = Literal["bearer", "api-key"]


@dataclass(frozen=True, slots=True)
class Provider:
    """Where chat models answer by the OpenAI protocol. `networks` are addresses beside public ones that it may have.

    `keyed`: it wants a key. `workflows`: nodes may use it too; without that, only filters of a policy can.
    """

    name: str
    base_url: str
    models: tuple[str, ...]
    header: Header = "bearer"
    limit: Limit = "max_tokens"
    networks: tuple[str, ...] = ()
    keyed: bool = True
    workflows: bool = False

    @property
    def url(self) -> SplitResult:
        return urlsplit(self.base_url)

    @property
    def hash(self) -> str:
        """Of everything that it says."""
        return _hash({"format": FORMAT, **asdict(self)})

    @property
    def secret(self) -> str:
        """The name of its key. Another address, and another way to send it, would be another secret."""
        place = {"name": self.name, "base_url": self.base_url, "header": self.header}
        return f"provider.{self.name}.{_hash({**place, 'networks': list(self.networks)})}"

    def identity_of(self, model: str) -> str:
        """Of all that makes an answer another one; its other models, and who else may ask, are not of it."""
        return _hash({"base_url": self.base_url, "model": model, "limit": self.limit})

    def refs(self) -> list[str]:
        """Its models, as graphs name them."""
        return [f"{self.name}:{model}" for model in self.models]

    @classmethod
    def from_json(cls, data: Mapping[str, object]) -> Self:
        """UserError for what is no provider; TypeError or KeyError for what was not written by `keep_provider`."""
        fields = {name: tuple(value) if isinstance(value, list) else value for name, value in data.items()}
        if fields.pop("format", None) != FORMAT:
            raise KeyError("format")
        provider = cls(**fields)  # type: ignore[arg-type]  # checked below, value by value
        check_provider(provider)
        return provider


@dataclass(frozen=True, slots=True, repr=False)
class Access:
    """A provider with its key, empty where it wants none. It has no repr: nothing that is logged may show it."""

    provider: Provider
    key: str


def split_ref(ref: str) -> tuple[str, str] | None:
    """Provider and model of `PROVIDER:MODEL`; None for a model of the catalogue, whose names have no colon."""
    name, colon, model = ref.partition(":")
    return (name, model) if colon else None


def providers_folder() -> Path:
    return Path(os.environ.get("SLUICEWAY_HOME") or "var").absolute() / "providers"


def providers(folder: Path | None = None) -> list[Provider]:
    """The providers of this installation, by name. A file that was changed by hand is none of them."""
    folder = folder or providers_folder()
    paths = sorted(folder.iterdir()) if folder.is_dir() else []
    found = (_read(path) for path in paths)
    return [provider for provider in found if provider is not None]


def keep_provider(provider: Provider, folder: Path | None = None) -> None:
    """Store it in place of any other of its name. Raises UserError for what is no provider."""
    check_provider(provider)
    folder = folder or providers_folder()
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{provider.name}.{provider.hash}.json"
    partial = path.with_suffix(f".{os.getpid()}.partial")
    partial.write_text(json.dumps({"format": FORMAT, **asdict(provider)}, indent=1), encoding="utf-8")
    partial.replace(path)
    _remove(provider.name, folder, but=path)


def forget_provider(name: str, folder: Path | None = None) -> None:
    _remove(name, folder or providers_folder(), but=None)


def check_provider(provider: Provider) -> None:
    """Raises UserError with what to mend."""
    if not isinstance(provider.name, str) or not NAME.fullmatch(provider.name):
        raise _refused("provider_name", _NAME)
    _check_url(provider.base_url)
    if not provider.models or len(provider.models) > MOST_MODELS or not _all_match(provider.models, MODEL):
        raise _refused("provider_models", _MODELS.fill(most=MOST_MODELS))
    if provider.header not in ("bearer", "api-key"):
        raise _refused("provider_header", _HEADER)
    if provider.limit not in ("max_tokens", "max_completion_tokens"):
        raise _refused("provider_limit", _LIMIT)
    for network in provider.networks:
        try:
            ipaddress.ip_network(network)
        except ValueError:
            raise _refused("provider_network", _NETWORK.fill(network=str(network)[:60])) from None


def is_loopback(host: str) -> bool:
    """Whether a host, as a URL writes it, can only be this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _check_url(text: str) -> None:
    try:
        url = urlsplit(text)
        host, port = url.hostname or "", url.port
    except (ValueError, AttributeError, TypeError):
        raise _refused("provider_url", _URL) from None
    sound = (
        len(text) <= LONGEST_URL
        and url.scheme in ("http", "https")
        and _HOST.fullmatch(host)
        and port != 0
        and not (url.username or url.password or url.fragment or "@" in url.netloc)
        and _PATH.fullmatch(url.path)
        and ".." not in url.path
        and _QUERY.fullmatch(url.query)
    )
    if not sound:
        raise _refused("provider_url", _URL)
    if _KEY_IN_QUERY.search(url.query):
        raise _refused("provider_url_key", _SHOWN)
    if url.scheme == "http" and not is_loopback(host):
        raise _refused("provider_url_open", _OPEN)


def _read(path: Path) -> Provider | None:
    named = _FILE.fullmatch(path.name)
    if not named:
        return None
    try:
        provider = Provider.from_json(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, KeyError, AttributeError, UserError):
        return None
    return provider if (provider.name, provider.hash) == (named[1], named[2]) else None


def _remove(name: str, folder: Path, but: Path | None) -> None:
    for path in folder.iterdir() if folder.is_dir() else ():
        named = _FILE.fullmatch(path.name)
        if named and named[1] == name and path != but:
            path.unlink(missing_ok=True)


def _all_match(texts: Iterable[object], pattern: "re.Pattern[str]") -> bool:
    return all(isinstance(text, str) and pattern.fullmatch(text) for text in texts)


def _hash(data: Mapping[str, object]) -> str:
    canonical = json.dumps(data, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()[:HASH_LENGTH]


def _refused(code: str, message: Words) -> UserError:
    return UserError(code, message, Words("Correct it and try again.", "请更正后重试。"))


_NAME = Words(
    "A provider's name is up to 40 small letters, digits, - and _.",
    "服务商名称最多 40 个字符，仅可使用小写字母、数字、- 与 _。",
)
_URL = Words(
    "The base URL is not one: https, a host, perhaps a port, a path and a query; no user, no fragment.",
    "基础地址无效：需为 https 加主机名，可带端口、路径与查询；不可含用户名或片段。",
)
_OPEN = Words(
    "Without https only this machine itself can be a provider (localhost, 127.0.0.1).",
    "不使用 https 时，服务商只能是本机（localhost、127.0.0.1）。",
)
_SHOWN = Words(
    "The base URL holds a key, and base URLs are shown and written down.",
    "基础地址中含有密钥，而基础地址会被显示和记录。",
)
_MODELS = Words("Name one to {most} models, without blanks.", "请列出 1 至 {most} 个模型，名称中不可含空格。")
_HEADER = Words("The key is sent as bearer or as api-key.", "密钥发送方式只能是 bearer 或 api-key。")
_LIMIT = Words(
    "The field for the longest answer is max_tokens or max_completion_tokens.",
    "限制回答长度的字段只能是 max_tokens 或 max_completion_tokens。",
)
_NETWORK = Words(
    "“{network}” is no network; write for example 10.0.0.0/8.", "“{network}”不是网段；例如可写 10.0.0.0/8。"
)
