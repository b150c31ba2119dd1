"""Look-up: stored bytes that these very rules have passed, under this policy, are not looked at again."""

from runtime.labels import Clearance
from runtime.plan import GateChain
from runtime.safety.policy import Policy
from runtime.values import AssetRef, Value


def is_cleared(value: Value, chain: GateChain, policy: Policy) -> bool:
    """Whether every rule of the gate has cleared exactly these bytes under exactly this policy.

    Of stored bytes only: their hash is their name, and what a filter saw of them cannot change.
    """
    if not isinstance(value.data, AssetRef) or not chain.rules:
        return False
    return all(Clearance(value.digest, rule, policy.digest) in value.clearances for rule in chain.rules)
