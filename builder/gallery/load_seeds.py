"""Loads the templates that come with the product: `seeds/*.json`, each as new or changed since the last time."""

import hashlib
import json
from pathlib import Path

from django.db import transaction

from builder.gallery.models import Template
from builder.workflows.compile_draft import compile_draft
from builder.workflows.read_graph import graph_invalid, read_graph
from runtime.values import Json

FOLDER = Path(__file__).with_name("seeds")


def seed_files() -> list[Path]:
    """The seeds in the order of the gallery: their names begin with a number."""
    return sorted(FOLDER.glob("*.json"))


def read_seed(path: Path) -> dict[str, Json]:
    """`slug`, `title`, `description`, `tags`, `graph` and `chinese` (see Template) of one seed."""
    seed: dict[str, Json] = json.loads(path.read_text(encoding="utf-8"))
    return seed


@transaction.atomic
def load_seeds() -> int:
    """Bring the gallery up to date; gives how many templates were new or changed. Raises Refused for a bad seed."""
    loaded = dict(Template.objects.exclude(seed="").values_list("slug", "seed"))
    changed = 0
    for position, path in enumerate(seed_files(), start=1):
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        seed = read_seed(path)
        if loaded.pop(seed["slug"], "") != digest:
            _load(seed, digest, position)
            changed += 1
    Template.objects.filter(slug__in=loaded).delete()
    return changed


def _load(seed: dict[str, Json], digest: str, position: int) -> None:
    graph = read_graph(seed["graph"])
    compiled = compile_draft(graph, to_run=False)
    plan = compiled.view()
    if plan is None:
        raise graph_invalid(compiled.issues)
    Template.objects.update_or_create(
        slug=seed["slug"],
        defaults={
            "title": seed["title"],
            "description": seed["description"],
            "tags": seed["tags"],
            "graph": graph.to_json(),
            "inputs": plan["inputs"],
            "chinese": seed["chinese"],
            "seed": digest,
            "position": position,
        },
    )
