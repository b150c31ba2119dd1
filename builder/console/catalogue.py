"""Two pages that show what is not in the database: models with their licences, and filters with their limits."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _

from builder.catalog.list_models import list_models
from builder.console.read_only import in_words, megabytes
from builder.console.vocabulary import CAPABILITIES, LANGUAGES, MEDIA, MODEL_STATES, say
from runtime.safety.filters import load_filters
from runtime.values import Json

if TYPE_CHECKING:
    from builder.console.site import Console

Page = Callable[[HttpRequest], HttpResponse]
Table = dict[str, Json]


def models_page(site: "Console") -> Page:
    return table_page(site, lambda: _("Models"), _models)


def filters_page(site: "Console") -> Page:
    return table_page(site, lambda: _("Filters"), _filters)


def table_page(site: "Console", title: Callable[[], str], table: Callable[[], Table]) -> Page:
    """A page of one table."""

    def show(request: HttpRequest) -> HttpResponse:
        context = site.each_context(request) | {"title": title(), "table": table()}
        return TemplateResponse(request, "console/table.html", context)

    return show


def _models() -> Table:
    return {
        "headers": [_("model"), _("capability"), _("licence"), _("size"), _("source"), _("state"), _("note")],
        "rows": [
            [
                f"{in_words(model['title'])} ({model['name']})",
                say(CAPABILITIES, model["capability"]),
                model["licence"],
                megabytes(model["size"]),
                say({}, map(in_words, model["sources"])) or "–",
                say(MODEL_STATES, model["state"]) if model["available"] else _("not available yet"),
                in_words(model["note"]),
            ]
            for model in list_models()
        ],
    }


def _filters() -> Table:
    return {
        "headers": [
            _("filter"),
            _("media"),
            _("categories"),
            _("languages"),
            _("licence"),
            _("ms/KB"),
            _("misses"),
        ],
        "rows": [
            [
                f"{in_words(item.spec.title.to_json())} ({item.spec.id}, {item.spec.version})",
                say(MEDIA, item.spec.media),
                say({}, (in_words(category.title.to_json()) for category in item.spec.categories)),
                say(LANGUAGES, item.spec.languages) or "–",
                item.spec.licence,
                f"{item.spec.cost:g}",
                in_words(item.spec.misses.to_json()),
            ]
            for item in load_filters().values()
        ],
    }
