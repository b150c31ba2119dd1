"""Profiles: how much of a run's story a watcher asks for. Who draws sees the steps, who uses the result sees what it gives."""

import json
from collections.abc import Callable

from builder.runs.live import ENDS, Told
from runtime.events import EventKind

_PUBLIC = ENDS | {
    EventKind.RUN_QUEUED.value,
    EventKind.RUN_RUNNING.value,
    EventKind.RUN_WAITING.value,
    EventKind.QUEUE_POSITION.value,
    EventKind.OUTPUT.value,
    EventKind.OUTPUT_PARTIAL.value,
}


def author(event: Told) -> Told | None:
    """Everything."""
    return event


def public(event: Told) -> Told | None:
    """No steps, no gates, and no name of a node. The numbers of what is left out are missing."""
    if event.kind not in _PUBLIC:
        return None
    if event.kind != EventKind.RUN_FAILED:
        return event
    body = json.loads(event.text)
    body["data"] = {key: value for key, value in body["data"].items() if key != "node"}
    return event._replace(text=json.dumps(body, ensure_ascii=False, separators=(",", ":")))


def profile_of(name: str | None) -> Callable[[Told], Told | None]:
    """Without a name the author's; a name that is none of ours shows no more than the public one."""
    return author if name in (None, "", "author") else public
