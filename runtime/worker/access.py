"""Access: which providers' keys an order needs, because a filter or a node of it says that it asks that provider.

The child is given these and no others, and what it was given for one order is gone with the next.
"""

from collections.abc import Iterable, Iterator, Mapping

from runtime.dispatch.secrets import SecretStore
from runtime.dispatch.store import Claim
from runtime.dispatch.trial import Trial
from runtime.nodes.registry import Registry
from runtime.nodes.spec import ParamKind
from runtime.plan import Step
from runtime.providers import Provider, providers, split_ref
from runtime.safety.filters import Filter


def keys_for_claim(
    claim: Claim, registry: Registry, filters: Mapping[str, Filter], secrets: SecretStore
) -> dict[str, str]:
    """By the name of the secret; empty where a provider wants no key. What has no key here is left out."""
    segment = next((s for s in claim.plan.segments if s.index == claim.segment), None)
    steps = [claim.plan.step(name) for name in segment.steps] if segment else []
    chains = [chain for step in steps for chain in (step.gate, step.shadow) if chain]
    asked = _of_filters((name for chain in chains for name, *_ in chain.chain), filters)
    return _keys({*asked, *(name for step in steps for name in _of_node(step, registry))}, secrets)


def keys_for_trial(trial: Trial, filters: Mapping[str, Filter], secrets: SecretStore) -> dict[str, str]:
    rules = trial.policy.rules_for(trial.sink, trial.value.type.kind, trial.value.sources)
    return _keys(_of_filters((use.filter for rule in rules for use in rule.chain), filters), secrets)


def _of_filters(names: Iterable[str], filters: Mapping[str, Filter]) -> set[str]:
    """The providers that the filters ask, and those that the filters ask which they use."""
    specs = [filters[name].spec for name in names if name in filters]
    used = [filters[name].spec for spec in specs for name in spec.uses if name in filters]
    return {spec.provider for spec in (*specs, *used) if spec.provider}


def _of_node(step: Step, registry: Registry) -> Iterator[str]:
    """The providers that a node's params name, where workflows may use them."""
    spec = registry.spec(step.type, step.version)
    named = (
        [step.params.get(param.name) for param in spec.params if param.kind is ParamKind.MODEL]
        if spec
        else []
    )
    refs = [ref for value in named if isinstance(value, str) and (ref := split_ref(value))]
    open_to_them = {item.name for item in providers() if item.workflows} if refs else set()
    yield from (name for name, _ in refs if name in open_to_them)


def _keys(names: set[str], secrets: SecretStore) -> dict[str, str]:
    found = [item for item in providers() if item.name in names] if names else []
    keys = {item.secret: _key(item, secrets) for item in found}
    return {name: key for name, key in keys.items() if key is not None}


def _key(provider: Provider, secrets: SecretStore) -> str | None:
    return secrets.read(provider.secret) if provider.keyed else ""
