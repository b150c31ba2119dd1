"""`manage.py audit verify`: whether the audit log is what was written."""

import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from builder.safety.verify_audit import verify_audit


class Command(BaseCommand):
    help = "Verify the chain of the audit log. Exit code 1, and where it breaks, when it is not whole."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("verb", choices=["verify"])
        parser.add_argument(
            "--head", metavar="HASH", help="a head noted earlier, which must still be in the chain"
        )

    def handle(self, *args: Any, head: str | None, **options: Any) -> None:
        report = verify_audit(head)
        if report.fault:
            self.stderr.write(f"The audit log is broken: {report.fault.en}. {report.sound} entries hold.")
            sys.exit(1)
        self.stdout.write(f"The audit log is whole: {report.sound} entries. Head: {report.head}")
