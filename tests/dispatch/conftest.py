"""What the tests of dispatch share."""

from tests.fixtures.runs import valkey, valkey_folder

__all__ = ["valkey", "valkey_folder"]
