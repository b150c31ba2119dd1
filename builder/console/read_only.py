"""What the pages of the console share: looking without touching, and words in the reader's language."""

from typing import Any

from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from unfold.admin import ModelAdmin, TabularInline

from runtime.values import Json


class ReadOnly(ModelAdmin):
    """A page that shows and never changes."""

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(TabularInline):
    """Rows that are shown beside what they belong to."""

    extra = 0
    can_delete = False
    tab = True

    def has_add_permission(self, request: HttpRequest, *args: Any) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def in_words(words: Json) -> str:
    """A Words, as JSON, in the language of the page."""
    if not isinstance(words, dict):
        return ""
    chinese = (get_language() or "").startswith("zh")
    return str(words.get("zh" if chinese else "en", ""))


def code(text: str) -> SafeString:
    """Text as it stands, in a fixed width."""
    return format_html('<pre style="white-space:pre-wrap;font-size:12px">{}</pre>', text)


def megabytes(size: int) -> str:
    return f"{size / 1e6:,.0f} MB"
