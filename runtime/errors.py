"""Errors that say whose problem they are: the user's, or the installation's. Anything else is a bug."""

from dataclasses import dataclass

from runtime.words import Words


class Cancelled(Exception):
    """The run was asked to stop; raised inside a node at its next check."""


@dataclass
class UserError(Exception):
    """Something the author or the user can mend: a wrong value, a refused file."""

    code: str
    message: Words
    hint: Words | None = None
    node: str | None = None
    port: str | None = None

    def __str__(self) -> str:
        return f"{self.code}: {self.message.en}"


@dataclass
class OperationalError(Exception):
    """Something whoever runs the installation can mend: a missing model, a full disk, a lost worker."""

    code: str
    message: Words
    hint: Words | None = None
    retryable: bool = False

    def __str__(self) -> str:
        return f"{self.code}: {self.message.en}"
