"""Secrets: keys of providers, encrypted in the database. The key to them lies in the home, beside the others."""

import logging

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from django.conf import settings
from django.utils import timezone

from builder.bootstrap import places
from builder.catalog.models import Secret
from builder.common.lends_back import lends_back

log = logging.getLogger(__name__)

# A key a line: the first seals, all of them open. Put a new one on top and `reseal`; then the old one can go.
NAME = "provider_keys"


class DatabaseSecrets:
    """Implements SecretStore."""

    @lends_back
    def read(self, name: str) -> str | None:
        row = Secret.objects.filter(name=name).first()
        if row is None:
            return None
        try:
            return _box().decrypt(row.sealed).decode()
        except InvalidToken:
            log.error("%s cannot be opened with the keys in secrets/%s", name, NAME)
            return None


def open_store() -> DatabaseSecrets:
    """What a worker opens by its dotted path, after the run store has set Django up."""
    return DatabaseSecrets()


def keep_secret(name: str, secret: str) -> None:
    row = {"sealed": _box().encrypt(secret.encode()).decode(), "changed": timezone.now()}
    Secret.objects.update_or_create(name=name, defaults=row)


def forget_secrets(prefix: str) -> None:
    """All whose names begin so."""
    Secret.objects.filter(name__startswith=prefix).delete()


def secrets_kept() -> frozenset[str]:
    """The names alone."""
    return frozenset(Secret.objects.values_list("name", flat=True))


def reseal() -> int:
    """Encrypt everything anew with the first key; how many there were. InvalidToken when one cannot be opened."""
    rows = list(Secret.objects.all())
    box = _box()
    for row in rows:
        row.sealed = box.rotate(row.sealed).decode()
    Secret.objects.bulk_update(rows, ["sealed"])
    return len(rows)


def _box() -> MultiFernet:
    lines = places.secret(settings.HOME, NAME, lambda: Fernet.generate_key().decode()).split()
    return MultiFernet([Fernet(line) for line in lines])
