"""Draws a graph as a small picture (SVG): its nodes where they stand on the canvas, and their wires."""

from html import escape

from runtime.nodes.registry import load_registry
from runtime.nodes.spec import NodeSpec
from runtime.ports import Kind
from runtime.values import Json

WIDTH, HEIGHT = 640, 360
NODE_WIDTH, NODE_HEIGHT = 220, 96
MARGIN = 32
MAX_SCALE = 0.9
CLOSER = 0.84
ZIGZAG = 150
# Colours of the house (docs/look): readable on a light and on a dark page, for the picture brings no ground.
WIRES = {Kind.TEXT: "#3b82f6", Kind.IMAGE: "#d9772b", Kind.NUMBER: "#8b5cf6", Kind.BOOLEAN: "#8b5cf6"}
OTHER_WIRE = "#64748b"
STYLE = (
    ".n{fill:#fff;stroke:#e3e7ea}.t{fill:#17212b;font:600 15px Inter,'Noto Sans SC',sans-serif}"
    ".b{fill:#e3e7ea}.i{fill:#0b7a75}.w{fill:none;stroke-width:2.5}"
    "@media(prefers-color-scheme:dark){.n{fill:#1b2329;stroke:#273038}.t{fill:#e8edf1}.b{fill:#273038}.i{fill:#35b8ae}}"
)


def draw_picture(graph: dict[str, Json], language: str) -> str:
    """The picture as SVG text, 640 by 360, scaled to fit; titles in `language` (en or zh)."""
    places = _places(graph)
    specs = _specs(graph)
    left = min((x for x, _ in places.values()), default=0)
    top = min((y for _, y in places.values()), default=0)
    wide = max((x for x, _ in places.values()), default=0) - left + NODE_WIDTH
    high = max((y for _, y in places.values()), default=0) - top + NODE_HEIGHT
    scale = min((WIDTH - 2 * MARGIN) / wide, (HEIGHT - 2 * MARGIN) / high, MAX_SCALE)
    shift = ((WIDTH - wide * scale) / 2 - left * scale, (HEIGHT - high * scale) / 2 - top * scale)
    wires = "".join(_wire(edge, places, specs) for edge in graph["edges"])
    nodes = "".join(
        _node(node, places[node["id"]], specs.get(node["id"]), language) for node in graph["nodes"]
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}"><style>{STYLE}</style>'
        f'<g transform="translate({shift[0]:.1f} {shift[1]:.1f}) scale({scale:.3f})">{wires}{nodes}</g></svg>'
    )


def _places(graph: dict[str, Json]) -> dict[str, tuple[float, float]]:
    """Where each node is drawn: closer together than on the canvas, and a single row as a zigzag that fills more."""
    found = {node["id"]: (node["position"]["x"] * CLOSER, node["position"]["y"]) for node in graph["nodes"]}
    if len({y for _, y in found.values()}) > 1:
        return found
    columns = sorted({x for x, _ in found.values()})
    return {name: (x, y + ZIGZAG * (columns.index(x) % 2)) for name, (x, y) in found.items()}


def _specs(graph: dict[str, Json]) -> dict[str, NodeSpec]:
    registry = load_registry()
    found = ((node["id"], registry.spec(node["type"], node["version"])) for node in graph["nodes"])
    return {node_id: spec for node_id, spec in found if spec}


def _wire(edge: Json, places: dict[str, tuple[float, float]], specs: dict[str, NodeSpec]) -> str:
    source, target = edge["source"]["node"], edge["target"]["node"]
    if source not in places or target not in places:
        return ""
    x1, y1 = places[source][0] + NODE_WIDTH, places[source][1] + NODE_HEIGHT / 2
    x2, y2 = places[target][0], places[target][1] + NODE_HEIGHT / 2
    bend = max(40, abs(x2 - x1) / 2)
    port = (
        next((p for p in specs[source].outputs if p.name == edge["source"]["port"]), None)
        if source in specs
        else None
    )
    stroke = WIRES.get(port.type.kind, OTHER_WIRE) if port else WIRES[Kind.TEXT]
    return (
        f'<path class="w" stroke="{stroke}" '
        f'd="M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"/>'
    )


def _node(node: Json, place: tuple[float, float], spec: NodeSpec | None, language: str) -> str:
    x, y = place
    title = node["title"] or (getattr(spec.title, language) if spec else node["type"])
    shown = title if len(title) <= 20 else title[:19] + "…"
    return (
        f'<g transform="translate({x:.0f} {y:.0f})">'
        f'<rect class="n" width="{NODE_WIDTH}" height="{NODE_HEIGHT}" rx="11"/>'
        f'<circle class="i" cx="24" cy="26" r="7"/><text class="t" x="42" y="31">{escape(shown)}</text>'
        f'<rect class="b" x="20" y="52" width="150" height="8" rx="4"/>'
        f'<rect class="b" x="20" y="70" width="104" height="8" rx="4"/></g>'
    )
