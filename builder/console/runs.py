"""Runs with their steps and findings, and the workers that run them. All of it is history: nothing changes it."""

from datetime import timedelta
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from unfold.decorators import display

from builder.console.names import category_title, filter_title, rule_title
from builder.console.read_only import ReadOnly, ReadOnlyInline, in_words, megabytes
from builder.console.vocabulary import ACTIONS, RESOURCES, RUN_STATES, STEP_STATES, STEP_WAITS, say
from builder.runs.models import Finding, Run, Step, Worker
from runtime.dispatch.states import RunState

COLOURS = {
    RunState.SUCCEEDED.value: "success",
    RunState.FAILED.value: "danger",
    RunState.BLOCKED.value: "warning",
    RunState.RUNNING.value: "info",
}
# A worker reports every few seconds; after this long without a word it counts as gone.
SILENCE = timedelta(seconds=30)


class StepInline(ReadOnlyInline):
    """What ran, where and for how long. What a step gave is not here: it had not passed a gate."""

    model = Step
    fields = ["name", "words", "type", "state_text", "attempt", "seconds", "cost_text", "problem"]
    readonly_fields = fields
    ordering = ["position"]

    @admin.display(description=gettext_lazy("title"))
    def words(self, step: Step) -> str:
        return in_words(step.title)

    @admin.display(description=gettext_lazy("state"))
    def state_text(self, step: Step) -> str:
        return say(STEP_WAITS, step.waits["for"]) if step.waits else say(STEP_STATES, step.state)

    @admin.display(description=gettext_lazy("cost"))
    def cost_text(self, step: Step) -> str:
        return ", ".join(f"{name} {figure}" for name, figure in (step.cost or {}).items())

    @admin.display(description=gettext_lazy("error"))
    def problem(self, step: Step) -> str:
        return in_words((step.error or {}).get("message"))


class FindingInline(ReadOnlyInline):
    """What the gates found; never the material."""

    model = Finding
    hide_title = True  # it would be the category's id; the column says it in words
    fields = ["step", "rule_text", "action_text", "filter_text", "category_text", "score", "words", "at"]
    readonly_fields = fields

    @admin.display(description=gettext_lazy("rule"))
    def rule_text(self, finding: Finding) -> str:
        return rule_title(finding)

    @admin.display(description=gettext_lazy("filter"))
    def filter_text(self, finding: Finding) -> str:
        return filter_title(finding.filter)

    @admin.display(description=gettext_lazy("category"))
    def category_text(self, finding: Finding) -> str:
        return category_title(finding.filter, finding.category)

    @admin.display(description=gettext_lazy("action"))
    def action_text(self, finding: Finding) -> str:
        return say(ACTIONS, finding.action)

    @admin.display(description=gettext_lazy("message"))
    def words(self, finding: Finding) -> str:
        return in_words(finding.message)


class StateFilter(admin.SimpleListFilter):
    """Runs by their state, called as everywhere else."""

    title = gettext_lazy("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return list(RUN_STATES.items())

    def queryset(self, request: HttpRequest, queryset: QuerySet[Run]) -> QuerySet[Run]:
        return queryset.filter(state=self.value()) if self.value() else queryset


class RunAdmin(ReadOnly):
    """Runs, newest first."""

    list_display = ["created", "workflow_name", "workspace", "state_label", "finding_count", "seconds", "by"]
    list_filter = [StateFilter, "workspace"]
    search_fields = ["id", "workflow_name"]
    list_select_related = ["workspace", "by"]
    fields = [
        "identifier", "workflow_name", "workspace", "version", "policy", "state_text", "problem", "by",
        "created", "started", "finished",
    ]  # fmt: skip
    readonly_fields = fields
    inlines = [StepInline, FindingInline]

    @admin.display(description=gettext_lazy("identifier"))
    def identifier(self, run: Run) -> str:
        return str(run.pk)

    @display(description=gettext_lazy("state"), label=COLOURS)
    def state_label(self, run: Run) -> tuple[str, str]:
        return run.state, say(RUN_STATES, run.state)

    @admin.display(description=gettext_lazy("state"))
    def state_text(self, run: Run) -> str:
        return say(RUN_STATES, run.state)

    @admin.display(description=gettext_lazy("findings"))
    def finding_count(self, run: Run) -> int:
        return run.findings.count()

    @admin.display(description=gettext_lazy("seconds"))
    def seconds(self, run: Run) -> str:
        if not run.started or not run.finished:
            return ""
        return f"{(run.finished - run.started).total_seconds():.1f}"

    @admin.display(description=gettext_lazy("error"))
    def problem(self, run: Run) -> str:
        return in_words((run.error or {}).get("message"))


class WorkerAdmin(ReadOnly):
    """Workers: alive or not, and what they hold."""

    list_display = ["id", "alive", "work", "device", "resource_list", "model_list", "memory_text", "seen"]
    fields = list_display
    readonly_fields = list_display

    @display(description=gettext_lazy("alive"), boolean=True)
    def alive(self, worker: Worker) -> bool:
        return timezone.now() - worker.seen < SILENCE

    @admin.display(description=gettext_lazy("work"), ordering="busy")
    def work(self, worker: Worker) -> str:
        return _("busy") if worker.busy else _("idle")

    @admin.display(description=gettext_lazy("resources"))
    def resource_list(self, worker: Worker) -> str:
        return say(RESOURCES, worker.resources)

    @admin.display(description=gettext_lazy("models in memory"))
    def model_list(self, worker: Worker) -> SafeString:
        return format_html("{}", ", ".join(worker.models_held) or _("none"))

    @admin.display(description=gettext_lazy("memory"), ordering="memory")
    def memory_text(self, worker: Worker) -> str:
        return megabytes(worker.memory)
