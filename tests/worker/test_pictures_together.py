"""The template that paints, run by four people at once with the real models: four pictures as they are one by one."""

from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from builder.accounts.models import User, Workspace
from builder.assets.models import Asset
from builder.gallery.load_seeds import read_seed, seed_files
from builder.runs.models import Output, Run, Segment
from builder.runs.store import DatabaseRunStore
from builder.runs.submit_run import Order, submit_run
from runtime.assets.disk import open_store
from runtime.nodes.registry import load_registry
from runtime.worker.agent import Agent
from tests.models.cache import cache_folder, real_models

PROMPTS = ("a lion", "a strawberry", "pizza on blue", "a frog")
ALL = frozenset({"inline", "cpu", "gpu"})
# Of 255 shades. Painted together a shade is one off here and there; enlarging carries that on to its neighbours.
MOST, MEAN = 4, 0.05


@pytest.fixture
def painters(transactional_db: None, told: None, monkeypatch: pytest.MonkeyPatch) -> None:
    real_models()
    monkeypatch.setenv("SLUICEWAY_MODELS", str(cache_folder()))
    monkeypatch.setenv("SLUICEWAY_FILTER_SECONDS", "120")


def painted(name: str, at_once: int) -> tuple[list[np.ndarray], list[Run]]:
    """The four pictures, ordered by four people of a workspace of their own, in which nothing is known yet."""
    workspace = Workspace.objects.create(name=name)
    graph = next(seed for seed in map(read_seed, seed_files()) if seed["slug"] == "picture-from-a-prompt")[
        "graph"
    ]
    runs = [
        submit_run(
            Order(
                workspace,
                {"prompt": prompt},
                User.objects.create_user(f"{name}{n}@example.org", "x" * 20),
                graph=graph,
            )
        ).run
        for n, prompt in enumerate(PROMPTS)
    ]
    agent = Agent(DatabaseRunStore(30.0), load_registry(), ALL, lease=30.0, at_once=at_once)
    try:
        agent.drain()
    finally:
        agent.close()
    fresh = [Run.objects.get(pk=run.pk) for run in runs]
    assert [(run.state, run.error) for run in fresh] == [("succeeded", None)] * 4
    refs = [Asset.objects.get(pk=Output.objects.get(run=run).value["asset"]).ref for run in fresh]
    return [
        np.asarray(Image.open(BytesIO(open_store().read(ref))).convert("RGB"), dtype=float) for ref in refs
    ], fresh


def test_four_at_once_get_the_pictures_that_they_get_one_by_one(painters: None) -> None:
    alone, _ = painted("alone", 1)
    together, runs = painted("together", 4)
    assert [run.steps.get(type="image.generate").cost["together"] for run in runs] == [4, 4, 4, 4]
    away = np.abs(np.stack(alone) - np.stack(together))
    assert away.max() <= MOST and away.mean() <= MEAN, (away.max(), away.mean())
    for run in runs:
        assert Segment.objects.filter(run=run).exclude(attempt=1).count() == 0
        assert list(run.events.values_list("seq", flat=True)) == list(range(1, run.last_event + 1))
        gates = run.steps.filter(node=None)
        assert gates.exists() and set(gates.values_list("state", flat=True)) == {"done"}
