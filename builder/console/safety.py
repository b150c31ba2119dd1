"""Policies, each with its rules in words."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from builder.console.names import filter_title
from builder.console.policy.place import owner_of_row
from builder.console.read_only import ReadOnly, in_words
from builder.console.vocabulary import ACTIONS, MEDIA, SINKS, SOURCES, say
from builder.safety.models import PolicyVersion, Scope
from runtime.labels import Source
from runtime.safety.policy import FilterUse, Rule


class PolicyAdmin(ReadOnly):
    """Policy versions; the newest is in force."""

    list_display = ["version", "owner_name", "in_force", "rule_count", "author", "reason", "created"]
    list_filter = ["scope"]
    fields = [
        "version", "owner_name", "in_force", "made_of", "author", "reason", "created", "digest", "rules",
    ]  # fmt: skip
    readonly_fields = fields

    @display(description=gettext_lazy("in force"), boolean=True)
    def in_force(self, row: PolicyVersion) -> bool:
        later = PolicyVersion.objects.filter(scope=row.scope, owner=row.owner, version__gt=row.version)
        return row.scope != Scope.COMBINED and not later.exists()

    @admin.display(description=gettext_lazy("for"))
    def owner_name(self, row: PolicyVersion) -> str:
        return owner_of_row(row)

    @admin.display(description=gettext_lazy("rules"))
    def rule_count(self, row: PolicyVersion) -> int:
        return len(row.policy.rules)

    @admin.display(description=gettext_lazy("rules"))
    def rules(self, row: PolicyVersion) -> SafeString:
        return format_html_join("", "{}", ((_rule(rule),) for rule in row.policy.rules))


def _rule(rule: Rule) -> SafeString:
    return format_html(
        '<p style="margin-bottom:12px"><strong>{}</strong> ({})<br>{}<br>{}: {} · {}: {} · {}: {}<br>{}</p>',
        in_words(rule.title.to_json()),
        rule.id,
        in_words(rule.reason.to_json()),
        _("goes to"),
        say(SINKS, rule.sink),
        _("media"),
        say(MEDIA, rule.media),
        _("comes from"),
        _("anywhere") if set(rule.sources) == set(Source) else say(SOURCES, rule.sources),
        format_html_join(SafeString("<br>"), "{}", ((_use(use),) for use in rule.chain))
        or _("Passes without a filter, by this rule's own words."),
    )


def _use(use: FilterUse) -> str:
    """One filter of a rule's chain: what it is called, what it does, and from which score on."""
    title = filter_title(use.filter)
    words = _("%(filter)s: %(action)s from a score of %(threshold)s")
    return words % {"filter": title, "action": say(ACTIONS, use.action), "threshold": f"{use.threshold:g}"}
