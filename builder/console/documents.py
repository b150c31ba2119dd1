"""Workflows with their versions, and templates."""

import json
from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from builder.console.read_only import ReadOnly, ReadOnlyInline, code, in_words
from builder.gallery.models import Template
from builder.keeping.holds import under_hold
from builder.workflows.models import WorkflowVersion


class VersionInline(ReadOnlyInline):
    """The published versions of a workflow."""

    model = WorkflowVersion
    fields = ["number", "note", "policy_version", "created", "by"]
    readonly_fields = fields
    ordering = ["-number"]


class WorkflowAdmin(ReadOnly):
    """Workflows: whose they are, how far they are. What people draw is theirs; it is changed in the editor."""

    list_display = ["name", "workspace", "revision", "published", "updated", "deleted"]
    list_filter = ["workspace"]
    search_fields = ["name", "description"]
    fields = ["name", "description", "workspace", "revision", "published", "created", "updated", "deleted"]
    inlines = [VersionInline]


class VersionAdmin(ReadOnly):
    """Published versions, with their graphs."""

    list_display = ["workflow", "number", "note", "policy_version", "created", "by"]
    search_fields = ["workflow__name", "note"]
    fields = ["workflow", "number", "note", "policy_version", "plan_digest", "created", "by", "graph_text"]
    list_select_related = ["workflow", "by"]

    @admin.display(description=gettext_lazy("graph"))
    def graph_text(self, version: WorkflowVersion) -> SafeString:
        return code(json.dumps(version.graph, ensure_ascii=False, indent=2))


class TemplateAdmin(ReadOnly):
    """Templates. What should not be shared any longer can be taken out of the gallery."""

    list_display = ["words", "slug", "tag_list", "origin", "created"]
    search_fields = ["slug", "title"]
    fields = ["words", "picture", "text", "tag_list", "slug", "origin", "version", "by", "created"]

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        # The product's own would come back with the next start; a legal hold keeps what a person shared.
        held = Template.objects.filter(under_hold(person="by"))
        return not (isinstance(obj, Template) and (obj.seed or held.filter(pk=obj.pk).exists()))

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        # Deleting many at once would not ask for each whether it may go.
        return {
            name: item for name, item in super().get_actions(request).items() if name != "delete_selected"
        }

    @admin.display(description=gettext_lazy("title"))
    def words(self, template: Template) -> str:
        return in_words(template.title)

    @admin.display(description=gettext_lazy("description"))
    def text(self, template: Template) -> str:
        return in_words(template.description)

    @admin.display(description=gettext_lazy("tags"))
    def tag_list(self, template: Template) -> str:
        return ", ".join(template.tags)

    @admin.display(description=gettext_lazy("origin"))
    def origin(self, template: Template) -> str:
        shared = gettext_lazy("shared")
        return str(gettext_lazy("comes with Sluiceway") if template.seed else shared)

    @admin.display(description=gettext_lazy("picture"))
    def picture(self, template: Template) -> SafeString:
        drawn = f"/api/templates/{template.pk}/picture"
        address = static(f"templates/{template.slug}.svg") if template.seed else drawn
        return format_html('<img src="{}" alt="" width="320" height="180">', address)
