"""What the tests of policies borrow from those of runs."""

from tests.fixtures.runs import (
    agent,
    policy,
    stub_packs,
    told,
    valkey,
    valkey_folder,
    workspace,
)

__all__ = ["agent", "policy", "stub_packs", "told", "valkey", "valkey_folder", "workspace"]
