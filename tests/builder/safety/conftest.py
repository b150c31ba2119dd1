"""What the tests of policies borrow from those of runs."""

from tests.fixtures.runs import (
    agent,
    kept_child,
    policy,
    stub_packs,
    told,
    valkey,
    valkey_folder,
    workspace,
)

__all__ = ["agent", "kept_child", "policy", "stub_packs", "told", "valkey", "valkey_folder", "workspace"]
