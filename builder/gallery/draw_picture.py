"""Draws a graph as a small picture (SVG): its nodes in their columns, their wires, and the gates of its plan."""

from html import escape
from statistics import fmean

from builder.common.errors import Refused
from builder.workflows.compile_draft import compile_draft
from builder.workflows.read_graph import read_graph
from runtime.nodes.registry import load_registry
from runtime.nodes.spec import Input, Output
from runtime.ports import Kind
from runtime.values import Json

WIDTH, HEIGHT, MARGIN = 640, 360, 24
GAP, WIDEST, HIGHEST = 52, 170, 96
# On the canvas: nodes that begin this close to each other stand in one column, or in one row.
COLUMN, ROW = 120, 40
LETTER = 13
# Colours of frontend/public/templates: readable on a light and on a dark page.
COLOURS = {Kind.TEXT: "#4f90f8", Kind.IMAGE: "#d9772b", Kind.NUMBER: "#8b5cf6", Kind.BOOLEAN: "#8b5cf6"}
OTHER = "#8a97a3"
DEFINITIONS = (
    "<style>.t{fill:#17212b;font:600 13px Inter,'Noto Sans SC',sans-serif}"
    "@media(prefers-color-scheme:dark){.t{fill:#e8edf1}}</style>"
    '<defs><pattern id="dots" width="20" height="20" patternUnits="userSpaceOnUse">'
    '<circle cx="10" cy="10" r="1" fill="#8a97a3" fill-opacity=".28"/></pattern>'
    '<pattern id="hatch" width="9" height="9" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">'
    '<path d="M0 0v9" stroke="#8a97a3" stroke-opacity=".22" stroke-width="1.5"/></pattern></defs>'
    '<rect width="640" height="360" fill="url(#dots)"/>'
)
GATE = (
    '<rect x="-23" y="-17" width="46" height="34" rx="17" fill="url(#hatch)" stroke="#8a97a3" stroke-width="1.5" '
    'stroke-dasharray="5 4"/><g transform="translate(-11 -10)" stroke="#7d8a96" stroke-width="2">'
    '<path d="M0 2h22M3.5 2v18M18.5 2v18M3.5 12h15"/>'
    '<path d="M7.5 2v10M11 2v10M14.5 2v10" stroke-width="1.5"/></g>'
)


