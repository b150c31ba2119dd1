"""Protobuf: the fields of a message in that encoding, read and written without its schema. For weight files."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import IntEnum


class Wire(IntEnum):
    """How a field's value is stored."""

    NUMBER = 0
    EIGHT_BYTES = 1
    BYTES = 2
    FOUR_BYTES = 5


FIXED = {Wire.EIGHT_BYTES: 8, Wire.FOUR_BYTES: 4}


@dataclass(frozen=True, slots=True)
class Field:
    """One field of a message: its number, and its value as it is stored, without length."""

    number: int
    wire: Wire
    content: bytes


def fields_of(message: bytes) -> Iterator[Field]:
    """The fields in order. Raises ValueError for what is no message."""
    place = 0
    while place < len(message):
        tag, place = _number(message, place)
        wire = Wire(tag & 7)
        if wire is Wire.NUMBER:
            end = _number(message, place)[1]
        elif wire is Wire.BYTES:
            length, place = _number(message, place)
            end = place + length
        else:
            end = place + FIXED[wire]
        if end > len(message):
            raise ValueError("the message ends inside a field")
        yield Field(tag >> 3, wire, message[place:end])
        place = end


def written(fields: Iterable[Field]) -> bytes:
    """The message that has these fields."""
    parts: list[bytes] = []
    for field in fields:
        parts.append(_varint(field.number << 3 | field.wire))
        if field.wire is Wire.BYTES:
            parts.append(_varint(len(field.content)))
        parts.append(field.content)
    return b"".join(parts)


def _number(message: bytes, place: int) -> tuple[int, int]:
    """A number of seven bits a byte at the place, and where it ends."""
    value = shift = 0
    while True:
        if place >= len(message) or shift > 63:
            raise ValueError("the message ends inside a number")
        byte = message[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place


def _varint(value: int) -> bytes:
    found = bytearray()
    while value > 0x7F:
        found.append(value & 0x7F | 0x80)
        value >>= 7
    return bytes((*found, value))
