"""lends_back: what a worker's threads ask of the database leaves no connection with them."""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec, TypeVar

from django.db import Error, connection

P = ParamSpec("P")
T = TypeVar("T")


def lends_back(work: Callable[P, T]) -> Callable[P, T]:
    """A worker's threads are many and live long: a pooled connection goes back after each call, a broken one goes."""

    @wraps(work)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> T:
        broken = False
        try:
            return work(*args, **kwargs)
        except Error:
            broken = True
            raise
        finally:
            pooled = connection.settings_dict["OPTIONS"].get("pool")
            if (broken or pooled) and not connection.in_atomic_block:
                connection.close()

    return wrapped
