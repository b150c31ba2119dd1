"""The node types that only the compiler places: no pack declares them, no palette lists them, nobody can draw them.

`shown.*` stand where a partial run ends: a person sees what comes in. `relay.*` stand at the borders of a called
workflow and hand on what they get; `fixed.*` give what its author wrote where nothing is handed in. `turn.*` stand
between the rounds of a loop; `item.*`, `along.*` and `gather.*` around what is done for each item of a list. Of each
there is one for each type, so that every port says its own.
"""

from collections.abc import Iterable, Mapping

from runtime.errors import UserError
from runtime.labels import Sink, Source
from runtime.nodes.base import NodeType, Outputs
from runtime.nodes.conditions import CONDITION, holds
from runtime.nodes.context import Context
from runtime.nodes.spec import Effects, Input, NodeSpec, Output, Param, ParamKind, Purpose, Reach, Resource
from runtime.ports import ALL_TYPES, ANY, BOOLEAN, KIND_WORDS, NUMBER, TEXT, Kind, PortType
from runtime.values import Data
from runtime.words import Words

VERSION = 1
# The port of all of them.
PORT = "value"
# What an input for numbers calls its bounds.
MINIMUM, MAXIMUM = "minimum", "maximum"
# How many items a list may bring where it enters a map.
MOST = "most"
# Of a turn: what may end the rounds; which choice it is, since all turns behind one round are one; and its two ways.
UNTIL, CHOICE, AGAIN, END = "until", "choice", "again", "end"
# Of an item: its place, from 0. What goes along with an item names it, and so does what gathers whatever came of them.
INDEX, ITEM, ITEMS = "index", "item", "items"
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


def turn_type(port_type: PortType) -> str:
    """The node type that hands a value on to the next round or out of the loop. Only for what `relay_type` knows."""
    return f"turn.{_word(port_type)}"


def item_type(port_type: PortType) -> str:
    """The node type that gives one item of a list; `port_type` is the item's."""
    return f"item.{_word(port_type)}"


def along_type(port_type: PortType) -> str:
    """The node type that hands on a value wherever there is an item."""
    return f"along.{_word(port_type)}"


def gather_type(port_type: PortType) -> str:
    """The node type that gathers what came of the items, each of this type, in their order."""
    return f"gather.{_word(port_type)}"


def is_turn(spec: NodeSpec) -> bool:
    return spec.type.startswith("turn.") and (spec.type, spec.version) in MADE


def _word(port_type: PortType) -> str:
    return f"{port_type.kind}_list" if port_type.many else str(port_type.kind)


