"""Policies, each with its rules in words."""

from django.contrib import admin
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from builder.console.policy.place import owner_of_row
from builder.console.policy.words import rule_lines
from builder.console.read_only import ReadOnly
from builder.safety.models import PolicyVersion, Scope
from runtime.safety.policy import Rule


class PolicyAdmin(ReadOnly):
    """Policy versions; the newest is in force."""

    list_display = ["version", "owner_name", "in_force", "rule_count", "author_name", "reason", "created"]
    list_filter = ["scope"]
    fields = [
        "version", "owner_name", "in_force", "made_of", "author_name", "reason", "created", "digest", "rules",
    ]  # fmt: skip
    readonly_fields = fields

    @display(description=gettext_lazy("in force"), boolean=True)
    def in_force(self, row: PolicyVersion) -> bool:
        later = PolicyVersion.objects.filter(scope=row.scope, owner=row.owner, version__gt=row.version)
        return row.scope != Scope.COMBINED and not later.exists()

    @admin.display(description=gettext_lazy("for"))
    def owner_name(self, row: PolicyVersion) -> str:
        return owner_of_row(row)

    @admin.display(description=gettext_lazy("author"))
    def author_name(self, row: PolicyVersion) -> str:
        return row.author_name

    @admin.display(description=gettext_lazy("rules"))
    def rule_count(self, row: PolicyVersion) -> int:
        return len(row.as_written.rules)

    @admin.display(description=gettext_lazy("rules"))
    def rules(self, row: PolicyVersion) -> SafeString:
        return format_html_join("", "{}", ((_rule(rule),) for rule in row.as_written.rules))


def _rule(rule: Rule) -> SafeString:
    first, *rest = rule_lines(rule)
    return format_html(
        '<p style="margin-bottom:12px"><strong>{}</strong><br>{}</p>',
        first,
        format_html_join(SafeString("<br>"), "{}", ((line,) for line in rest)),
    )
