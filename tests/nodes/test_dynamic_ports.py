"""Ports that grow from a param: the same vectors as the editor's tests read."""

import json
from pathlib import Path
from typing import Any

import pytest

from runtime.nodes.spec import placeholders
from tests.compiler.nodes import REGISTRY

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "dynamic_ports.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("vector", VECTORS["placeholders"], ids=lambda vector: vector["case"])
def test_placeholders_become_ports(vector: dict[str, Any]) -> None:
    spec = REGISTRY.spec("text.template", 1)
    assert spec is not None
    assert [port.name for port in spec.inputs_for({"template": vector["value"]})] == vector["ports"]
    if isinstance(vector["value"], str):
        assert placeholders(vector["value"]) == vector["ports"]


@pytest.mark.parametrize("vector", VECTORS["lines"], ids=lambda vector: vector["case"])
def test_lines_become_ports(vector: dict[str, Any]) -> None:
    spec = REGISTRY.spec("control.switch", 1)
    assert spec is not None
    grown = spec.outputs_for({"cases": vector["value"]})[len(spec.outputs) :]
    found = [{"name": port.name, "title": port.title.en} for port in grown]
    assert found == [{"name": port["name"], "title": port["title"]} for port in vector["ports"]]
