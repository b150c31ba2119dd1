"""SecretStore: what a worker's agent asks for keys. The application implements it; a dotted path joins them."""

from typing import Protocol


class SecretStore(Protocol):
    """Secrets by name, in clear for whoever asks: only the agent does, and hands on what a segment needs."""

    def read(self, name: str) -> str | None:
        """None when there is no such secret, or when it cannot be opened with the installation's key."""
        ...


class NoSecrets:
    """Where nothing is kept."""

    def read(self, name: str) -> str | None:
        return None
