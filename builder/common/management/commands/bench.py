"""bench: run one benchmark and print its figures; with --check, fail when one misses its bar."""

from argparse import ArgumentParser
from importlib import import_module
from inspect import signature
from pkgutil import iter_modules

from django.core.management.base import BaseCommand, CommandError

# Options that ask a benchmark for a part of it; its `measure` takes those that it has.
PARTS = ("mutants", "stream", "graphs", "kills", "postgres", "seed", "runs")


class Command(BaseCommand):
    help = (
        "Run one benchmark. Prints a table, or JSON with stable keys; its bars stand in tests/bench/NAME.py."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "name", choices=benchmarks(), metavar="NAME", help=f"one of: {', '.join(benchmarks())}"
        )
        parser.add_argument("--json", action="store_true", help="print JSON instead of a table")
        parser.add_argument(
            "--check", action="store_true", help="exit 1 when a figure misses the bar beside it"
        )

        parser.add_argument(
            "--mutants", action="store_true", help="gates: plant every fault of the list, and say who saw it"
        )
        parser.add_argument(
            "--stream", type=int, metavar="N", help="gates: read N hostile streams from a running server"
        )
        parser.add_argument("--graphs", type=int, metavar="N", help="gates: look at N random graphs")
        parser.add_argument("--kills", type=int, metavar="N", help="chaos: kill N processes")
        parser.add_argument("--postgres", action="store_true", help="chaos, engine: on a Postgres")
        parser.add_argument("--seed", type=int, metavar="N", help="chaos: draw other faults")
        parser.add_argument("--runs", type=int, metavar="N", help="footprint: growth over N runs")

    def handle(self, *_: object, **options: object) -> None:
        figures_module = import_module("tests.bench.figures")
        name = str(options["name"])
        measure = import_module(f"tests.bench.{name}").measure
        asked = {part: options[part] for part in PARTS if options[part]}
        unknown = asked.keys() - signature(measure).parameters.keys()
        if unknown:
            raise CommandError(f"The benchmark {name} has no --{min(unknown)}.")
        figures = measure(**asked)
        shown = figures_module.as_json if options["json"] else figures_module.as_table
        self.stdout.write(shown(name, figures))
        missed = [figure.key for figure in figures if figure.missed]
        if missed and options["check"]:
            raise CommandError(f"Missed: {', '.join(missed)}.")


def benchmarks() -> list[str]:
    """The modules of tests/bench; benchmarks need the tests' own requirements, so they live with the tests."""
    package = import_module("tests.bench")
    return sorted(found.name for found in iter_modules(package.__path__) if found.name != "figures")
