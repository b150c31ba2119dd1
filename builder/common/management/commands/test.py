"""`manage.py test`: runs every check and test of the project."""

import subprocess
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from builder.bootstrap import places


class Command(BaseCommand):
    """Hand over to the stages, which are no part of the server."""

    help = "Check and test everything, stage by stage, and print what ran and how long it took."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "names", nargs="*", help="stages (ruff, mypy, house, ...) or test paths; default: all"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the stages; their exit code is ours."""
        command = [sys.executable, "-m", "tests.stages", *options["names"]]
        sys.exit(subprocess.run(command, cwd=places.ROOT).returncode)
