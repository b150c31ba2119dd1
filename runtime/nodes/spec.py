"""NodeSpec: the description of a kind of node, from which palette, form, schema, checks and docs are made."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

from runtime.labels import Sink, Source
from runtime.ports import ALL_TYPES, TEXT, Kind, PortType
from runtime.values import Json
from runtime.words import Words

NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
TYPE = re.compile(r"[a-z][a-z0-9_]{0,31}\.[a-z][a-z0-9_]{0,31}")
PLACEHOLDER = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]{0,31})\s*\}\}")


class Purpose(StrEnum):
    INPUTS = "inputs"
    LANGUAGE = "language"
    IMAGE = "image"
    CONTROL = "control"
    OUTPUTS = "outputs"


PURPOSE_TITLES = {
    Purpose.INPUTS: Words("Inputs", "输入"),
    Purpose.LANGUAGE: Words("Language", "语言"),
    Purpose.IMAGE: Words("Image", "图像"),
    Purpose.CONTROL: Words("Control", "控制"),
    Purpose.OUTPUTS: Words("Outputs", "输出"),
}


class Resource(StrEnum):
    """What a step needs: nothing worth a queue, processor time, or an accelerator when there is one."""

    INLINE = "inline"
    CPU = "cpu"
    GPU = "gpu"


class Effects(StrEnum):
    """What happens outside when a step runs: nothing, something repeatable, something that must not repeat."""

    PURE = "pure"
    IDEMPOTENT = "idempotent"
    UNSAFE = "unsafe"


class ParamKind(StrEnum):
    TEXT = "text"
    MULTILINE = "multiline"
    INTEGER = "integer"
    NUMBER = "number"
    # A number of seconds, which people give in larger units.
    DURATION = "duration"
    BOOLEAN = "boolean"
    CHOICE = "choice"
    MODEL = "model"
    ASSET = "asset"
    LINES = "lines"
    # A published version of a workflow, which takes the place of the node: `<workflow>@<number>`.
    WORKFLOW = "workflow"
    # One of the ports that such a version gives the node, by its name.
    PORT = "port"


class Reach(StrEnum):
    """Where the value of a setting goes, besides deciding what the node does: to a sink, or into a value, or nowhere.

    Words that go to a sink leave the setting: the compiler makes a step of them, and they meet the sink's gate.
    """

    MODEL = "model"
    PERSON = "person"
    OUTSIDE = "outside"
    STORE = "store"
    # It is, or becomes part of, what the node gives, and is gated wherever that goes.
    GIVEN = "given"
    # It names something of the drawing, for those who may see the drawing, and travels along no edge.
    DRAWING = "drawing"
    NOWHERE = "nowhere"

    @property
    def sink(self) -> Sink | None:
        return _SINKS.get(self)


_SINKS = {Reach(sink.value): sink for sink in Sink}
# What can say one of a few things only.
_CLOSED = (ParamKind.BOOLEAN, ParamKind.CHOICE)
# Kinds of settings that hold words, with the port that such words stand at.
_WORDS = {ParamKind.TEXT: TEXT, ParamKind.MULTILINE: TEXT, ParamKind.LINES: PortType(Kind.TEXT, many=True)}


@dataclass(frozen=True, slots=True)
class Input:
    """A port that takes a value. `sink` has no default: whoever declares a port says whether bytes leave there."""

    name: str
    type: PortType
    title: Words
    sink: Sink | None
    required: bool = True


@dataclass(frozen=True, slots=True)
class Output:
    """A port that gives a value. `source` has no default: it says who makes the bytes, None for nobody new."""

    name: str
    type: PortType
    title: Words
    source: Source | None
    streams: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    value: str
    title: Words


@dataclass(frozen=True, slots=True)
class Param:
    """A setting without an edge. Bounds are inclusive; `max_length` counts characters.

    `reach` has no default: whoever declares a setting says whether a model is told it, or a person sees it.
    """

    name: str
    kind: ParamKind
    title: Words
    reach: Reach
    default: Json = None
    help: Words | None = None
    required: bool = False
    minimum: float | None = None
    maximum: float | None = None
    step: float | None = None
    choices: tuple[Choice, ...] = ()
    capability: str | None = None
    max_length: int = 20_000
    advanced: bool = False


@dataclass(frozen=True, slots=True)
class Dynamic:
    """Ports that grow with a param: `placeholders` of a text, or one port for each entry of `lines`."""

    side: Literal["inputs", "outputs"]
    param: str
    rule: Literal["placeholders", "lines"]
    type: PortType


@dataclass(frozen=True, slots=True)
class Repeat:
    """What the node calls is placed several times: round after round, or side by side, one for each item of a list.

    `bound` is the setting that says how often at most. `port` is the one that names the output which may end the
    rounds, or the input that takes the items. A loop has those of `conditions.CONDITION` besides.
    """

    way: Literal["loop", "map"]
    bound: str
    port: str


@dataclass(frozen=True, slots=True)
class Asks:
    """A person is asked before the node runs, and sees what stands at its ports that go to a person.

    `question` is the setting with the words. `answers` are those that can be given; none where the answer is a text of the
    person's own. `limit` is the setting that says for how many seconds it waits; where it is empty, thirty days. What counts as
    the answer then is said by the setting `late`; without one, or where that says none of the answers, the step fails.
    """

    question: str
    limit: str
    answers: tuple[str, ...] = ()
    late: str | None = None


@dataclass(frozen=True, slots=True)
class NodeSpec:
    """A kind of node. A node that `routes` hands its bytes on unchanged, so clearances survive it."""

    type: str
    version: int
    title: Words
    summary: Words
    help: Words
    purpose: Purpose
    icon: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    params: tuple[Param, ...]
    effects: Effects
    resource: Resource
    dynamic: Dynamic | None = None
    routes: bool = False
    # Whether it may leave outputs out, so that what hangs on them does not run; a node that routes always may.
    prunes: bool = False
    repeat: Repeat | None = None
    # What a run gives an input node, where that is something else than what its first port hands on.
    takes: PortType | None = None
    # The setting that says for how many seconds it waits, holding no worker, before it runs.
    waits: str | None = None
    # What a person is asked before it runs; no worker is held until the answer is there.
    asks: Asks | None = None
    # Seconds after which a step of this kind is ended.
    time_limit: float = 300.0
    # Settings that are equal in steps which one call of a model can serve together; None where a step is always by itself.
    alike: tuple[str, ...] | None = None
    # The ports at which words of settings stand that go to a sink. Nobody can draw an edge to them.
    told: tuple[Input, ...] = field(init=False)

    def __post_init__(self) -> None:
        if not TYPE.fullmatch(self.type):
            raise ValueError(f"{self.type!r} is not a node type: pack.name in lower case")
        for names in (
            [p.name for p in self.inputs],
            [p.name for p in self.outputs],
            [p.name for p in self.params],
        ):
            if len(set(names)) != len(names) or not all(NAME.fullmatch(name) for name in names):
                raise ValueError(f"{self.type}: bad or repeated name among {names}")
        ports: tuple[Input | Output, ...] = (*self.inputs, *self.outputs)
        if any(port.type not in ALL_TYPES for port in ports):
            raise ValueError(f"{self.type}: unknown port type")
        if self.dynamic and self.dynamic.param not in {p.name for p in self.params}:
            raise ValueError(f"{self.type}: dynamic ports need the param {self.dynamic.param!r}")
        if not set(self.alike or ()) <= {p.name for p in self.params}:
            raise ValueError(
                f"{self.type}: steps are alike by settings that there are, and not by {self.alike}"
            )
        if self.waits is not None and not any(
            p.name == self.waits and p.kind is ParamKind.DURATION for p in self.params
        ):
            raise ValueError(f"{self.type}: {self.waits!r} is no duration to wait for")
        self._check_asks()
        for param in self.params:
            self._check_reach(param)
        object.__setattr__(self, "told", tuple(_told(self.params)))

    def _check_asks(self) -> None:
        if self.asks is None:
            return
        question, limit = self.param(self.asks.question), self.param(self.asks.limit)
        if question is None or question.reach is not Reach.PERSON:
            raise ValueError(f"{self.type}: {self.asks.question!r} is no question that a person is asked")
        if limit is None or limit.kind is not ParamKind.DURATION:
            raise ValueError(f"{self.type}: {self.asks.limit!r} is no duration to wait for")
        if self.asks.late is not None and self.param(self.asks.late) is None:
            raise ValueError(f"{self.type}: {self.asks.late!r} says nothing of what comes when it is late")

    def _check_reach(self, param: Param) -> None:
        """Refuses words that would go on under nobody's name, and at a sink anything that could hide words."""
        if param.name in {port.name for port in self.inputs}:
            raise ValueError(f"{self.type}: {param.name!r} is a port and a setting")
        if not isinstance(param.reach, Reach):
            raise ValueError(f"{self.type}: the setting {param.name!r} does not say where it goes")
        if (
            param.reach is Reach.GIVEN
            and param.kind in _WORDS
            and any(p.source is None for p in self.outputs)
        ):
            raise ValueError(f"{self.type}: {param.name!r} goes into outputs that name no maker")
        bounded = param.minimum is not None and param.maximum is not None
        numbers = bounded and param.kind in (ParamKind.INTEGER, ParamKind.NUMBER)
        if param.reach.sink and not (param.kind in _WORDS or numbers or param.kind in _CLOSED):
            raise ValueError(f"{self.type}: {param.name!r} goes to a sink, and no gate could read it")

    @property
    def delivers(self) -> bool:
        """Whether it is an output: what a person sees there is a result of the run. A question is none."""
        return self.asks is None and any(port.sink is Sink.PERSON for port in self.inputs)

    def param(self, name: str) -> Param | None:
        return next((p for p in self.params if p.name == name), None)

    def inputs_for(self, params: Mapping[str, Json]) -> tuple[Input, ...]:
        """The input ports of a node with these params, dynamic ones last."""
        if self.dynamic is None or self.dynamic.side != "inputs":
            return self.inputs
        kind = self.dynamic.type
        grown = tuple(Input(n, kind, Words(t, t), sink=None) for n, t in self._dynamic_names(params))
        return (*self.inputs, *grown)

    def outputs_for(self, params: Mapping[str, Json]) -> tuple[Output, ...]:
        """The output ports of a node with these params, dynamic ones last."""
        if self.dynamic is None or self.dynamic.side != "outputs":
            return self.outputs
        kind = self.dynamic.type
        grown = tuple(Output(n, kind, Words(t, t), source=None) for n, t in self._dynamic_names(params))
        return (*self.outputs, *grown)

    def _dynamic_names(self, params: Mapping[str, Json]) -> list[tuple[str, str]]:
        assert self.dynamic is not None
        raw = params.get(self.dynamic.param)
        if self.dynamic.rule == "placeholders":
            return [(name, name) for name in placeholders(raw if isinstance(raw, str) else "")]
        entries = raw if isinstance(raw, list) else []
        return [(f"case_{number}", str(entry)) for number, entry in enumerate(entries, start=1)]


def _told(params: Iterable[Param]) -> Iterator[Input]:
    for param in params:
        if param.kind in _WORDS and param.reach.sink:
            yield Input(param.name, _WORDS[param.kind], param.title, param.reach.sink, required=False)


def placeholders(template: str) -> list[str]:
    """The distinct names of `{{name}}` in the order of their first use."""
    return list(dict.fromkeys(PLACEHOLDER.findall(template)))
