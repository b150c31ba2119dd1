"""The templates that come with the product: whole, laid out, in both languages, and they compile."""

import itertools
import json

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User
from builder.common.errors import Refused
from builder.gallery import load_seeds as module
from builder.gallery.load_seeds import load_seeds, read_seed, seed_files
from builder.gallery.models import Template
from builder.gallery.needs import models_in
from builder.workflows.compile_draft import compile_draft
from builder.workflows.create_workflow import create_workflow
from builder.workflows.publish_workflow import publish_workflow
from builder.workflows.read_graph import read_graph

SEEDS = [read_seed(path) for path in seed_files()]
SLUGS = [seed["slug"] for seed in SEEDS]


def test_there_are_five() -> None:
    assert SLUGS == [
        "chat-with-a-gate", "customer-service-answer", "picture-from-a-prompt", "upscale-a-photo",
        "two-prompts-side-by-side",
    ]  # fmt: skip


@pytest.mark.parametrize("seed", SEEDS, ids=SLUGS)
def test_a_seed_compiles_without_a_warning_and_with_gates(seed: dict, db: None) -> None:
    compiled = compile_draft(read_graph(seed["graph"]))
    assert not compiled.issues
    assert compiled.view()["gates"]


@pytest.mark.parametrize("seed", SEEDS, ids=SLUGS)
def test_the_nodes_of_a_seed_stand_apart_in_columns(seed: dict) -> None:
    places = [(node["position"]["x"], node["position"]["y"]) for node in seed["graph"]["nodes"]]
    for (x1, y1), (x2, y2) in itertools.combinations(places, 2):
        assert abs(x1 - x2) >= 272 or abs(y1 - y2) >= 180
    order = {node["id"]: node["position"]["x"] for node in seed["graph"]["nodes"]}
    for edge in seed["graph"]["edges"]:
        assert order[edge["source"]["node"]] < order[edge["target"]["node"]]


@pytest.mark.parametrize("seed", SEEDS, ids=SLUGS)
def test_a_gate_of_a_seed_has_room_for_its_name_on_the_wire(seed: dict, db: None) -> None:
    x = {node["id"]: node["position"]["x"] for node in seed["graph"]["nodes"]}
    for gate in compile_draft(read_graph(seed["graph"])).view()["gates"]:
        wire = min(x[end["node"]] for end in gate["targets"]) - max(x[end["node"]] for end in gate["sources"])
        fans = len(gate["sources"]) + len(gate["targets"]) > 2
        # A card is 192 wide, the longest name's pill 110; wires that meet need 44 to bend (gateAnchor.ts).
        assert wire - 192 >= 110 + (44 if fans else 12), gate["id"]


@pytest.mark.parametrize("seed", SEEDS, ids=SLUGS)
def test_a_seed_has_its_words_in_both_languages(seed: dict) -> None:
    for words in (seed["title"], seed["description"]):
        assert words["en"]
        assert any("\u4e00" <= letter <= "\u9fff" for letter in words["zh"])
    for node in seed["graph"]["nodes"]:
        chinese = seed["chinese"][node["id"]]
        assert node["title"] and chinese["title"]
        own, said = set(node["params"]), set(chinese.get("params", {}))
        assert {"label"} & own <= said <= {"label", "default"} & own


