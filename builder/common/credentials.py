"""The identity with which this installation signs what its models made. Kept beside the other secrets."""

from django.conf import settings

from builder.bootstrap import places
from runtime.labelling.identity import Identity, make_identity

NAME = "credentials.pem"


def open_identity() -> Identity:
    """The installation's identity, made at its first use."""
    return Identity.from_pem(places.secret(settings.HOME, NAME, make_identity))


def own_chain() -> str | None:
    """The certificates (PEM) of our credentials; None where there is no key yet."""
    return open_identity().chain if (settings.HOME / "secrets" / NAME).exists() else None
