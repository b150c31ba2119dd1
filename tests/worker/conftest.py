"""What the tests of workers share."""

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
    "agent",
    "kept_child",
    "policy",
    "stub_packs",
    "told",
    "valkey",
    "valkey_folder",
    "workers",
    "workspace",
]
