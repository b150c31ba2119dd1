"""A policy's rules as lines that a person reads, and as lines that can be compared."""

import difflib
from collections.abc import Iterator

from django.utils.translation import gettext as _

from builder.console.names import filter_title
from builder.console.read_only import in_words
from builder.console.vocabulary import ACTIONS, MEDIA, SINKS, SOURCES, say
from runtime.labels import Source
from runtime.safety.filters import load_filters
from runtime.safety.policy import FilterUse, Policy, Rule

# A sign, and a line: "+" is new, "-" is gone, " " stays.
Line = tuple[str, str]


def rule_lines(rule: Rule) -> list[str]:
    """All that a rule says, a thing a line."""
    return [
        f"{in_words(rule.title.to_json())} ({rule.id})",
        in_words(rule.reason.to_json()),
        f"{_('goes to')}: {say(SINKS, rule.sink)}",
        f"{_('media')}: {say(MEDIA, rule.media)}",
        f"{_('comes from')}: {sources_of(rule)}",
        *(chain_lines(rule) or [_("Passes without a filter, by this rule's own words.")]),
    ]


def sources_of(rule: Rule) -> str:
    return _("anywhere") if set(rule.sources) == set(Source) else say(SOURCES, rule.sources)


def chain_lines(rule: Rule) -> list[str]:
    return [use_line(use) for use in rule.chain]


def use_line(use: FilterUse) -> str:
    """What the filter is called, what it does from which score on, and for which categories when not for all."""
    known = load_filters().get(use.filter)
    words = _("%(filter)s: %(action)s from a score of %(threshold)s") % {
        "filter": filter_title(use.filter),
        "action": say(ACTIONS, use.action),
        "threshold": f"{use.threshold:g}",
    }
    if not use.categories:
        return words
    named = (
        in_words(known.spec.category_title(name).to_json()) if known else name for name in use.categories
    )
    return f"{words} ({say({}, named)})"


def differences(old: Policy, new: Policy) -> list[tuple[str, list[Line]]]:
    """For each rule that is not the same in both: its id, and its lines with their signs. Settings come last."""
    before, after = ({rule.id: rule for rule in policy.rules} for policy in (old, new))
    found = [
        (name, list(_compare(before.get(name), after.get(name))))
        for name in dict.fromkeys([*before, *after])
        if before.get(name) != after.get(name)
    ]
    one, other = settings_lines(old), settings_lines(new)
    if one != other:
        found.append((_("settings"), list(_lines(one, other))))
    return found


def settings_lines(policy: Policy) -> list[str]:
    labelling = policy.labelling
    return [
        f"{_('previews')}: {_('blurred') if policy.previews == 'blurred' else _('none')}",
        f"{_('labels')}: {' · '.join(filter(None, [labelling.profile, labelling.language, labelling.producer]))}",
    ]


def _compare(old: Rule | None, new: Rule | None) -> Iterator[Line]:
    return _lines(rule_lines(old) if old else [], rule_lines(new) if new else [])


def _lines(old: list[str], new: list[str]) -> Iterator[Line]:
    return ((line[0], line[2:]) for line in difflib.ndiff(old, new) if line[0] != "?")
