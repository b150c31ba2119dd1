"""`manage.py compile FILE|TEMPLATE`: prints what a graph compiles to, with its gates and why each is there."""

import json
import sys
from argparse import ArgumentParser
from contextlib import redirect_stdout
from typing import Any

from django.core.management.base import BaseCommand

from builder.common.errors import Refused
from builder.common.management.commands.up import migrate
from builder.gallery.open_graph import open_graph
from builder.gallery.print_plan import plan_lines
from builder.workflows.compile_draft import compile_draft
from runtime.graph.model import Issue
from runtime.values import Json


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
            "--json", action="store_true", help="print JSON, as the API's compile preview does"
        )

    def handle(self, *args: Any, graph: str, **options: Any) -> None:
        with redirect_stdout(sys.stderr):  # a first start says that it prepares the database; that is no plan
            migrate()
        plan, issues, sentence = _compile(graph)
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


def _compile(name: str) -> tuple[dict[str, Json] | None, tuple[Issue, ...], list[str]]:
    """The plan's view or None, the issues, and what to say when there are none of them."""
    try:
        compiled = compile_draft(open_graph(name), to_run=False)
    except Refused as refused:
        return None, refused.issues, [refused.message.en] if not refused.issues else []
    return compiled.view(), compiled.issues, []


def _issue_line(issue: Issue) -> str:
    where = " ".join(filter(None, [issue.node, issue.port or issue.param, issue.edge]))
    hint = f" {issue.hint.en}" if issue.hint else ""
    return f"{issue.severity}: {where + ': ' if where else ''}{issue.message.en}{hint} [{issue.code}]"
