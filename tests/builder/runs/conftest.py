"""What the tests of runs share."""

from tests.fixtures.runs import agent, policy, stub_packs, told, valkey, valkey_folder, workers, workspace

__all__ = ["agent", "policy", "stub_packs", "told", "valkey", "valkey_folder", "workers", "workspace"]
