"""Opens a graph by what a person types: the path of a file, or the name of a template."""

import json
from pathlib import Path

from builder.common.errors import Refused
from builder.gallery.load_seeds import read_seed, seed_files
from builder.gallery.models import Template
from builder.workflows.read_graph import read_graph
from runtime.graph.model import Graph
from runtime.values import Json
from runtime.words import Words


def open_graph(name: str) -> Graph:
    """The graph. Raises Refused `no_such_graph`, `not_json` or `graph_invalid`."""
    return read_graph(_raw(name))


def _raw(name: str) -> Json:
    path = Path(name)
    if path.is_file():
        return _read(path)
    for seed in map(read_seed, seed_files()):
        if seed["slug"] == name:
            return seed["graph"]
    shared = Template.objects.filter(slug=name).first()
    if shared is None:
        raise Refused(
            "no_such_graph",
            Words(f"There is no file and no template called {name}.", f"没有名为 {name} 的文件或模板。"),
            Words("Templates are listed on the gallery page.", "模板列于模板库页面。"),
        )
    return shared.graph


def _read(path: Path) -> Json:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (ValueError, RecursionError) as fault:
        raise Refused(
            "not_json", Words(f"{path} is not JSON: {fault}.", f"{path} 不是有效的 JSON：{fault}。")
        ) from None
