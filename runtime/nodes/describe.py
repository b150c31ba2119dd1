"""A NodeSpec as JSON, as the palette and the API give it."""

from runtime.nodes.spec import Input, NodeSpec, Output, Param
from runtime.values import Json


def describe_spec(spec: NodeSpec) -> dict[str, Json]:
    dynamic, repeat = spec.dynamic, spec.repeat
    return {
        "type": spec.type,
        "version": spec.version,
        "title": spec.title.to_json(),
        "summary": spec.summary.to_json(),
        "help": spec.help.to_json(),
        "purpose": spec.purpose.value,
        "icon": spec.icon,
        "inputs": [describe_input(port) for port in spec.inputs],
        "outputs": [describe_output(port) for port in spec.outputs],
        "params": [describe_param(param) for param in spec.params],
        "dynamic": {
            "side": dynamic.side,
            "param": dynamic.param,
            "rule": dynamic.rule,
            "type": str(dynamic.type),
        }
        if dynamic
        else None,
        "repeat": {"way": repeat.way, "bound": repeat.bound, "port": repeat.port} if repeat else None,
        "asks": spec.asks is not None,
        "resource": spec.resource.value,
        "effects": spec.effects.value,
    }


def describe_input(port: Input) -> dict[str, Json]:
    return {
        "name": port.name,
        "type": str(port.type),
        "title": port.title.to_json(),
        "required": port.required,
        "sink": port.sink.value if port.sink else None,
    }


def describe_output(port: Output) -> dict[str, Json]:
    return {"name": port.name, "type": str(port.type), "title": port.title.to_json(), "streams": port.streams}


def describe_param(param: Param) -> dict[str, Json]:
    return {
        "name": param.name,
        "kind": param.kind.value,
        "title": param.title.to_json(),
        "help": param.help.to_json() if param.help else None,
        "default": param.default,
        "required": param.required,
        "minimum": param.minimum,
        "maximum": param.maximum,
        "step": param.step,
        "choices": [{"value": c.value, "title": c.title.to_json()} for c in param.choices] or None,
        "capability": param.capability,
        "max_length": param.max_length,
        "advanced": param.advanced,
    }
