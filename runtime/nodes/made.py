"""The node types that only the compiler places: no pack declares them, no palette lists them, nobody can draw them.

`shown.*` stand where a partial run ends: a person sees what comes in. `relay.*` stand at the borders of a called
workflow and hand on what they get; `fixed.*` give what its author wrote where nothing is handed in. Of each there is
one for each type, so that every port says its own.
"""

from collections.abc import Iterable, Mapping

from runtime.errors import UserError
from runtime.labels import Sink, Source
from runtime.nodes.base import NodeType, Outputs
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, Input, NodeSpec, Output, Param, ParamKind, Purpose, Resource
from runtime.ports import ALL_TYPES, BOOLEAN, KIND_WORDS, NUMBER, TEXT, Kind, PortType
from runtime.values import Data
from runtime.words import Words

VERSION = 1
# The port of all of them.
PORT = "value"
# What an input for numbers calls its bounds.
MINIMUM, MAXIMUM = "minimum", "maximum"
_VALUE = Words("Value", "值")
_TYPES = tuple(item for item in ALL_TYPES if item.kind not in (Kind.ANY, Kind.MODEL))


def shown_type(port_type: PortType) -> str | None:
    """The node type that shows a person a value of this type; None when nobody is ever shown such a value."""
    return f"shown.{_word(port_type)}" if port_type in _TYPES else None


def relay_type(port_type: PortType) -> str | None:
    """The node type that hands on a value of this type at the border of a call; None when none can."""
    return f"relay.{_word(port_type)}" if port_type in _TYPES else None


def fixed_type(port_type: PortType) -> str | None:
    """The node type that gives a value of this type as an author wrote it; None when none can."""
    return f"fixed.{_word(port_type)}" if port_type in _FIXED else None


def _word(port_type: PortType) -> str:
    return f"{port_type.kind}_list" if port_type.many else str(port_type.kind)


def _spec(
    name: str,
    title: Words,
    port_type: PortType,
    inputs: Iterable[Input] = (),
    outputs: Iterable[Output] = (),
    params: tuple[Param, ...] = (),
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
        params=params,
        effects=Effects.PURE,
        resource=Resource.INLINE,
        routes=name == "relay",
    )


_HELP = Words("The server places it.", "由服务器放置。")


def _show(context: Context, *, value: Data) -> Outputs:
    # As with every output: only the clearance of the value decides whether it is delivered.
    return {}


def _shown(port_type: PortType) -> NodeType:
    title = Words("Shows {kind}", "显示{kind}")
    into = Input(PORT, port_type, _VALUE, Sink.PERSON)
    return NodeType(_spec("shown", title, port_type, [into]), _show)


def _hand_on(context: Context, *, value: Data) -> Outputs:
    return {PORT: value}


def _hand_on_within(
    context: Context, *, value: float, minimum: float | None = None, maximum: float | None = None
) -> Outputs:
    if (minimum is not None and value < minimum) or (maximum is not None and value > maximum):
        raise UserError(
            "input_out_of_range",
            Words("A number that is handed in here is out of range.", "传入的数字超出范围。"),
            Words("The called workflow's input says its bounds.", "范围由被调用工作流的输入节点规定。"),
        )
    return {PORT: value}


def _relay(port_type: PortType) -> NodeType:
    title = Words("Hands on {kind}", "传递{kind}")
    into, out = Input(PORT, port_type, _VALUE, sink=None), Output(PORT, port_type, _VALUE, source=None)
    if port_type != NUMBER:
        return NodeType(_spec("relay", title, port_type, [into], [out]), _hand_on)
    # Those of the input that it stands for.
    bounds = (
        Param(MINIMUM, ParamKind.NUMBER, Words("Smallest", "最小值")),
        Param(MAXIMUM, ParamKind.NUMBER, Words("Largest", "最大值")),
    )
    return NodeType(_spec("relay", title, port_type, [into], [out], bounds), _hand_on_within)


def _fixed(port_type: PortType, kind: ParamKind) -> NodeType:
    title = Words("Gives {kind} as it was written", "给出作者写定的{kind}")
    # Its bounds are those of the input that it stands for, which were asked when the workflow was published.
    param = Param(PORT, kind, _VALUE, required=True, max_length=200_000)
    out = Output(PORT, port_type, _VALUE, source=Source.AUTHOR)
    return NodeType(_spec("fixed", title, port_type, outputs=[out], params=(param,)), _hand_on)


_FIXED = {TEXT: ParamKind.MULTILINE, NUMBER: ParamKind.NUMBER, BOOLEAN: ParamKind.BOOLEAN}
MADE: Mapping[tuple[str, int], NodeType] = {
    (item.spec.type, VERSION): item
    for item in (
        *(_shown(port_type) for port_type in _TYPES),
        *(_relay(port_type) for port_type in _TYPES),
        *(_fixed(port_type, kind) for port_type, kind in _FIXED.items()),
    )
}
