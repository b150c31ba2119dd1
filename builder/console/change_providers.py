"""Adds providers, changes their keys and removes them, each with its line in the audit log.

The line is written first and the file changed last, because no rollback takes a file back.
"""

from django.db import transaction

from builder.accounts.models import User
from builder.catalog.providers import delete_provider, store_key, store_provider
from builder.safety.append_audit import append_audit
from runtime.providers import Provider, check_provider


def add_provider(provider: Provider, key: str = "", by: User | None = None) -> None:
    """In place of one of its name. Raises UserError with what to mend."""
    data = {
        "base_url": provider.base_url,
        "models": list(provider.models),
        "networks": list(provider.networks),
        "workflows": provider.workflows,
    }
    # Before the line, which not every database could take from whatever a form says.
    check_provider(provider)
    with transaction.atomic():
        append_audit("provider.added", by=by, subject=provider.name, data=data)
        store_provider(provider, key)


def change_key(name: str, key: str, by: User | None = None) -> None:
    """Raises UserError."""
    with transaction.atomic():
        append_audit("provider.key", by=by, subject=name)
        store_key(name, key)


def remove_provider(name: str, by: User | None = None) -> None:
    """At once, whoever uses it. Raises UserError."""
    with transaction.atomic():
        append_audit("provider.removed", by=by, subject=name)
        delete_provider(name)
