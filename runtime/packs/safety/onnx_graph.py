"""Onnx graph: what is changed about a network before it is opened, in the bytes of its file."""

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from runtime.packs.safety.protobuf import Field, Wire, fields_of, written

if TYPE_CHECKING:
    import numpy as np

# Fields of ONNX's own schema: the graph of a model; its layers, weights, inputs and outputs, and down to their sizes.
GRAPH, NODE, WEIGHTS, INPUT, OUTPUT, TYPE, TENSOR, SHAPE = 7, 1, 5, 11, 12, 2, 1, 2
TO_SHAPE = (TYPE, TENSOR)
NAME_OF_OUTPUT, MADE_BY_NODE, NAME_OF_WEIGHTS, RAW = 1, 2, 8, 9
SIZE, KNOWN = 1, 1
COLOURS = b"\x03"


def any_size(model: bytes) -> bytes:
    """The same network for pictures of any size: its file names the one size that it was written with.

    The layers know no size; only what is said about inputs and outputs is taken out. That the input is a picture with
    three colours stays: where it has no shape at all, onnxruntime leaves additions and pools unfused (5 % slower).
    """
    return written(
        replace(field, content=_sizeless(field.content)) if field.number == GRAPH else field
        for field in fields_of(model)
    )


def cut_at(model: bytes, value: str) -> bytes:
    """The network without the layers that come after this value, which becomes its one output.

    Raises ValueError where no layer gives that value.
    """
    return written(
        replace(field, content=_cut(field.content, value.encode())) if field.number == GRAPH else field
        for field in fields_of(model)
    )


def weights(model: bytes, name: str) -> "np.ndarray":
    """Weights of the network as numbers, in one row. Raises ValueError where there are none of the name."""
    import numpy as np

    for graph in (field.content for field in fields_of(model) if field.number == GRAPH):
        for item in (field.content for field in fields_of(graph) if field.number == WEIGHTS):
            parts = {field.number: field.content for field in fields_of(item)}
            if parts.get(NAME_OF_WEIGHTS) == name.encode():
                return np.frombuffer(parts[RAW], "<f4")
    raise ValueError(f"no weights {name}")


def _cut(graph: bytes, value: bytes) -> bytes:
    # Layers stand in the order in which they are computed, as the standard asks.
    kept: list[Field] = []
    found = False
    for field in fields_of(graph):
        if field.number == NODE:
            if found:
                continue
            found = any(
                part.number == MADE_BY_NODE and part.content == value for part in fields_of(field.content)
            )
        elif field.number == OUTPUT:
            field = replace(field, content=_renamed(field.content, value))
        kept.append(field)
    if not found:
        raise ValueError(f"no layer gives {value.decode()}")
    return written(kept)


def _renamed(output: bytes, name: bytes) -> bytes:
    return written(
        replace(part, content=name) if part.number == NAME_OF_OUTPUT else part for part in fields_of(output)
    )


def _sizeless(graph: bytes) -> bytes:
    # The network's weights stand among its inputs as well, as older files have it; they keep their sizes.
    first = True
    kept: list[Field] = []
    for field in fields_of(graph):
        if field.number == INPUT and first:
            field, first = replace(field, content=_changed(field.content, TO_SHAPE, _of_any_size)), False
        elif field.number == OUTPUT:
            field = replace(field, content=_changed(field.content, TO_SHAPE, _shapeless))
        kept.append(field)
    return written(kept)


def _changed(message: bytes, path: tuple[int, ...], change: Callable[[bytes], bytes]) -> bytes:
    """The message with what lies at the end of the path changed."""
    if not path:
        return change(message)
    return written(
        replace(field, content=_changed(field.content, path[1:], change))
        if field.number == path[0] and field.wire is Wire.BYTES
        else field
        for field in fields_of(message)
    )


def _shapeless(tensor: bytes) -> bytes:
    return written(field for field in fields_of(tensor) if field.number != SHAPE)


def _of_any_size(tensor: bytes) -> bytes:
    return _changed(tensor, (SHAPE, SIZE), _unless_colours)


def _unless_colours(size: bytes) -> bytes:
    return written(field for field in fields_of(size) if field.number != KNOWN or field.content == COLOURS)
