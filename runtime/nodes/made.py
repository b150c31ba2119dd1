"""The node types that only the compiler places: no pack declares them, no palette lists them, nobody can draw them.

`shown.*` stand where a partial run ends: a person sees what comes in. One for each type, so that a port says its own.
"""

from collections.abc import Iterable, Mapping

from runtime.labels import Sink
from runtime.nodes.base import NodeType, Outputs
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, Input, NodeSpec, Output, Purpose, Resource
from runtime.ports import ALL_TYPES, KIND_WORDS, Kind, PortType
from runtime.values import Data
from runtime.words import Words

VERSION = 1
# The port of all of them.
PORT = "value"
_VALUE = Words("Value", "值")
_TYPES = tuple(item for item in ALL_TYPES if item.kind not in (Kind.ANY, Kind.MODEL))


def shown_type(port_type: PortType) -> str | None:
    """The node type that shows a person a value of this type; None when nobody is ever shown such a value."""
    return f"shown.{_word(port_type)}" if port_type in _TYPES else None


def _word(port_type: PortType) -> str:
    return f"{port_type.kind}_list" if port_type.many else str(port_type.kind)


def _spec(
    name: str, title: Words, port_type: PortType, inputs: Iterable[Input], outputs: Iterable[Output]
) -> NodeSpec:
    return NodeSpec(
        type=f"{name}.{_word(port_type)}",
        version=VERSION,
        title=title.fill(kind=KIND_WORDS[port_type.kind]),
        summary=title.fill(kind=KIND_WORDS[port_type.kind]),
        help=_HELP,
        purpose=Purpose.CONTROL,
        icon="box",
        inputs=tuple(inputs),
        outputs=tuple(outputs),
        params=(),
        effects=Effects.PURE,
        resource=Resource.INLINE,
        routes=bool(outputs),
    )


_HELP = Words("The server places it.", "由服务器放置。")


def _show(context: Context, *, value: Data) -> Outputs:
    # As with every output: only the clearance of the value decides whether it is delivered.
    return {}


def _shown(port_type: PortType) -> NodeType:
    title = Words("Shows {kind}", "显示{kind}")
    return NodeType(
        _spec("shown", title, port_type, [Input(PORT, port_type, _VALUE, Sink.PERSON)], ()), _show
    )


MADE: Mapping[tuple[str, int], NodeType] = {
    (item.spec.type, VERSION): item for item in (_shown(port_type) for port_type in _TYPES)
}
