"""Template: a graph that people may copy, with words that say what it is for."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from builder.accounts.models import User
from builder.common.models import Identified
from builder.workflows.models import WorkflowVersion
from runtime.values import Json


class Template(Identified):
    """A shared copy of a published version, or one of the seeds that come with the product.

    Title and description are Words; `inputs` is what the compiled plan asks for. The graph is a copy: a template
    outlives the workflow that it was made from.
    """

    slug = models.SlugField(_("name in the address"), max_length=100, unique=True)
    title = models.JSONField(_("title"))
    description = models.JSONField(_("description"))
    tags = models.JSONField(_("tags"), default=list)
    graph = models.JSONField(_("graph"))
    inputs = models.JSONField(_("inputs"))
    # What reads otherwise in Chinese, by node: {"question": {"title": "…", "params": {"label": "…"}}}.
    chinese = models.JSONField(default=dict, editable=False)
    # SHA-256 of the seed file that it was loaded from; empty for what people shared.
    seed = models.CharField(max_length=64, blank=True, editable=False)
    # Seeds come first, in their own order.
    position = models.PositiveIntegerField(_("position"), default=1_000)
    version = models.ForeignKey(
        WorkflowVersion,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="templates",
        verbose_name=_("version"),
    )
    created = models.DateTimeField(_("created"), default=timezone.now, editable=False)
    by = models.ForeignKey(
        User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("by")
    )

    class Meta:
        ordering = ["position", "id"]
        verbose_name = _("template")
        verbose_name_plural = _("templates")

    def __str__(self) -> str:
        return str(self.title["en"])

    def graph_in(self, language: str) -> dict[str, Json]:
        """The graph with the names and labels that a reader of `language` (en or zh) will see."""
        chinese = self.chinese if language == "zh" else {}
        nodes = [_reworded(node, chinese.get(node["id"], {})) for node in self.graph["nodes"]]
        return {**self.graph, "nodes": nodes}


def _reworded(node: dict[str, Json], words: dict[str, Json]) -> dict[str, Json]:
    return node | {
        "title": words.get("title", node["title"]),
        "params": node["params"] | words.get("params", {}),
    }
