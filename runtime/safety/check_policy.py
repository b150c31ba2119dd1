"""check_policy: what is wrong with a policy that somebody wants to use, each fault with the rule that has it."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from runtime.labels import Sink, Source
from runtime.ports import KIND_WORDS, Kind
from runtime.safety.combine import LABELLING, PREVIEWS, given_up, weaker
from runtime.safety.filters import Filter
from runtime.safety.policy import Action, FilterUse, Policy, Rule
from runtime.words import Words

ID = re.compile(r"[a-z0-9][a-z0-9_~-]{0,79}")


@dataclass(frozen=True, slots=True)
class Fault:
    """One reason not to use a policy. `rule` is the id of a rule, or `previews` or `labelling`."""

    rule: str
    code: str
    message: Words


def check_policy(
    policy: Policy, filters: Mapping[str, Filter], floor: Policy | None = None
) -> tuple[Fault, ...]:
    """All faults; empty when the policy may be used. `floor` is what it may be stricter than, and never milder."""
    faults: list[Fault] = []
    for rule in policy.rules:
        faults += _shape(rule)
        faults += (fault for use in rule.chain for fault in _use(rule, use, filters))
        faults += _bare(rule, policy)
    if floor is not None:
        asked = _with_redactors(policy)
        taken = given_up(floor, asked)
        faults += (
            Fault(name, "below_floor", (_GIVEN_UP if name in taken else _BELOW).fill(rule=name))
            for name in weaker(floor, asked)
        )
    return tuple(faults)


def _with_redactors(policy: Policy) -> Policy:
    """The policy as it holds above a floor: what it blocks is taken out as well where the floor takes it out, because
    the combination keeps the floor's redactors. So who blocks it instead gets what they ask for; who holds it does not.
    """
    rules = (
        replace(
            rule,
            chain=(
                *rule.chain,
                *(replace(use, action=Action.REDACT) for use in rule.chain if use.action is Action.BLOCK),
            ),
        )
        for rule in policy.rules
    )
    return replace(policy, rules=tuple(rules))


def _shape(rule: Rule) -> Iterator[Fault]:
    if not ID.fullmatch(rule.id) or rule.id in (PREVIEWS, LABELLING):
        yield Fault(rule.id, "bad_id", _ID.fill(rule=rule.id))
    if not (rule.title.en.strip() and rule.title.zh.strip()):
        yield Fault(rule.id, "no_title", _TITLE.fill(rule=rule.id))
    if not rule.media or not rule.sources:
        yield Fault(rule.id, "about_nothing", _NOTHING.fill(rule=rule.id))


def _use(rule: Rule, use: FilterUse, filters: Mapping[str, Filter]) -> Iterator[Fault]:
    known = filters.get(use.filter)
    if known is None:
        yield Fault(rule.id, "unknown_filter", _UNKNOWN.fill(rule=rule.id, filter=use.filter))
        return
    if not 0.0 <= use.threshold <= 1.0:  # also what is no number at all
        yield Fault(rule.id, "bad_threshold", _THRESHOLD.fill(rule=rule.id, filter=use.filter))
    for category in sorted(set(use.categories) - {item.id for item in known.spec.categories}):
        yield Fault(
            rule.id,
            "unknown_category",
            _CATEGORY.fill(rule=rule.id, filter=known.spec.title, category=category),
        )
    for kind in rule.media:
        if not known.spec.reads(kind):
            yield Fault(
                rule.id,
                "cannot_read",
                _CANNOT_READ.fill(rule=rule.id, filter=known.spec.title, kind=KIND_WORDS[kind]),
            )


def _bare(rule: Rule, policy: Policy) -> Iterator[Fault]:
    """A rule without a filter, where no other rule filters, lets everything pass: only what carries nothing may."""
    for kind in rule.media if not rule.chain else ():
        bare = [
            source
            for source in rule.sources
            if kind is not Kind.BOOLEAN
            # To somebody who reads it a number may be a telephone or a card; a model takes no orders from it.
            and (rule.sink, kind) != (Sink.MODEL, Kind.NUMBER)
            # What the workflow's own author tells a model is the workflow.
            and (rule.sink, source) != (Sink.MODEL, Source.AUTHOR)
            # What a model hears it writes down, and that is text, with its own rules at the next sink.
            and (rule.sink, kind) != (Sink.MODEL, Kind.AUDIO)
            and not any(item.chain for item in policy.rules_for(rule.sink, kind, (source,)))
        ]
        if bare:
            yield Fault(rule.id, "bare_sink", _BARE.fill(rule=rule.id, kind=KIND_WORDS[kind]))


_BELOW = Words(
    "“{rule}” is milder than the floor, and may only be stricter.",
    "“{rule}”比下限更宽松，而它只能更严格。",
)
_GIVEN_UP = Words(
    "“{rule}” is milder than the floor: what the floor takes out must stay taken out, whatever a person decides of the "
    "rest. Let its filters take out as they did; to ask a person as well, add the filter once more.",
    "“{rule}”比下限更宽松：无论人工如何决定，下限隐去的内容都必须保持隐去。请保留这些过滤器的隐去操作；如需同时请人决定，请再添加一次该过滤器。",
)
_ID = Words(
    "The name “{rule}” is not one: small letters, digits and hyphens, and neither previews nor labelling.",
    "规则名“{rule}”无效：请使用小写字母、数字和连字符，且不能是 previews 或 labelling。",
)
_TITLE = Words("Rule “{rule}” needs a title in both languages.", "规则“{rule}”需要中英文标题。")
_NOTHING = Words(
    "Rule “{rule}” names no medium or no source, so it would never apply.",
    "规则“{rule}”未指定媒体或来源，永远不会生效。",
)
_UNKNOWN = Words(
    "Rule “{rule}” names the filter “{filter}”, which is not installed.",
    "规则“{rule}”使用了未安装的过滤器“{filter}”。",
)
_THRESHOLD = Words(
    "In rule “{rule}” the threshold of {filter} is not between 0 and 1.",
    "规则“{rule}”中 {filter} 的阈值不在 0 到 1 之间。",
)
_CATEGORY = Words(
    "In rule “{rule}” the filter “{filter}” knows no category “{category}”.",
    "规则“{rule}”中的过滤器“{filter}”没有类别“{category}”。",
)
_CANNOT_READ = Words(
    "In rule “{rule}” the filter “{filter}” cannot read {kind}.",
    "规则“{rule}”中的过滤器“{filter}”无法读取{kind}。",
)
_BARE = Words(
    "Rule “{rule}” would let {kind} pass without any filter.",
    "规则“{rule}”会让{kind}未经任何过滤就放行。",
)
