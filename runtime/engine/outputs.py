"""Outputs: what a node gave, checked against its ports and labelled."""

import re
from collections.abc import Iterable, Mapping

from runtime.engine.faults import BadOutput
from runtime.errors import UserError
from runtime.labels import Source
from runtime.nodes.spec import NodeSpec
from runtime.plan import ERROR_PORT, Step
from runtime.ports import ASSET_KINDS, Kind, PortType
from runtime.values import AssetRef, Data, Value, is_plain
from runtime.words import Words

ANYBODY = frozenset(Source)
NOBODY: frozenset[Source] = frozenset()
AUTHORS = frozenset({Source.AUTHOR})
COPIED = frozenset({Source.AUTHOR, Source.RETRIEVED})
# Bytes of text and data that one step may give. They cross a pipe, stand in a row of the database and are read again by each
# step behind; what is larger is for a file. At its most unfortunate (control characters, told as a result as well) it is three
# quarters of the largest frame, and a lease of two seconds stands while it is written.
LARGEST = 16 * 1024 * 1024
FIGURE = 8  # bytes that whatever is no text counts for
_HAS_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_UNSTORABLE = {0: "\ufffd", **dict.fromkeys(range(0xD800, 0xE000), "\ufffd")}


def label(
    step: Step,
    spec: NodeSpec,
    given: Mapping[str, Data],
    inputs: Iterable[Value],
    arguments: Iterable[Value] = (),
    copied: bool = False,
) -> dict[str, Value]:
    """The step's outputs as Values. Raises BadOutput when they are not what its ports declare, UserError when they are too large.

    A value comes from everybody whose bytes went into the step; a router's keeps the clearances of the same bytes,
    and so does what a step without inputs hands on of the run's arguments at its node. In a drawing that was `copied`
    from elsewhere, what the author wrote may be a stranger's.
    """
    origins = tuple(inputs)
    arguments = () if step.bindings else tuple(arguments)
    reached = frozenset().union(*(value.sources for value in (*origins, *arguments)))
    made = {port.name: _owners(port.source, copied) for port in spec.outputs_for(step.params)}
    types = dict(step.outputs)
    if step.fallback is not None and step.fallback.text is not None:
        types.pop(ERROR_PORT, None)  # no node gives that: what stands there is written when it fails
    kept = origins if spec.routes else arguments
    _check_names(given, types, spec)
    check_size(list(given.values()))
    return {
        name: _labelled(types[name], data, made.get(name, NOBODY) | reached, kept)
        for name, data in given.items()
    }


def _owners(source: Source | None, copied: bool) -> frozenset[Source]:
    if source is Source.AUTHOR:
        return authors_of(copied)
    return frozenset({source}) if source else NOBODY


def authors_of(copied: bool) -> frozenset[Source]:
    """Who may have written what stands in a drawing."""
    return COPIED if copied else AUTHORS


def _check_names(given: Mapping[str, Data], types: Mapping[str, PortType], spec: NodeSpec) -> None:
    unknown = given.keys() - types.keys()
    # Few may leave ports out: what hangs on them does not run.
    lacking = set() if spec.routes or spec.prunes else types.keys() - given.keys()
    if unknown or lacking:
        raise BadOutput(f"{spec.type} gave {sorted(given)}, its ports are {sorted(types)}")


def check_size(data: Data) -> None:
    """Raises UserError `output_too_large` for more than a step may give."""
    if _room_left(data, LARGEST) < 0:
        raise UserError(
            "output_too_large",
            Words(
                "This step gave more than {most} MB of text and data.",
                "此步骤输出的文本和数据超过了 {most} MB。",
            ).fill(most=str(LARGEST // 1024**2)),
            Words("Make its task smaller, or split it up.", "请减小任务规模，或将其拆分。"),
        )


def _room_left(data: Data, room: int) -> int:
    """What of the room is left beside the data; less than nothing as soon as it is known not to fit."""
    if isinstance(data, str):
        return room - (
            len(data) if data.isascii() or len(data) > room else len(data.encode(errors="replace"))
        )
    if not isinstance(data, list | dict):
        return room - FIGURE
    if isinstance(data, dict):
        data = [*data.keys(), *data.values()]
    for item in data:
        room = _room_left(item, room - 1)
        if room < 0:
            break
    return room


def _labelled(port_type: PortType, data: Data, makers: frozenset[Source], routed: tuple[Value, ...]) -> Value:
    data = _storable(data)
    actual = _actual_type(port_type, data, routed)
    if not _fits(actual, data):
        raise BadOutput(f"an output declared as {port_type} is something else")
    value = Value(actual, data, makers or ANYBODY)
    kept = {c for origin in routed for c in origin.clearances if c.digest == value.digest}
    return Value(actual, data, value.sources, frozenset(kept))


def _storable(data: Data) -> Data:
    """Text without what no database keeps and no terminal shows: NUL, and halves of surrogate pairs."""
    if isinstance(data, str):
        return data.translate(_UNSTORABLE) if _HAS_UNSTORABLE.search(data) else data
    if isinstance(data, list):
        return [_storable(item) for item in data]
    if isinstance(data, dict):
        return {_storable(key): _storable(item) for key, item in data.items()}
    return data


def _actual_type(port_type: PortType, data: Data, routed: tuple[Value, ...]) -> PortType:
    """A router's `any` is the type of the value that it hands on."""
    if port_type.kind is not Kind.ANY:
        return port_type
    same = next((value.type for value in routed if value.data is data or value.data == data), None)
    if same is None:
        raise BadOutput("a port of any type gave something that did not come in")
    return same


def _fits(port_type: PortType, data: Data) -> bool:
    if port_type.many:
        return isinstance(data, list) and all(_fits(port_type.item, item) for item in data)
    if port_type.kind in ASSET_KINDS or port_type.kind is Kind.MODEL:
        return isinstance(data, AssetRef) if port_type.kind in ASSET_KINDS else isinstance(data, str)
    return is_plain(port_type.kind, data)
