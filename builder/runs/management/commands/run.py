"""`manage.py run FILE|TEMPLATE`: runs a graph the way the browser does, and tells what happens."""

import asyncio
import json
import signal
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any, TextIO

from asgiref.sync import sync_to_async
from django.conf import settings
from django.core.management.base import BaseCommand

from builder.accounts.administrators import ensure_administrator
from builder.accounts.models import User, Workspace
from builder.bootstrap import services
from builder.common.errors import Refused
from builder.common.management.commands.up import migrate
from builder.gallery.open_graph import open_graph
from builder.runs.ask_in_terminal import ask_in_terminal
from builder.runs.cancel_run import cancel_run
from builder.runs.follower import Gone, subscribed
from builder.runs.live import ENDS
from builder.runs.models import Run
from builder.runs.narrate import Narrator, save_asset
from builder.runs.read_inputs import read_inputs, split_inputs
from builder.runs.submit_run import Order, submit_run
from builder.safety.owner import Owner
from builder.workflows.compile_draft import compile_draft
from builder.workflows.read_graph import graph_invalid
from runtime.dispatch.states import RunState
from runtime.dispatch.store import WaitsFor
from runtime.events import EventKind

EXIT_CODES = {RunState.SUCCEEDED: 0, RunState.FAILED: 1, RunState.BLOCKED: 2, RunState.CANCELLED: 130}
UNUSABLE = 64  # EX_USAGE of sysexits.h: nothing was run


class Command(BaseCommand):
    """Submit, follow, answer by exit code."""

    help = (
        "Run a graph (a JSON file as the API gives it, or a template's name). It uses the worker of a running `up`, "
        "else it starts one for as long as it takes. Exit code 0: succeeded; 1: failed; 2: blocked by a gate; "
        "64: the graph, an input or the command line cannot be used; 130: cancelled (Ctrl-C)."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("graph", metavar="FILE|TEMPLATE", help="a graph as JSON, or a template's name")
        parser.add_argument(
            "--input",
            action="append",
            default=[],
            metavar="NAME=VALUE",
            help="an input; for a picture or a sound, a file's path",
        )
        parser.add_argument(
            "--answer",
            action="append",
            default=[],
            metavar="NODE=ANSWER",
            help="what to answer when this node asks: yes or no for an approval, else a text",
        )
        parser.add_argument("--json", action="store_true", help="print each event as a line of JSON")
        parser.add_argument(
            "--folder",
            type=Path,
            default=Path(),
            help="where pictures and sounds are saved (default: the current folder)",
        )

    def run_from_argv(self, argv: list[str]) -> None:
        # argparse ends with 2, which here means blocked.
        self._called_from_command_line = True
        try:
            self.create_parser(argv[0], argv[1]).parse_args(argv[2:])
        except SystemExit as end:
            sys.exit(UNUSABLE if end.code else 0)
        super().run_from_argv(argv)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            with services.borrowed(settings.HOME):
                migrate()
                answers = split_inputs(options["answer"])
                run, titles = _submit(options["graph"], options["input"])
                state = asyncio.run(self._follow(run, titles, answers, options["json"], options["folder"]))
        except Refused as refused:
            self._refuse(refused)
            sys.exit(UNUSABLE)
        except Gone:
            self.stderr.write("The run was deleted before it had ended.")
            sys.exit(UNUSABLE)
        sys.exit(EXIT_CODES[state])

    async def _follow(
        self, run: Run, titles: dict[str, str], answers: dict[str, str], as_json: bool, folder: Path
    ) -> RunState:
        narrator = Narrator(sys.stdout, titles, folder)
        stop = sync_to_async(lambda: cancel_run(run), thread_sensitive=False)
        asyncio.get_running_loop().add_signal_handler(signal.SIGINT, lambda: asyncio.ensure_future(stop()))
        async with subscribed(run.pk, 0) as follower:
            async for event in follower.frames(Run.objects.filter(pk=run.pk).aexists):
                body = json.loads(event.text)
                if as_json:
                    await sync_to_async(self._print_json)(event.text, folder)
                else:
                    await sync_to_async(narrator.tell)(body["kind"], body["data"])
                if _asks(body):
                    # Where lines are for machines, what a person is asked is not among them.
                    out = sys.stderr if as_json else sys.stdout
                    step = body["data"]["step"]
                    await sync_to_async(_ask)(run, step, answers, out)
                if event.kind in ENDS:
                    return RunState(event.kind.removeprefix("run."))
        raise AssertionError("a follower ends with the run")

    def _print_json(self, text: str, folder: Path) -> None:
        """The event, and for a delivered picture the path that it was saved to."""
        event = json.loads(text)
        value = event["data"].get("value")
        if event["kind"] == EventKind.OUTPUT and isinstance(value, dict) and "asset" in value:
            event["data"]["saved"] = str(save_asset(value, event["data"]["name"], folder))
        print(json.dumps(event, ensure_ascii=False), flush=True)

    def _refuse(self, refused: Refused) -> None:
        self.stderr.write(refused.message.en + (f" {refused.hint.en}" if refused.hint else ""))
        for issue in refused.issues:
            place = issue.node or issue.param or issue.edge
            self.stderr.write(f"  {place + ': ' if place else ''}{issue.message.en} [{issue.code}]")


def _asks(event: dict[str, Any]) -> bool:
    waits = event["data"].get("waits") or {}
    return bool(event["kind"] == EventKind.STEP_WAITING and waits.get("for") == WaitsFor.ANSWER)


def _submit(name: str, typed: list[str]) -> tuple[Run, dict[str, str]]:
    """The run in the administrator's workspace, and the titles of its steps."""
    user = ensure_administrator()
    workspace = _workspace_of(user)
    given = split_inputs(typed)
    graph = open_graph(name)
    compiled = compile_draft(graph, Owner(str(workspace.pk)))
    if compiled.plan is None:
        raise graph_invalid(compiled.issues)
    inputs = read_inputs(compiled.plan, given, workspace, user)
    run = submit_run(Order(workspace, inputs, user=user, graph=graph.to_json())).run
    titles = {s.id: f"Gate “{s.title.en}”" if s.gate else s.title.en for s in compiled.plan.steps}
    return run, titles


def _ask(run: Run, step: str, answers: dict[str, str], out: TextIO) -> None:
    ask_in_terminal(run, ensure_administrator(), step, answers, out)


def _workspace_of(user: User) -> Workspace:
    found = Workspace.objects.for_user(user).order_by("created").first()
    assert found is not None, "an administrator has a workspace from the start"
    return found
