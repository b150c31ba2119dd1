"""What is made ready beforehand is what a run then looks for: the same model, loaded by the same function."""

from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from runtime.models.batching import Alone
from runtime.nodes.base import NodeType
from runtime.nodes.registry import DEFAULT_PACKS, load_registry
from runtime.nodes.spec import ParamKind
from runtime.ports import Kind
from runtime.safety.filters import DEFAULT_FILTER_PACKS, Filter, load_filters
from runtime.values import AssetRef

PICTURE = AssetRef("0" * 64, "image/png", 1, 1, 1)
WITH_MODEL = [item for item in load_filters(DEFAULT_FILTER_PACKS).values() if item.spec.model]
NODES = [
    item for item in load_registry(DEFAULT_PACKS) if any(p.kind is ParamKind.MODEL for p in item.spec.params)
]


class Asked(Exception):
    """Enough is known."""


@dataclass
class Models:
    """Writes down what it is asked for, and has nothing."""

    asked: list[tuple[str, str, str]] = field(default_factory=list)

    def use(self, ref: str, load: Callable[[Path], Any], capability: str) -> AbstractContextManager[Any]:
        self.asked.append((ref, f"{load.__module__}.{load.__qualname__}", capability))
        raise Asked


def services(models: Models) -> Any:
    asked = SimpleNamespace(models=models, assets=None, providers=None)
    asked.check, asked.frugal, asked.batches = lambda: None, False, Alone()
    return asked


@pytest.mark.parametrize("item", WITH_MODEL, ids=lambda item: item.spec.id)
def test_a_filter_makes_the_model_ready_that_its_check_asks_for(item: Filter) -> None:
    ready, checked = Models(), Models()
    assert item.ready is not None
    with suppress(Asked):
        item.ready(services(ready))
    data = "some text" if Kind.TEXT in item.spec.media else [PICTURE]
    with suppress(Asked):
        for _ in item.check(data, services(checked)):
            pass
    assert ready.asked == checked.asked
    assert [ref for ref, *_ in ready.asked] == [item.spec.model]


@pytest.mark.parametrize("item", NODES, ids=lambda item: item.spec.type)
def test_a_node_type_with_a_model_makes_it_ready_for_what_it_can_do(item: NodeType) -> None:
    models = Models()
    (setting,) = (param for param in item.spec.params if param.kind is ParamKind.MODEL)
    assert item.ready is not None
    with suppress(Asked):
        for _ in item.ready(models, {setting.name: "some-model"}):
            pass
    ((ref, _, capability),) = models.asked
    assert (ref, capability) == ("some-model", setting.capability)


@pytest.mark.parametrize("name", ["image.generate", "text.generate"])
def test_a_node_finds_what_was_made_ready(name: str) -> None:
    ready, run = Models(), Models()
    (item,) = (item for item in NODES if item.spec.type == name)
    assert item.ready is not None
    with suppress(Asked):
        for _ in item.ready(ready, {"model": "some-model"}):
            pass
    settings = {param.name: param.default for param in item.spec.params} | {"model": "some-model"}
    with suppress(Asked):
        item.run(services(run), prompt="a cat", **settings)
    assert ready.asked == run.asked != []


def test_filters_and_nodes_with_models_are_found() -> None:
    assert {"safety.nudity", "safety.prompt_attack"} <= {item.spec.id for item in WITH_MODEL}
    assert {"image.generate", "image.upscale", "text.generate"} <= {item.spec.type for item in NODES}
