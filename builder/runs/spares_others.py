"""spares_others: in a sweep a fault with one run is loud in the log, and the others are looked after all the same."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import InterfaceError, OperationalError, connection

log = logging.getLogger(__name__)


@contextmanager
def spares_others(what: str) -> Iterator[None]:
    """Around what is done for one of many. The next sweep comes to it again."""
    try:
        yield
    except Exception as fault:
        if _is_everybodys(fault):
            raise
        log.exception("%s: the sweep goes on without it", what)


def _is_everybodys(fault: Exception) -> bool:
    """Whether the others would meet it too: the database is away, or somebody keeps all of it locked."""
    if not isinstance(fault, OperationalError | InterfaceError):
        return False
    return connection.vendor == "sqlite" or not connection.is_usable()
