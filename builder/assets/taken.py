"""Taken: a file that somebody brings, once it is recognised and within the limits."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Taken:
    """What is stored of an upload: without its name, its declared type and its metadata. Width and height are pixels."""

    media_type: str
    content: bytes
    width: int | None = None
    height: int | None = None
