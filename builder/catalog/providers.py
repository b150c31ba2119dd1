"""Keeps, lists, tries and forgets providers. Who changes one does it by `builder/console/change_providers.py`."""

import json
import subprocess
import sys
from dataclasses import dataclass

from django.conf import settings

from builder.bootstrap import places
from builder.catalog.secrets import forget_secrets, keep_secret, open_store, secrets_kept
from runtime.errors import OperationalError, UserError
from runtime.providers import KEY, Provider, check_provider, forget_provider, keep_provider, providers
from runtime.words import Words

PATIENCE = 60  # seconds that the program which tries a provider may take


@dataclass(frozen=True, slots=True)
class Known:
    """A provider, and whether it has all that it needs."""

    provider: Provider
    has_key: bool

    @property
    def usable(self) -> bool:
        return self.has_key or not self.provider.keyed


def known_providers() -> list[Known]:
    found = providers(settings.HOME / "providers")
    kept = secrets_kept() if found else frozenset()
    return [Known(item, item.secret in kept) for item in found]


def usable_providers() -> frozenset[str]:
    """The names of those that could be asked."""
    return frozenset(known.provider.name for known in known_providers() if known.usable)


def offered_models() -> frozenset[str]:
    """The models that nodes of workflows may name."""
    open_to_them = (
        known.provider for known in known_providers() if known.usable and known.provider.workflows
    )
    return frozenset(ref for provider in open_to_them for ref in provider.refs())


def store_provider(provider: Provider, key: str = "") -> None:
    """In place of one of its name. Raises UserError with what to mend.

    An earlier key stays only where it would be sent to the same address in the same way.
    """
    check_provider(provider)
    if key:
        _check_key(key)
    if provider.keyed and not key and provider.secret not in secrets_kept():
        raise UserError(
            "provider_keyless",
            Words("The provider {name} needs a key.", "服务商 {name} 需要密钥。").fill(name=provider.name),
            Words("Give one, or say that it wants none.", "请提供密钥，或注明无需密钥。"),
        )
    if key or not provider.keyed:
        _forget_keys(provider.name)
    if key:
        keep_secret(provider.secret, key)
    keep_provider(provider, settings.HOME / "providers")


def store_key(name: str, key: str) -> None:
    """Another key for a provider that is there. Raises UserError."""
    provider = find_provider(name)
    _check_key(key)
    _forget_keys(name)
    keep_secret(provider.secret, key)


def delete_provider(name: str) -> None:
    """With its key, at once and whoever uses it: what asks it lets nothing pass from now on."""
    find_provider(name)
    _forget_keys(name)
    forget_provider(name, settings.HOME / "providers")


def find_provider(name: str) -> Provider:
    """Raises UserError where there is none of that name."""
    found = next((known.provider for known in known_providers() if known.provider.name == name), None)
    if found is None:
        raise UserError(
            "provider_missing",
            Words("There is no provider {name}.", "没有服务商 {name}。").fill(name=name[:60]),
            Words(
                "`python3 manage.py providers list` shows them.",
                "`python3 manage.py providers list` 可列出全部。",
            ),
        )
    return found


def try_provider(name: str, model: str = "") -> float:
    """Ask one of its models for a word; the seconds that it took. Raises UserError or OperationalError.

    In a program of its own, as an installation is: the web process holds no client.
    """
    provider = find_provider(name)
    order = {
        "provider": name,
        "model": model or provider.models[0],
        "keys": {provider.secret: (open_store().read(provider.secret) or "") if provider.keyed else ""},
    }
    try:
        done = subprocess.run(
            [sys.executable, "-m", "runtime.models.providers"],
            cwd=places.ROOT,
            env={"SLUICEWAY_HOME": str(settings.HOME)},
            # Not by an argument or a variable, where other programs could read it.
            input=json.dumps(order).encode(),
            capture_output=True,
            timeout=PATIENCE,
            check=True,
        )
        said = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError):
        raise OperationalError(
            "provider_untried", Words("The provider could not be tried.", "无法测试该服务商。")
        ) from None
    if "fault" in said:
        fault = said["fault"]
        hint = Words.from_json(fault["hint"]) if fault["hint"] else None
        raise OperationalError(fault["code"], Words.from_json(fault["message"]), hint)
    return float(said["seconds"])


def _forget_keys(name: str) -> None:
    # The dot ends the name: no other provider's begins so.
    forget_secrets(f"provider.{name}.")


def _check_key(key: str) -> None:
    if not KEY.fullmatch(key):
        raise UserError(
            "provider_key_form",
            Words(
                "That is no key: it has blanks, signs beyond ASCII, or more than 2,000 characters.",
                "密钥无效：含有空白、非 ASCII 字符，或超过 2000 个字符。",
            ),
        )
