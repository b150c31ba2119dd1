"""The picture of a shared template: its nodes with readable names, straight where they are, and its gates."""

import re
from xml.etree import ElementTree

import pytest

from builder.gallery.draw_picture import draw_picture
from builder.gallery.load_seeds import read_seed, seed_files
from builder.workflows.compile_draft import compile_draft
from builder.workflows.read_graph import read_graph

# Asked for is the policy in force alone, by whose rules the gates stand; what is drawn comes from files.
pytestmark = pytest.mark.any_database("of all rows only those of the policy in force are read")
SEEDS = [read_seed(path) for path in seed_files()]
BOX = re.compile(r'<rect x="(\d+)" y="(\d+)" width="(\d+)" height="(\d+)" rx="13"')


def boxes(graph: dict) -> list[tuple[int, ...]]:
    return [tuple(map(int, found)) for found in BOX.findall(draw_picture(graph, "en"))]


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed["slug"])
@pytest.mark.parametrize("language", ["en", "zh"])
def test_every_node_and_every_gate_of_the_plan_is_drawn(seed: dict, language: str, db: None) -> None:
    svg = draw_picture(seed["graph"], language)
    ElementTree.fromstring(svg)
    assert len(boxes(seed["graph"])) == len(seed["graph"]["nodes"])
    gates = compile_draft(read_graph(seed["graph"])).view()["gates"]
    assert svg.count('class="gate"') == len(gates) > 0


@pytest.mark.parametrize("seed", SEEDS, ids=lambda seed: seed["slug"])
def test_boxes_stay_inside_and_apart(seed: dict, db: None) -> None:
    found = boxes(seed["graph"])
    assert all(x >= 0 and x + w <= 640 and y >= 0 and y + h <= 360 for x, y, w, h in found)
    for index, (x, y, w, h) in enumerate(found):
        assert all(x + w < x2 or x2 + w < x or y + h < y2 or y2 + h < y for x2, y2, *_ in found[:index])


def test_a_straight_row_is_straight_and_its_names_are_there(db: None) -> None:
    graph = SEEDS[0]["graph"]
    assert len({y for _, y, *_ in boxes(graph)}) == 1
    assert min(w for _, _, w, _ in boxes(graph)) > 100
    assert f">{graph['nodes'][0]['title']}<" in draw_picture(graph, "en")


def test_a_graph_that_no_longer_compiles_is_drawn_without_gates(db: None) -> None:
    graph = SEEDS[0]["graph"]
    svg = draw_picture({**graph, "edges": graph["edges"][1:]}, "en")
    assert BOX.search(svg) and 'class="gate"' not in svg


def test_nothing_at_all_is_an_empty_picture(db: None) -> None:
    ElementTree.fromstring(draw_picture({"format": 1, "nodes": [], "edges": []}, "en"))
