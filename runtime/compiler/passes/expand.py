"""expand: every node with its spec, its params filled in, and the ports that they make."""

from dataclasses import replace

from runtime.compiler.draft import Placed
from runtime.compiler.inlined import Inlined
from runtime.compiler.passes.fail_over import check_fail_over, with_error_port
from runtime.compiler.passes.try_again import check_retry
from runtime.graph.model import Issue, Node
from runtime.graph.params import check_params
from runtime.nodes.made import MADE
from runtime.nodes.registry import Registry
from runtime.nodes.spec import NodeSpec
from runtime.values import Json
from runtime.words import Words


def expand(inlined: Inlined, registry: Registry) -> tuple[tuple[Placed, ...], list[Issue]]:
    """The nodes whose type is known (settings at fault included, so that later passes see their ports)."""
    placed: list[Placed] = []
    issues: list[Issue] = []
    for node in inlined.nodes:
        if node.id in inlined.broken:
            continue
        spec = registry.spec(node.type, node.version)
        # What the compiler places by itself, nobody may draw.
        if spec is None or ((node.type, node.version) in MADE and node.id not in inlined.made):
            issues.append(_unknown(node, registry))
            continue
        params, found = check_params(node.id, spec, node.params)
        issues.extend(found)
        issues.extend(_reserved(node, spec, params))
        inputs = spec.inputs_for(params)
        if node.id in inlined.titles:
            inputs = tuple(replace(port, title=inlined.titles[node.id]) for port in inputs)
        origin, caller = inlined.origins.get(node.id, ""), inlined.callers.get(node.id)
        outputs = spec.outputs_for(params)
        issues.extend(check_fail_over(node, spec, outputs))
        issues.extend(check_retry(node, spec))
        placed.append(Placed(node, spec, params, inputs, with_error_port(node, outputs), origin, caller))
    return tuple(placed), issues


def _reserved(node: Node, spec: NodeSpec, params: dict[str, Json]) -> list[Issue]:
    """Inputs that grew under a name that the node's function takes already: one of two values would be lost."""
    if spec.dynamic is None or spec.dynamic.side != "inputs":
        return []
    taken = {"context"} | {port.name for port in spec.inputs} | {param.name for param in spec.params}
    grown = [port.name for port in spec.inputs_for(params)[len(spec.inputs) :]]
    return [
        Issue(
            "placeholder_reserved",
            Words("The name “{name}” is used by the node itself.", "名称“{name}”已被节点自身使用。").fill(
                name=name
            ),
            Words("Choose another name for this placeholder.", "请为该占位符换一个名称。"),
            node=node.id,
            param=spec.dynamic.param,
        )
        for name in grown
        if name in taken
    ]


def _unknown(node: Node, registry: Registry) -> Issue:
    versions = registry.versions(node.type)
    if not versions:
        return Issue(
            "node_type_unknown",
            Words("There is no node type “{type}” here.", "这里没有节点类型“{type}”。").fill(type=node.type),
            Words(
                "Choose one from the palette, or install its pack.",
                "请从节点面板中选择，或安装所需的节点包。",
            ),
            node=node.id,
        )
    return Issue(
        "node_version_unknown",
        Words("“{type}” has no version {version} here.", "“{type}”没有版本 {version}。").fill(
            type=node.type, version=node.version
        ),
        Words("Replace it with version {known}.", "请改用版本 {known}。").fill(known=versions[-1]),
        node=node.id,
    )
