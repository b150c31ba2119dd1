"""combine and weaker: floors. What is left when two policies both must be obeyed, and what a change would lower."""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import reduce

from runtime.labelling.profile import Profile
from runtime.labels import Source
from runtime.ports import Kind
from runtime.safety.policy import STRICTNESS, Action, FilterUse, Policy, Rule

# What a policy says beside its rules, named among the ids of rules where something is lowered.
PREVIEWS = "previews"
LABELLING = "labelling"


def combine(floor: Policy, own: Policy) -> Policy:
    """The policy that obeys both: what either refuses is refused, and what either filters is filtered.

    At each sink, for each kind and source, a match is taken out where either takes it out, and held or blocked by the
    stricter of the two. Of two different labelling profiles the floor's stays: `weaker` names that as a contradiction.
    """
    rules: dict[str, Rule] = {}
    for rule in (*_within(floor, own), *_within(own, floor)):
        _place(rules, rule)
    return Policy(
        max(floor.version, own.version),
        tuple(rules.values()),
        "none" if "none" in (floor.previews, own.previews) else "blurred",
        floor.labelling if floor.labelling.profile is not Profile.NONE else own.labelling,
    )


def combine_all(policies: Iterable[Policy]) -> Policy:
    """From the lowest floor upwards. TypeError when there is none."""
    return reduce(combine, policies)


def weaker(old: Policy, new: Policy) -> list[str]:
    """What `new` would lower: ids of rules, `previews`, `labelling`. Empty when nothing could pass that could not.

    A rule of the old is named when some use of a filter is no longer answered by one at least as strict; a rule of
    the new when it speaks where nothing spoke, and so lets in what was refused.
    """
    named = [rule.id for rule in old.rules if _loses(rule, new)]
    named += [rule.id for rule in new.rules if rule.id not in named and _opens(rule, old)]
    if (old.previews, new.previews) == ("none", "blurred"):
        named.append(PREVIEWS)
    if old.labelling.profile not in (Profile.NONE, new.labelling.profile):
        named.append(LABELLING)
    return named


def given_up(old: Policy, new: Policy) -> list[str]:
    """Of what `weaker` names, the rules whose redactors are gone, whatever is asked for instead."""
    redactors = (
        replace(rule, chain=tuple(use for use in rule.chain if use.action is Action.REDACT))
        for rule in old.rules
    )
    return [rule.id for rule in redactors if _loses(rule, new)]


def covers(strict: FilterUse, use: FilterUse) -> bool:
    """Whether each match that meets `use` meets `strict` as well, with an action that may stand in its place."""
    return (
        strict.filter == use.filter
        and _stands_for(strict.action, use.action)
        and strict.threshold <= use.threshold
        and (
            not strict.categories or (bool(use.categories) and set(use.categories) <= set(strict.categories))
        )
    )


def _stands_for(strict: Action, action: Action) -> bool:
    """Nothing stands for a redactor but a redactor: people may give back what is held, or blocked and appealed for."""
    if Action.REDACT in (strict, action):
        return strict is action
    return STRICTNESS[strict] >= STRICTNESS[action]


def _within(policy: Policy, other: Policy) -> Iterator[Rule]:
    """The policy's rules, for what the other speaks of too: where one is silent, both refuse."""
    for rule in policy.rules:
        spoken: dict[tuple[Source, ...], list[Kind]] = {}
        for kind in rule.media:
            sources = tuple(s for s in rule.sources if _speaks(other, rule, kind, s))
            spoken.setdefault(sources, []).append(kind)
        spoken.pop((), None)
        for sources, media in spoken.items():
            part = replace(rule, media=tuple(media), sources=sources)
            yield part if len(spoken) == 1 else replace(part, id=_distinct(part))


def _place(rules: dict[str, Rule], rule: Rule) -> None:
    """Put the rule among the others: into its namesake where they are about the same, else under a name of its own."""
    while (known := rules.get(rule.id)) is not None:
        if _about(known) == _about(rule):
            rules[rule.id] = replace(known, chain=_both(known.chain, rule.chain))
            return
        rule = replace(rule, id=_distinct(rule))
    rules[rule.id] = rule


def _both(one: tuple[FilterUse, ...], other: tuple[FilterUse, ...]) -> tuple[FilterUse, ...]:
    """All uses of both chains, without those that another use covers."""
    added = tuple(use for use in other if not any(covers(strict, use) for strict in one))
    kept = tuple(use for use in one if not any(covers(strict, use) for strict in added))
    return kept + added


def _about(rule: Rule) -> tuple[str, list[str], list[str]]:
    return rule.sink.value, sorted(rule.media), sorted(rule.sources)


def _distinct(rule: Rule) -> str:
    """An id that rules about different things do not share."""
    return f"{rule.id}~{hashlib.sha256(repr((rule.id, _about(rule))).encode()).hexdigest()[:6]}"


def _speaks(policy: Policy, rule: Rule, kind: Kind, source: Source) -> bool:
    return any(item.concerns(rule.sink, kind, (source,)) for item in policy.rules)


def _loses(rule: Rule, new: Policy) -> bool:
    """Whether something that the rule asks for is asked for no longer where the new policy lets things pass."""
    for kind in rule.media if rule.chain else ():
        for source in rule.sources:
            spoken = [item for item in new.rules if item.concerns(rule.sink, kind, (source,))]
            answers = [use for item in spoken for use in item.chain]
            if spoken and not all(_answered(use, answers) for use in rule.chain):
                return True
    return False


def _answered(use: FilterUse, answers: list[FilterUse]) -> bool:
    """Whether the answers together cover the use: each of its categories may have another answer."""
    parts = [replace(use, categories=(name,)) for name in use.categories] or [use]
    return all(any(covers(strict, part) for strict in answers) for part in parts)


def _opens(rule: Rule, old: Policy) -> bool:
    return any(not _speaks(old, rule, kind, source) for kind in rule.media for source in rule.sources)