def test_seeds_are_loaded_once_and_again_when_they_change(
    db: None, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (load_seeds(), load_seeds()) == (5, 0)
    first = Template.objects.get(slug=SLUGS[0])
    changed = SEEDS[0] | {"tags": ["new"]}
    (tmp_path / "1.json").write_text(json.dumps(changed))
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    assert load_seeds() == 1
    # The others are no longer part of the product; the first kept its id.
    assert [(template.pk, template.tags) for template in Template.objects.all()] == [(first.pk, ["new"])]


def test_a_seed_that_does_not_compile_stops_the_loading(
    db: None, tmp_path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph = SEEDS[0]["graph"]
    (tmp_path / "1.json").write_text(json.dumps(SEEDS[0] | {"graph": graph | {"edges": graph["edges"][1:]}}))
    monkeypatch.setattr(module, "FOLDER", tmp_path)
    with pytest.raises(Refused, match="graph_invalid"):
        load_seeds()
    assert not Template.objects.exists()


def test_a_graph_names_the_models_that_it_needs() -> None:
    found = {seed["slug"]: [(m.name, m.capability) for m in models_in(seed["graph"])] for seed in SEEDS}
    assert found["chat-with-a-gate"] == [("smollm2", "text")]
    assert found["picture-from-a-prompt"] == [("starter", "image"), ("realesr", "upscale")]
    assert found["upscale-a-photo"] == [("realesr", "upscale")]


@pytest.mark.parametrize("slug", SLUGS)
def test_the_compile_command_prints_a_template_s_plan_and_why_each_gate_is_there(
    slug: str, db: None, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("compile", slug)
    printed = capsys.readouterr().out
    assert "Gates (" in printed
    assert "why: A person will" in printed


def test_the_compile_command_speaks_json_to_machines(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("compile", SLUGS[0], json=True)
    printed = json.loads(capsys.readouterr().out)
    assert printed["issues"] == []
    assert len(printed["plan"]["gates"]) == 2


def test_the_compile_command_takes_a_file_and_ends_with_1_and_all_issues(
    db: None, tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "graph.json"
    node = {"id": "a", "type": "no.such", "version": 1, "params": {}}
    file.write_text(json.dumps({"format": 1, "nodes": [node, node | {"id": "b"}], "edges": []}))
    with pytest.raises(SystemExit) as end:
        call_command("compile", str(file))
    assert end.value.code == 1
    assert capsys.readouterr().err.count("[node_type_unknown]") == 2


@pytest.mark.parametrize("content", ["{", "[" * 100_000, '"\\ud800"', "[]"])
def test_a_file_that_holds_no_graph_gets_a_sentence(
    content: str, db: None, tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "graph.json"
    file.write_text(content)
    with pytest.raises(SystemExit):
        call_command("compile", str(file))
    assert capsys.readouterr().err.strip()


def test_an_unknown_name_gets_a_sentence(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        call_command("compile", "no-such-thing")
    assert "no file and no template called no-such-thing" in capsys.readouterr().err


def test_a_file_with_calls_is_told_to_name_its_workspace_and_then_compiles(
    db: None, tmp_path, capsys: pytest.CaptureFixture[str]
) -> None:
    ada = User.objects.create(username="ada")
    home = create_workspace("Home", ada)
    inner = create_workflow(home, ada, "Inner", calling(None))
    publish_workflow(inner, ada)
    file = tmp_path / "graph.json"
    file.write_text(json.dumps(calling(f"{inner.pk}@1")))
    with pytest.raises(SystemExit):
        call_command("compile", str(file))
    said = capsys.readouterr().err
    assert "[call_unknown]" in said and "--workspace NAME" in said
    call_command("compile", str(file), workspace="Home")
    assert "Gates (" in capsys.readouterr().out
    with pytest.raises(CommandError, match="There are: Home"):
        call_command("compile", str(file), workspace="Nowhere")


def calling(called: str | None) -> dict[str, object]:
    """A text in, a text out, and between them a call where one is named."""

    def edge(name: str, source: str, target: str) -> dict[str, object]:
        ends = (dict(zip(("node", "port"), end.split("."), strict=True)) for end in (source, target))
        return {"id": name, **dict(zip(("source", "target"), ends, strict=True))}

    nodes = [
        {"id": "q", "type": "input.text", "version": 1, "params": {"name": "q"}},
        {"id": "a", "type": "output.text", "version": 1, "params": {"name": "a"}},
    ]
    if called is None:
        return {"format": 1, "nodes": nodes, "edges": [edge("e", "q.text", "a.text")]}
    call = {"id": "w", "type": "control.workflow", "version": 1, "params": {"workflow": called}}
    edges = [edge("e", "q.text", "w.q"), edge("f", "w.a", "a.text")]
    return {"format": 1, "nodes": [*nodes, call], "edges": edges}
