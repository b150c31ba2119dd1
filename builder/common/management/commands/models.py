"""`manage.py models`: lists, installs, verifies and removes AI models.

The work is `python -m runtime.models` in a process of its own: the web side of the house imports no part of it.
"""

import os
import subprocess
import sys
from argparse import REMAINDER, ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from builder.bootstrap import places


class Command(BaseCommand):
    """Hand the words on; its output and its exit code are ours."""

    help = "List, install, verify and remove AI models."
    requires_system_checks: list[str] = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Leave everything, `--help` too, to the command behind."""
        sys.exit(run(argv[2:]))

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take any words (when called from code)."""
        parser.add_argument("words", nargs=REMAINDER)

    def handle(self, *args: Any, **options: Any) -> None:
        """Run it from code. CommandError when it did not go well."""
        code = run(options["words"])
        if code:
            raise CommandError("The models command did not succeed.", returncode=code)


def run(words: list[str]) -> int:
    """The exit code of the command behind. Ctrl-C reaches it as well, and it ends by itself."""
    environment = os.environ | {"SLUICEWAY_HOME": str(settings.HOME)}
    process = subprocess.Popen(
        [sys.executable, "-m", "runtime.models", *words], cwd=places.ROOT, env=environment
    )
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue
