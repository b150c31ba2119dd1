"""What the tests of operations share."""

from tests.builder.runs.claims import run, store, submit
from tests.fixtures.runs import (
    agent,
    kept_child,
    policy,
    stub_packs,
    told,
    valkey,
    valkey_folder,
    workers,
    workspace,
)

__all__ = [
    "agent", "kept_child", "policy", "run", "store", "stub_packs", "submit", "told", "valkey", "valkey_folder", "workers",
    "workspace",
]  # fmt: skip
