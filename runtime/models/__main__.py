"""`python -m runtime.models`: list, install, verify and remove models."""

import argparse
import json
import signal
import sys
from collections.abc import Callable, Sequence

from runtime.errors import OperationalError
from runtime.models.catalog import ModelRecord
from runtime.models.describe import describe
from runtime.models.install import install
from runtime.models.progress import JsonProgress, LineProgress, Progress
from runtime.models.shelf import Busy, Shelf, State, open_shelf

INTERRUPTED = 130
USAGE = 2
# What stops one model would stop the next one too: one sentence is enough.
HOPELESS = frozenset({"offline", "disk_full"})


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; the exit code is 0 when all went well."""
    parser = _parser()
    chosen = parser.parse_args(arguments)
    signal.signal(
        signal.SIGTERM, signal.default_int_handler
    )  # stops like Ctrl-C, leaving nothing half-written
    shelf = open_shelf()
    unknown = [name for name in chosen.names if name not in shelf.records]
    if unknown:
        print(f"There is no model called {unknown[0]}. See `models list`.", file=sys.stderr)
        return USAGE
    try:
        command: Callable[[Shelf, argparse.Namespace], int] = chosen.command
        return command(shelf, chosen)
    except KeyboardInterrupt:
        print("\nStopped. Start it again to go on from here.", file=sys.stderr)
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="models", description="List, install, verify and remove AI models.")
    verbs = parser.add_subparsers(required=True, metavar="command")
    for name, command, text in (
        ("list", _list, "show every model: what it does, its licence, whether it is installed"),
        ("install", _install, "fetch models, check their SHA-256, unpack only their weights"),
        ("verify", _verify, "read every byte of installed models again (all, unless named)"),
        ("remove", _remove, "delete installed models"),
    ):
        verb = verbs.add_parser(name, help=text, description=text[0].upper() + text[1:] + ".")
        verb.add_argument(
            "names", nargs="+" if name == "remove" else "*", metavar="NAME", help="a model's name"
        )
        verb.add_argument("--json", action="store_true", help="print JSON, one object a line, for machines")
        if name == "install":
            verb.add_argument(
                "--default", action="store_true", help="the models that the product starts with"
            )
        verb.set_defaults(command=command)
    return parser


def _list(shelf: Shelf, chosen: argparse.Namespace) -> int:
    records = [r for r in shelf.records.values() if not chosen.names or r.name in chosen.names]
    if chosen.json:
        print(json.dumps({"results": [describe(shelf, record) for record in records]}, ensure_ascii=False))
        return 0
    for record in records:
        size = f"{record.size / 1e6:.0f} MB" if record.size else "-"
        state = shelf.state(record).value if record.available else "not available yet"
        print(
            f"{record.name:<12} {state:<18} {record.capability:<14} {size:>8}  {record.licence}  {record.title.en}"
        )
    return 0


def _install(shelf: Shelf, chosen: argparse.Namespace) -> int:
    wanted = [shelf.records[name] for name in chosen.names]
    if chosen.default:
        wanted += [r for r in shelf.records.values() if r.default and r not in wanted]
    if not wanted:
        print("Name the models to install, or say --default. See `models list`.", file=sys.stderr)
        return USAGE
    failed = False
    for record in wanted:
        code = _install_one(shelf, record, chosen.json)
        failed |= code is not None
        if code in HOPELESS:
            break
    return 1 if failed else 0


def _install_one(shelf: Shelf, record: ModelRecord, as_json: bool) -> str | None:
    """Install one model and tell how it went; the code of what went wrong, None when nothing did."""
    progress: Progress = JsonProgress(record.name) if as_json else LineProgress(record.name)
    try:
        new = install(shelf, record, progress.report)
    except OperationalError as error:
        progress.failed(error)
        return error.code
    progress.installed(new)
    return None


def _verify(shelf: Shelf, chosen: argparse.Namespace) -> int:
    installed = [r.name for r in shelf.records.values() if shelf.presence(r) is not State.MISSING]
    broken = False
    for name in chosen.names or installed:
        missing = shelf.presence(shelf.records[name]) is State.MISSING
        faults = [f"{name} is not installed."] if missing else shelf.faults(name)
        broken |= bool(faults)
        if chosen.json:
            print(json.dumps({"event": "verified", "model": name, "faults": faults}))
        else:
            print(f"{name}: " + (" ".join(faults) if faults else "whole"))
    return 1 if broken else 0


def _remove(shelf: Shelf, chosen: argparse.Namespace) -> int:
    for name in chosen.names:
        try:
            removed = shelf.remove(name)
        except Busy:
            print(f"{name} is being installed or removed by another process.", file=sys.stderr)
            return 1
        if chosen.json:
            print(json.dumps({"event": "removed" if removed else "missing", "model": name}))
        else:
            print(f"{name} is removed." if removed else f"{name} is not installed.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
