"""A run as JSON. Values come from Output rows alone: they were delivered."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from builder.accounts.models import User
from builder.runs.models import Event, Finding, Output, Run, Step
from builder.runs.plans import plan_of
from runtime.compiler.view import view_plan
from runtime.dispatch.states import StepState
from runtime.nodes.registry import load_registry
from runtime.plan import GATE, SHADOW
from runtime.safety.filters import load_filters
from runtime.values import Json

FINDING = ("step", "rule", "action", "filter", "category", "score", "message")


def view_run_item(run: Run) -> dict[str, Json]:
    """The run as it stands in a list."""
    return {
        "id": str(run.pk),
        "workflow": str(run.workflow_id) if run.workflow_id else None,
        "workflow_name": run.workflow_name,
        "to": run.to or None,
        "state": run.state,
        "created": _iso(run.created),
        "started": _iso(run.started),
        "finished": _iso(run.finished),
    }


def view_run(run: Run, reader: User) -> dict[str, Json]:
    """The whole of it. What went in passed no gate to a person, so only who gave it reads it again."""
    return {
        **view_run_item(run),
        "error": run.error,
        "restarts": str(run.restarts_id) if run.restarts_id else None,
        "steps": [
            _step(step)
            for step in run.steps.exclude(type=SHADOW)
            .defer("outputs", "question", "answer")
            .order_by("position")
        ],
        "outputs": [_output(output) for output in run.outputs.all()],
        "findings": [view_finding(finding) for finding in run.findings.all()],
        "own": run.by_id == reader.pk,
        "inputs": run.inputs if run.by_id == reader.pk else {},
        "last_event": run.last_event,
        "plan": view_plan(plan_of(run.plan_id), run.policy.as_written, load_filters(), load_registry()),
    }


def view_new_run(run: Run, steps: Sequence[Step], plan: Mapping[str, Json], reader: User) -> dict[str, Json]:
    """The same of a run that was stored a moment ago, without asking for it again."""
    return {
        **view_run_item(run),
        "error": None,
        "restarts": str(run.restarts_id) if run.restarts_id else None,
        "steps": [_step(step) for step in steps if step.type != SHADOW],
        "outputs": [],
        "findings": [],
        "own": run.by_id == reader.pk,
        "inputs": run.inputs if run.by_id == reader.pk else {},
        "last_event": run.last_event,
        "plan": plan,
    }


def view_event(event: Event) -> dict[str, Json]:
    return {
        "run": str(event.run_id),
        "seq": event.seq,
        "kind": event.kind,
        "at": _iso(event.at),
        "data": event.data,
    }


def view_finding(finding: Finding) -> dict[str, Json]:
    return {name: getattr(finding, name) for name in FINDING}


def _step(step: Step) -> dict[str, Json]:
    return {
        "id": step.name,
        "node": step.node,
        "type": step.type,
        "title": step.title,
        "gate": step.type == GATE,
        "state": step.state,
        "attempt": step.attempt,
        "started": _iso(step.started),
        "finished": _iso(step.finished),
        "cost": step.cost,
        "error": step.error,
        "waits": step.waits if step.state == StepState.WAITING else None,
    }


def _output(output: Output) -> dict[str, Json]:
    return {"name": output.name, "title": output.title, "type": output.type, "value": output.value}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
