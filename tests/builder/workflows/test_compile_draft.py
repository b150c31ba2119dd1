"""A workflow whose filters lack their model is refused before it runs, with what to install."""

from pathlib import Path

import pytest

from builder.accounts.create_workspace import create_workspace
from builder.accounts.models import User
from builder.common.errors import Refused
from builder.runs.models import Run
from builder.runs.submit_run import Order, submit_run
from builder.workflows.compile_draft import compile_draft
from builder.workflows.create_workflow import create_workflow
from builder.workflows.publish_workflow import publish_workflow
from builder.workflows.read_graph import read_graph
from runtime.values import Json

PICTURE: Json = {
    "format": 1,
    "nodes": [
        {"id": "i", "type": "input.image", "version": 1, "params": {"name": "i"}},
        {"id": "o", "type": "output.image", "version": 1, "params": {"name": "o"}},
    ],
    "edges": [
        {"id": "e", "source": {"node": "i", "port": "image"}, "target": {"node": "o", "port": "image"}}
    ],
}


@pytest.fixture
def bare(db: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> User:
    """An installation without any model."""
    monkeypatch.setenv("SLUICEWAY_MODELS", str(tmp_path / "none"))
    return User.objects.create(username="ada")


def codes(refused: Refused) -> list[str]:
    return [issue.code for issue in refused.issues]


def test_it_is_neither_published_nor_run(bare: User) -> None:
    workspace = create_workspace("Home", bare)
    workflow = create_workflow(workspace, bare, "Mine", PICTURE)
    with pytest.raises(Refused) as refused:
        publish_workflow(workflow, bare)
    assert codes(refused.value) == ["filter_model_missing"]
    with pytest.raises(Refused) as refused:
        submit_run(Order(workspace, {"i": None}, user=bare, workflow=workflow))
    assert codes(refused.value) == ["filter_model_missing"]
    assert "models install opennsfw" in refused.value.issues[0].hint.en
    assert not Run.objects.exists()


def test_who_draws_is_told_and_who_only_looks_gets_the_plan_with_a_warning(bare: User) -> None:
    graph = read_graph(PICTURE)
    assert compile_draft(graph).plan is None
    looked_at = compile_draft(graph, to_run=False)
    assert looked_at.plan is not None
    assert [(issue.code, issue.severity) for issue in looked_at.issues] == [
        ("filter_model_missing", "warning")
    ]


@pytest.mark.parametrize("harm", ["provenance.json", "weights", "cut"])
def test_a_model_that_is_there_in_part_is_missing(
    harm: str, bare: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "models" / "opennsfw"
    home.mkdir(parents=True)
    (home / "weights").write_bytes(b"1234")
    (home / "provenance.json").write_text('{"files": [{"path": "weights", "size": 4}]}', encoding="utf-8")
    monkeypatch.setenv("SLUICEWAY_MODELS", str(tmp_path / "models"))
    assert compile_draft(read_graph(PICTURE)).plan is not None
    if harm == "cut":
        (home / "weights").write_bytes(b"12")
    else:
        (home / harm).unlink()
    assert compile_draft(read_graph(PICTURE)).plan is None