class Picture:
    """Where everything of one graph stands, and how it is drawn there."""

    def __init__(self, graph: dict[str, Json], language: str) -> None:
        self._graph = graph
        self._language = language
        registry = load_registry()
        found = ((node["id"], registry.spec(node["type"], node["version"])) for node in graph["nodes"])
        self._specs = {name: spec for name, spec in found if spec}
        self._lay_out()

    def svg(self) -> str:
        wires = "".join(map(self._wire, self._graph["edges"]))
        nodes = "".join(map(self._node, self._graph["nodes"]))
        gates = "".join(map(self._gate, _gates(self._graph)))
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" fill="none">'
            f"{DEFINITIONS}{wires}{nodes}{gates}</svg>"
        )

    def _lay_out(self) -> None:
        """Columns share the width; rows keep their order, a straight row stays straight."""
        at = {node["id"]: (node["position"]["x"], node["position"]["y"]) for node in self._graph["nodes"]}
        columns = _clusters([x for x, _ in at.values()], COLUMN)
        rows = _clusters([y for _, y in at.values()], ROW)
        across, down = len(set(columns.values())) or 1, len(set(rows.values())) or 1
        inner = WIDTH - 2 * MARGIN
        self._gap = min(GAP, inner / across * 0.4)
        self._wide = min(WIDEST, (inner - self._gap * (across - 1)) / across)
        pitch = min(HIGHEST + 24, (HEIGHT - 2 * MARGIN) / down)
        self._high = min(HIGHEST, pitch * 0.8)
        left = (WIDTH - across * self._wide - (across - 1) * self._gap) / 2
        middle = (HEIGHT - pitch * (down - 1)) / 2
        self._places = {
            name: (left + columns[x] * (self._wide + self._gap), middle + rows[y] * pitch)
            for name, (x, y) in at.items()
        }

    def _colour(self, node: str, port: str | None = None) -> str:
        spec = self._specs.get(node)
        ports: list[Input | Output] = [*spec.outputs, *spec.inputs] if spec else []
        kinds = (each.type.kind for each in ports if port in (None, each.name))
        return COLOURS.get(next(kinds, Kind.TEXT if port else Kind.ANY), OTHER)

    def _wire(self, edge: Json) -> str:
        source, target = edge["source"], edge["target"]
        if source["node"] not in self._places or target["node"] not in self._places:
            return ""
        (x1, y1), (x2, y2) = self._places[source["node"]], self._places[target["node"]]
        x1 += self._wide
        bend = max(24, abs(x2 - x1) / 2)
        return (
            f'<path stroke="{self._colour(source["node"], source["port"])}" stroke-width="2.5" '
            f'd="M{x1:.0f} {y1:.0f}C{x1 + bend:.0f} {y1:.0f} {x2 - bend:.0f} {y2:.0f} {x2:.0f} {y2:.0f}"/>'
        )

    def _node(self, node: Json) -> str:
        x, y = self._places[node["id"]]
        colour, wide, top = self._colour(node["id"]), self._wide, y - self._high / 2
        bar = f'height="7" rx="3.5" fill="{colour}" fill-opacity=".55"'
        box = (
            f'<rect x="{x:.0f}" y="{top:.0f}" width="{wide:.0f}" height="{self._high:.0f}" rx="13" '
            f'fill="{colour}" fill-opacity=".16" stroke="{colour}" stroke-opacity=".75" stroke-width="1.5"/>'
        )
        parts = [box]
        if self._high >= 60:
            parts += [
                f'<rect x="{x + 12:.0f}" y="{y + 4 + 16 * row:.0f}" width="{(wide - 24) * share:.0f}" {bar}/>'
                for row, share in enumerate((0.9, 0.6))
            ]
        if shown := _fit(self._title(node), wide - 20):
            baseline = top + 30 if self._high >= 60 else y + 5
            parts.append(f'<text class="t" x="{x + 10:.0f}" y="{baseline:.0f}">{escape(shown)}</text>')
        return "".join(parts)

    def _title(self, node: Json) -> str:
        spec = self._specs.get(node["id"])
        return str(node["title"] or (getattr(spec.title, self._language) if spec else node["type"]))

    def _gate(self, gate: Json) -> str:
        """The sign stands between what the gate holds back and whom it protects."""
        sources = [self._places[end["node"]] for end in gate["sources"]]
        targets = [self._places[end["node"]] for end in gate["targets"]]
        x = (max(x for x, _ in sources) + self._wide + min(x for x, _ in targets)) / 2
        y = (fmean(y for _, y in sources) + fmean(y for _, y in targets)) / 2
        return (
            f'<g class="gate" transform="translate({x:.0f} {y:.0f}) scale({self._gap / GAP:.2f})">{GATE}</g>'
        )


def draw_picture(graph: dict[str, Json], language: str) -> str:
    """The picture as SVG text, 640 by 360; titles in `language` (en or zh)."""
    return Picture(graph, language).svg()


def _gates(graph: dict[str, Json]) -> list[Json]:
    """The gates of the compiled plan; none when the graph no longer compiles."""
    try:
        view = compile_draft(read_graph(graph), to_run=False).view()
    except Refused:
        return []
    return view["gates"] if view else []


def _clusters(places: list[float], near: float) -> dict[float, int]:
    """The number of the column (or row) in which each place lies."""
    found: dict[float, int] = {}
    start, number = 0.0, -1
    for place in sorted(set(places)):
        if number < 0 or place - start >= near:
            start, number = place, number + 1
        found[place] = number
    return found


def _fit(title: str, room: float) -> str:
    """As much of a title as the room holds: a Latin letter is about half as wide as a Chinese one."""
    used, shown = 0.0, ""
    for letter in title:
        used += LETTER if letter > "\u2e7f" else LETTER * 0.58
        if used > room:
            return shown[:-1] + "…" if len(shown) > 2 else ""
        shown += letter
    return shown
