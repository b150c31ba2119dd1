"""Every node type's icon is one that the browser app has: a name that it lacks would be drawn as a plain box."""

import re

import pytest

from builder.bootstrap import places
from runtime.nodes.registry import load_registry
from runtime.nodes.spec import NodeSpec

MAP = (places.FRONTEND / "src" / "editor" / "canvas" / "NodeIcon.tsx").read_text(encoding="utf-8")
ICONS = set(re.findall(r"^  '?([a-z0-9-]+)'?: Icon", MAP, re.MULTILINE))
SPECS = [node.spec for node in load_registry().newest()]


@pytest.mark.parametrize("spec", SPECS, ids=lambda spec: spec.type)
def test_a_node_type_s_icon_can_be_drawn(spec: NodeSpec) -> None:
    assert spec.icon in ICONS


def test_the_two_that_choose_a_way_look_different() -> None:
    icons = {spec.type: spec.icon for spec in SPECS}
    assert icons["control.if"] != icons["control.switch"]
