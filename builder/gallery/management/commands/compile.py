"""`manage.py compile FILE|TEMPLATE`: prints what a graph compiles to, with its gates and why each is there."""

import json
import sys
from argparse import ArgumentParser
from contextlib import redirect_stdout
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from builder.accounts.models import Workspace
from builder.common.errors import Refused
from builder.common.management.commands.up import migrate
from builder.gallery.open_graph import open_graph
from builder.gallery.print_plan import plan_lines
from builder.safety.owner import INSTALLATION, Owner
from builder.workflows.compile_draft import compile_draft
from runtime.graph.model import Issue
from runtime.values import Json

NAMED = 20  # workspaces that a mistake is told
CALLS = (
    "This graph calls published workflows of a workspace, and a file belongs to none: "
    "name the workspace with --workspace NAME."
)


class Command(BaseCommand):
    help = (
        "Compile a graph (a JSON file as the API gives it, or a template's name) and print the plan: "
        "inputs, steps, gates with their reasons, outputs. Exit code 1 with all issues when it does not compile."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "graph", metavar="FILE|TEMPLATE", help="a graph as JSON, or the name of a template"
        )
        parser.add_argument(
            "--workspace",
            metavar="NAME",
            help="the workspace whose published workflows it may call, and whose policy holds",
        )
        parser.add_argument(
            "--json", action="store_true", help="print JSON, as the API's compile preview does"
        )

    def handle(self, *args: Any, graph: str, workspace: str | None = None, **options: Any) -> None:
        with redirect_stdout(sys.stderr):  # a first start says that it prepares the database; that is no plan
            migrate()
        plan, issues, sentence = _compile(graph, _owner(workspace))
        if workspace is None and any(issue.code == "call_unknown" for issue in issues):
            sentence = [*sentence, CALLS]
        if options["json"]:
            body = {"issues": [issue.to_json() for issue in issues], "plan": plan}
            self.stdout.write(json.dumps(body, ensure_ascii=False, indent=2))
        elif plan:
            self.stdout.write("\n".join(plan_lines(plan)))
        if not options["json"]:
            for line in [*sentence, *map(_issue_line, issues)]:
                self.stderr.write(line)
        if plan is None:
            sys.exit(1)


def _owner(workspace: str | None) -> Owner:
    """Whose graph it is taken for. CommandError when no workspace, or more than one, is called so."""
    if workspace is None:
        return INSTALLATION
    found = list(Workspace.objects.filter(name=workspace)[:2])
    if len(found) != 1:
        names = ", ".join(Workspace.objects.order_by("name").values_list("name", flat=True)[:NAMED])
        raise CommandError(f"{len(found) or 'No'} workspaces are called “{workspace}”. There are: {names}.")
    return Owner(str(found[0].pk))


def _compile(name: str, owner: Owner) -> tuple[dict[str, Json] | None, tuple[Issue, ...], list[str]]:
    """The plan's view or None, the issues, and what to say when there are none of them."""
    try:
        compiled = compile_draft(open_graph(name), owner, to_run=False)
    except Refused as refused:
        return None, refused.issues, [refused.message.en] if not refused.issues else []
    return compiled.view(), compiled.issues, []


def _issue_line(issue: Issue) -> str:
    where = " ".join(filter(None, [issue.node, issue.port or issue.param, issue.edge]))
    hint = f" {issue.hint.en}" if issue.hint else ""
    return f"{issue.severity}: {where + ': ' if where else ''}{issue.message.en}{hint} [{issue.code}]"
