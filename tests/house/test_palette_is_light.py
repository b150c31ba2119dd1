"""The palette answers without torch: declaring a node type is light, running it is heavy."""

import subprocess
import sys

from tests.house.sources import ROOT

LISTS = (
    "ahocorasick",
    "confusable_homoglyphs",
    "opencc",
    "pypinyin",
)  # of filters: a machine that only serves has none
HEAVY = (
    "torch",
    "diffusers",
    "transformers",
    "accelerate",
    "onnxruntime",
    "xllamacpp",
    "ncnn",
    *LISTS,
    "celery",
)
LOAD = f"""
import sys
from runtime.nodes.registry import load_registry
palette = load_registry().palette()
print(len(palette["node_types"]))
print(",".join(name for name in {HEAVY!r} if name in sys.modules))
print("django" in sys.modules)
"""


def test_the_palette_loads_without_any_heavy_library() -> None:
    done = subprocess.run([sys.executable, "-c", LOAD], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    node_types, heavy, django = done.stdout.splitlines()
    assert int(node_types) >= 13
    assert heavy == ""
    assert django == "False"


def test_the_server_loads_without_any_heavy_library() -> None:
    load = f"""
import sys
import builder.asgi
from runtime.safety.filters import load_filters
assert load_filters()
print(",".join(name for name in {HEAVY[:-1]!r} if name in sys.modules))
"""
    environment = {"DJANGO_SETTINGS_MODULE": "tests.settings"}
    done = subprocess.run(
        [sys.executable, "-c", load], cwd=ROOT, capture_output=True, text=True, env=environment
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == ""
