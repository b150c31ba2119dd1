"""Adds providers, changes their keys and removes them, each with its line in the audit log."""

from django.db import transaction

from builder.accounts.models import User
from builder.catalog.providers import delete_provider, store_key, store_provider
from builder.safety.append_audit import append_audit
from runtime.providers import Provider


def add_provider(provider: Provider, key: str = "", by: User | None = None) -> None:
    """In place of one of its name. Raises UserError with what to mend."""
    data = {
        "base_url": provider.base_url,
        "models": list(provider.models),
        "networks": list(provider.networks),
        "workflows": provider.workflows,
    }
    with transaction.atomic():
        store_provider(provider, key)
        append_audit("provider.added", by=by, subject=provider.name, data=data)


def change_key(name: str, key: str, by: User | None = None) -> None:
    """Raises UserError."""
    with transaction.atomic():
        store_key(name, key)
        append_audit("provider.key", by=by, subject=name)


def remove_provider(name: str, by: User | None = None) -> None:
    """At once, whoever uses it. Raises UserError."""
    with transaction.atomic():
        delete_provider(name)
        append_audit("provider.removed", by=by, subject=name)
