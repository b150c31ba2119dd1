"""Logs: how a line is written down, for people or as JSON for machines, and which run it is about.

`SLUICEWAY_LOG_FORMAT=json` gives one JSON object a line: time, level, logger, message, and of a fault its kind and where
it came from. What a fault says is left out there: an exception may quote anything.
"""

import json
import logging
import os
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from types import MappingProxyType

FORMATS = ("line", "json")
LINE = "%(asctime)s %(levelname)s %(name)s: %(message)s"
VARIABLE = "SLUICEWAY_LOG_FORMAT"

# What is being worked on here: "run", and "segment" where there is one. A thread that is begun does not inherit it.
in_hand: ContextVar[Mapping[str, str | int]] = ContextVar("in_hand", default=MappingProxyType({}))


@contextmanager
def about(**ids: str | int) -> Iterator[None]:
    """Within the block, each line says that it is about these."""
    token = in_hand.set(MappingProxyType({**in_hand.get(), **ids}))
    try:
        yield
    finally:
        in_hand.reset(token)


def chosen() -> str:
    """The format that the environment asks for. ValueError for one that there is not."""
    name = os.environ.get(VARIABLE) or FORMATS[0]
    if name not in FORMATS:
        raise ValueError(f"{VARIABLE} is {name!r}; write one of {', '.join(FORMATS)}.")
    return name


def configure() -> None:
    """Set up the log of a process without Django."""
    as_json = chosen() == "json"
    handler = logging.StreamHandler()
    handler.setFormatter(JsonLines() if as_json else logging.Formatter(LINE))
    logging.captureWarnings(as_json)
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    # It tells of kernels for graphics processors that it cannot load, whenever it is imported. We call none of them.
    logging.getLogger("torchao").setLevel(logging.ERROR)


class JsonLines(logging.Formatter):
    """One JSON object a line."""

    def format(self, record: logging.LogRecord) -> str:
        return json.dumps(self.told(record), ensure_ascii=False, default=str)

    def told(self, record: logging.LogRecord) -> dict[str, object]:
        body: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            **in_hand.get(),
        }
        if record.exc_info and record.exc_info[0] is not None:
            body["fault"] = record.exc_info[0].__name__
            body["at"] = [
                f"{frame.filename}:{frame.lineno}" for frame in traceback.extract_tb(record.exc_info[2])
            ]
        return body