def _spec(
    name: str,
    title: Words,
    port_type: PortType,
    inputs: Iterable[Input] = (),
    outputs: Iterable[Output] = (),
    params: tuple[Param, ...] = (),
    routes: bool = False,
    prunes: bool = False,
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
        routes=routes,
        prunes=prunes,
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


def _hand_on_at_most(context: Context, *, value: list[Data], most: int | None = None) -> Outputs:
    if most is not None and len(value) > most:
        raise UserError(
            "list_too_long",
            Words("The list has more than {most} items.", "列表超过 {most} 项。").fill(most=most),
            Words(
                "Give it a shorter list, or allow more items in the node's settings.",
                "请提供更短的列表，或在节点设置中允许更多项。",
            ),
        )
    return {PORT: value}


# Those of the input that it stands for.
_BOUNDS = (
    Param(MINIMUM, ParamKind.NUMBER, Words("Smallest", "最小值"), Reach.NOWHERE),
    Param(MAXIMUM, ParamKind.NUMBER, Words("Largest", "最大值"), Reach.NOWHERE),
)
_MOST = (Param(MOST, ParamKind.INTEGER, Words("Most items", "最多项数"), Reach.NOWHERE, minimum=1),)


def _relay(port_type: PortType) -> NodeType:
    title = Words("Hands on {kind}", "传递{kind}")
    into, out = Input(PORT, port_type, _VALUE, sink=None), Output(PORT, port_type, _VALUE, source=None)
    params = _BOUNDS if port_type == NUMBER else _MOST if port_type.many else ()
    run = _hand_on_within if port_type == NUMBER else _hand_on_at_most if port_type.many else _hand_on
    return NodeType(_spec("relay", title, port_type, [into], [out], params, routes=True), run)


def _fixed(port_type: PortType, kind: ParamKind) -> NodeType:
    title = Words("Gives {kind} as it was written", "给出作者写定的{kind}")
    # Its bounds are those of the input that it stands for, which were asked when the workflow was published.
    param = Param(PORT, kind, _VALUE, Reach.GIVEN, required=True, max_length=200_000)
    out = Output(PORT, port_type, _VALUE, source=Source.AUTHOR)
    return NodeType(_spec("fixed", title, port_type, outputs=[out], params=(param,)), _hand_on)


def _go_on(
    context: Context,
    *,
    value: Data,
    until: str | None = None,
    choice: str,
    test: str,
    operand: str,
    ignore_case: bool,
) -> Outputs:
    ends = until is not None and holds(test, until, operand, ignore_case)
    return {END if ends else AGAIN: value}


def _turn(port_type: PortType) -> NodeType:
    """Where a round does not say whether it is the last, it is not."""
    title = Words("Takes {kind} to the next round, or out", "将{kind}送入下一轮或送出循环")
    into = (
        Input(PORT, port_type, _VALUE, sink=None),
        Input(UNTIL, TEXT, Words("Until", "结束条件"), sink=None, required=False),
    )
    out = (
        Output(AGAIN, port_type, Words("Next round", "下一轮"), source=None),
        Output(END, port_type, Words("Out", "结束"), source=None),
    )
    params = (
        Param(CHOICE, ParamKind.TEXT, Words("Choice", "选择"), Reach.NOWHERE, required=True),
        *CONDITION,
    )
    return NodeType(_spec("turn", title, port_type, into, out, params, routes=True), _go_on)


def _pick(context: Context, *, value: list[Data], index: int) -> Outputs:
    return {PORT: value[int(index)]} if index < len(value) else {}


def _item(port_type: PortType) -> NodeType:
    title = Words("Gives one of several: {kind}", "从列表中取出一项：{kind}")
    into = Input(PORT, PortType(port_type.kind, many=True), _VALUE, sink=None)
    out = Output(PORT, port_type, _VALUE, source=None)
    params = (
        Param(INDEX, ParamKind.INTEGER, Words("Place", "位置"), Reach.NOWHERE, required=True, minimum=0),
    )
    return NodeType(_spec("item", title, port_type, [into], [out], params, prunes=True), _pick)


def _go_along(context: Context, *, value: Data, item: Data) -> Outputs:
    return {PORT: value}


def _along(port_type: PortType) -> NodeType:
    title = Words("Hands on {kind} for an item", "随列表项传递{kind}")
    into = (
        Input(PORT, port_type, _VALUE, sink=None),
        Input(ITEM, ANY, Words("Item", "列表项"), sink=None),
    )
    out = Output(PORT, port_type, _VALUE, source=None)
    return NodeType(_spec("along", title, port_type, into, [out], routes=True), _go_along)


def _collect(context: Context, *, items: Data, value: list[Data] | None = None) -> Outputs:
    return {PORT: value or []}


def _gather(port_type: PortType) -> NodeType:
    """The list that the items came from says that there was one: of an empty list comes an empty list."""
    title = Words("Gathers {kind}", "汇集{kind}")
    many = PortType(port_type.kind, many=True)
    into = (
        Input(ITEMS, ANY, Words("Items", "列表"), sink=None),
        Input(PORT, many, _VALUE, sink=None, required=False),
    )
    return NodeType(
        _spec("gather", title, port_type, into, [Output(PORT, many, _VALUE, source=None)]), _collect
    )


_FIXED = {
    TEXT: ParamKind.MULTILINE,
    PortType(Kind.TEXT, many=True): ParamKind.LINES,
    NUMBER: ParamKind.NUMBER,
    BOOLEAN: ParamKind.BOOLEAN,
}
MADE: Mapping[tuple[str, int], NodeType] = {
    (item.spec.type, VERSION): item
    for item in (
        *(_shown(port_type) for port_type in _TYPES),
        *(_relay(port_type) for port_type in _TYPES),
        *(_fixed(port_type, kind) for port_type, kind in _FIXED.items()),
        *(_turn(port_type) for port_type in _TYPES),
        *(_item(port_type) for port_type in _TYPES if not port_type.many),
        *(_along(port_type) for port_type in _TYPES),
        *(_gather(port_type) for port_type in _TYPES),
    )
}
