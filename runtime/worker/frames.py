"""Frames: JSON objects with their length before them, over a pipe. No pickle: a frame can only be data."""

import json
import struct
import threading
from typing import IO

from runtime.values import Json

LENGTH = struct.Struct(">I")
# A claim carries texts of steps that ended, and a plan of up to 1,000 steps; nothing honest comes near this.
LARGEST = 256 * 1024 * 1024


class BrokenFrame(Exception):
    """The other side sent something that is no frame, or ended in the middle of one."""


class Writer:
    """Writes frames whole, from any thread."""

    def __init__(self, pipe: IO[bytes]) -> None:
        self._pipe = pipe
        self._lock = threading.Lock()

    def send(self, frame: dict[str, Json]) -> None:
        """BrokenPipeError when nobody reads any more."""
        body = json.dumps(frame, ensure_ascii=True, separators=(",", ":")).encode()
        with self._lock:
            self._pipe.write(LENGTH.pack(len(body)) + body)
            self._pipe.flush()


def read_frame(pipe: IO[bytes]) -> dict[str, Json] | None:
    """The next frame, or None at the end of the pipe. BrokenFrame when it is cut short or too large."""
    head = pipe.read(LENGTH.size)
    if not head:
        return None
    if len(head) < LENGTH.size:
        raise BrokenFrame("the pipe ended inside a frame's length")
    (length,) = LENGTH.unpack(head)
    if length > LARGEST:
        raise BrokenFrame("a frame is larger than any may be")
    body = pipe.read(length)
    if len(body) < length:
        raise BrokenFrame("the pipe ended inside a frame")
    frame = json.loads(body)
    if not isinstance(frame, dict):
        raise BrokenFrame("a frame is no object")
    return frame
