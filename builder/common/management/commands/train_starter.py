"""`manage.py train_starter`: trains the starter picture model from nothing, in a process of its own."""

import os
import subprocess
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

# glibc returns large blocks to the system at every step, which took about a tenth of the time; keep them, in huge pages.
KEEPING = {
    "MALLOC_MMAP_THRESHOLD_": str(8 << 30),
    "MALLOC_TRIM_THRESHOLD_": str(16 << 30),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


class Command(BaseCommand):
    """Hands its options on: the web side never imports torch, so the training is another program."""

    help = (
        "Train the starter picture model from nothing, for as long as you say (what that brought: docs/decisions/024). "
        "Stopped and started again, it goes on from its last checkpoint. Needs the network the first time, for its data."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--hours", type=float, default=2.0, help="wall time in all (default: %(default)s)"
        )
        parser.add_argument(
            "--data", type=Path, help="folder of the data (default: starter in SLUICEWAY_HOME)"
        )
        parser.add_argument(
            "--out", type=Path, help="folder of checkpoint and result (default: training beside the data)"
        )
        parser.add_argument("--threads", type=int, default=2, help="processor threads (default: %(default)s)")
        parser.add_argument(
            "--seed", type=int, default=0, help="the same seed begins alike (default: %(default)s)"
        )
        parser.add_argument(
            "--settle",
            type=Path,
            metavar="FOLDER",
            help="train nothing; settle the heads of the training in this folder and write its model anew",
        )

    def handle(self, *_: object, **options: object) -> None:
        """Run it to its end; Ctrl-C ends both."""
        names = ("hours", "data", "out", "threads", "seed", "settle")
        arguments = [
            part for name in names if options[name] is not None for part in (f"--{name}", str(options[name]))
        ]
        command = [sys.executable, "-m", "runtime.models.starter.train", *arguments]
        try:
            ended = subprocess.run(command, check=False, env={**KEEPING, **os.environ}).returncode
        except KeyboardInterrupt:
            self.stdout.write("Stopped. Start it again to go on from the last checkpoint.")
            return
        if ended != 0:
            raise CommandError(f"The training ended with exit code {ended}.")
