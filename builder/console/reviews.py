"""Reviews as the console shows them: what was held, who looked, what they decided, how well they agree.

Never the material: that is for the desk, where every look is written down.
"""

from typing import TYPE_CHECKING

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from builder.accounts.models import User
from builder.console.catalogue import Page, Table, table_page
from builder.console.read_only import ReadOnly, ReadOnlyInline
from builder.console.vocabulary import DECISIONS, MEDIA, say
from builder.reviews.agreement import decisions_of_all, measure
from builder.reviews.desk import opinions_for
from builder.reviews.models import Look, Opinion
from builder.runs.models import Purpose, Review, ReviewState
from runtime.safety.ruling import Ruling
from runtime.values import parse_type

if TYPE_CHECKING:
    from builder.console.site import Console

COLOURS = {
    ReviewState.OPEN.value: "info",
    ReviewState.DECIDED.value: "success",
    ReviewState.EXPIRED.value: "warning",
}


class OpinionInline(ReadOnlyInline):
    """What each reviewer decided, and why: of an open review the reader's own alone, as on the desk."""

    model = Opinion
    fields = ["name", "decision_text", "note", "at"]
    readonly_fields = fields

    def get_queryset(self, request: HttpRequest) -> QuerySet[Opinion]:
        assert isinstance(request.user, User)
        return opinions_for(request.user)

    @admin.display(description=gettext_lazy("decision"))
    def decision_text(self, opinion: Opinion) -> str:
        return say(DECISIONS, opinion.decision)


class LookInline(ReadOnlyInline):
    """Who saw the material, and when."""

    model = Look
    fields = ["name", "at"]
    readonly_fields = fields


class ReviewAdmin(ReadOnly):
    """Reviews, newest first. They are decided at the desk, not here."""

    list_display = [
        "created", "purpose_text", "workflow", "workspace", "medium", "state_label", "decision", "given", "deadline",
    ]  # fmt: skip
    list_filter = ["state", "purpose", "run__workspace"]
    list_select_related = ["run", "run__workspace"]
    fields = [
        "purpose_text", "run", "step", "outputs", "medium", "state_text", "decision", "given", "text", "created",
        "deadline", "decided", "keep_until",
    ]  # fmt: skip
    readonly_fields = fields
    inlines = [OpinionInline, LookInline]

    @admin.display(description=gettext_lazy("purpose"))
    def purpose_text(self, review: Review) -> str:
        return str(Purpose(review.purpose).label)

    @admin.display(description=gettext_lazy("workflow"))
    def workflow(self, review: Review) -> str:
        return review.run.workflow_name

    @admin.display(description=gettext_lazy("workspace"))
    def workspace(self, review: Review) -> str:
        return str(review.run.workspace)

    @admin.display(description=gettext_lazy("media"))
    def medium(self, review: Review) -> str:
        return say(MEDIA, parse_type(review.type).kind)

    @display(description=gettext_lazy("state"), label=COLOURS)
    def state_label(self, review: Review) -> tuple[str, str]:
        return review.state, self.state_text(review)

    @admin.display(description=gettext_lazy("state"))
    def state_text(self, review: Review) -> str:
        return str(ReviewState(review.state).label)

    @admin.display(description=gettext_lazy("decision"))
    def decision(self, review: Review) -> str:
        return say(DECISIONS, Ruling.from_json(review.ruling).decision) if review.ruling else "–"

    @admin.display(description=gettext_lazy("opinions"))
    def given(self, review: Review) -> str:
        return f"{Opinion.objects.filter(review=review).count()} / {review.needed}"


def agreement_page(site: "Console") -> Page:
    return table_page(site, lambda: _("Agreement of reviewers"), _agreement)


def _agreement() -> Table:
    return {
        "headers": [_("reviewer"), _("reviewer"), _("reviews of both"), _("agreed"), _("Cohen's kappa")],
        "rows": [
            [
                *item.reviewers,
                str(item.items),
                f"{item.share:.0%}",
                "–" if item.kappa is None else f"{item.kappa:.2f}",
            ]
            for item in measure(decisions_of_all())
        ],
    }
