"""Look-up: stored bytes that these very rules have passed, under this policy, are not looked at again."""

from runtime.labels import Clearance, Source
from runtime.plan import GateChain
from runtime.safety.policy import Policy, is_labelling
from runtime.values import AssetRef, Value


def is_cleared(value: Value, chain: GateChain, policy: Policy) -> bool:
    """Whether every rule of the gate has cleared exactly these bytes under exactly this policy.

    Of stored bytes only: their hash is their name, and what a filter saw of them cannot change.
    """
    if not isinstance(value.data, AssetRef) or not chain.rules:
        return False
    if Source.MODEL in value.sources and any(is_labelling(rule) for rule in chain.rules):
        return False  # the rule may have passed them unlabelled, when no model had had a part in them yet
    return all(Clearance(value.digest, rule, policy.digest) in value.clearances for rule in chain.rules)
