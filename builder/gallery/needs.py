"""What a template needs: the models that its nodes name, and whether they are here."""

from dataclasses import dataclass

from builder.catalog.list_models import list_models
from runtime.nodes.registry import load_registry
from runtime.nodes.spec import ParamKind
from runtime.values import Json


@dataclass(frozen=True, slots=True)
class Model:
    """A model as a graph names it."""

    name: str
    capability: str


def models_in(graph: dict[str, Json]) -> list[Model]:
    """The distinct models that the nodes of a graph name, in its order; a param left out counts by its default."""
    registry = load_registry()
    found: dict[str, Model] = {}
    for node in graph["nodes"]:
        spec = registry.spec(node["type"], node["version"])
        for param in spec.params if spec else ():
            name = node["params"].get(param.name, param.default)
            if param.kind is ParamKind.MODEL and isinstance(name, str) and name:
                found.setdefault(name, Model(name, param.capability or ""))
    return list(found.values())


class Needs:
    """Answers for several templates with one look at the catalogue."""

    def __init__(self) -> None:
        self._known = {item["name"]: item for item in list_models()}

    def of(self, graph: dict[str, Json]) -> list[dict[str, Json]]:
        return [self._describe(model) for model in models_in(graph)]

    def _describe(self, model: Model) -> dict[str, Json]:
        known = self._known.get(model.name)
        return {
            "model": model.name,
            "title": known["title"] if known else {"en": model.name, "zh": model.name},
            "capability": model.capability,
            "installed": known is not None and known["state"] == "installed",
            "available": known is not None and known["available"],
        }
