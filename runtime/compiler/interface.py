"""interface_of: what a graph asks for and gives when another calls it: its inputs and outputs, as ports."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from runtime.graph.model import Graph, Node
from runtime.graph.params import check_params
from runtime.nodes.made import MAXIMUM, MINIMUM, fixed_type, relay_type
from runtime.nodes.registry import Registry
from runtime.nodes.spec import Input, NodeSpec, Purpose
from runtime.ports import NUMBER, PortType
from runtime.values import Json


@dataclass(frozen=True, slots=True)
class Door:
    """One port of a call, called after the node inside that it leads to. `default` stands where nothing is connected,

    and `bounds` are what a number that is handed in must keep. `name` is what a run calls it: in a loop an output
    feeds the input of the same name.
    """

    port: str
    type: PortType
    title: str
    name: str
    required: bool = True
    default: Json = None
    bounds: Mapping[str, Json] = field(default_factory=dict)

    def to_json(self) -> dict[str, Json]:
        return {
            "name": self.port,
            "type": str(self.type),
            "title": self.title or self.port,
            "required": self.required,
        }


@dataclass(frozen=True, slots=True)
class Interface:
    """By node; `unfit` are nodes that show a person something and can be no plain output of a call."""

    inputs: Mapping[str, Door]
    outputs: Mapping[str, Door]
    unfit: tuple[str, ...] = ()


def interface_of(graph: Graph, registry: Registry) -> Interface:
    inputs: dict[str, Door] = {}
    outputs: dict[str, Door] = {}
    unfit: list[str] = []
    for node in graph.nodes:
        spec = registry.spec(node.type, node.version)
        if spec is None:
            continue
        if spec.purpose is Purpose.INPUTS:
            door = _way_in(node, spec)
            unfit += _kept(node, door, inputs)
        elif spec.delivers:
            unfit += _kept(node, _way_out(node, spec), outputs)
    return Interface(inputs, outputs, tuple(unfit))


def _kept(node: Node, door: Door | None, doors: dict[str, Door]) -> list[str]:
    if door is None:
        return [node.id]
    doors[node.id] = door
    return []


def _way_in(node: Node, spec: NodeSpec) -> Door | None:
    params, _ = check_params(node.id, spec, node.params)
    outputs = spec.outputs_for(params)
    if len(outputs) != 1 or relay_type(outputs[0].type) is None:
        return None
    if node.on_error is not None and node.on_error.text is not None:
        return None  # a port cannot fail, and what is drawn on that way would never be gone
    default = params.get("default")
    # A stored file of somebody's cannot be handed in by nobody: such an input must be connected.
    required = default in (None, "") or fixed_type(outputs[0].type) is None
    bounds = {
        name: params[name]
        for name in (MINIMUM, MAXIMUM)
        if outputs[0].type == NUMBER and params.get(name) is not None
    }
    return Door(
        node.id,
        outputs[0].type,
        _title(node, params),
        _name(node, params),
        required,
        None if required else default,
        bounds,
    )


def _way_out(node: Node, spec: NodeSpec) -> Door | None:
    params, _ = check_params(node.id, spec, node.params)
    inputs: tuple[Input, ...] = spec.inputs_for(params)
    if len(inputs) != 1 or spec.outputs_for(params) or relay_type(inputs[0].type) is None:
        return None
    return Door(node.id, inputs[0].type, _title(node, params), _name(node, params))


def _name(node: Node, params: Mapping[str, Json]) -> str:
    return str(params.get("name") or node.id)


def _title(node: Node, params: Mapping[str, Json]) -> str:
    return str(params.get("label") or node.title or params.get("name") or "")
