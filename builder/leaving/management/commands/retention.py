"""`manage.py retention`: lets go of what is kept too long now, or only says what that would be."""

from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from builder.accounts.models import Workspace
from builder.leaving.overdue import everything_overdue
from builder.leaving.sweep import turn


class Command(BaseCommand):
    help = "Delete what is kept longer than each workspace, and the installation, allow."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="say what would go, and delete nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            self._tell()
            return
        taken = 0
        while step := turn(timezone.now()):
            taken += step
        self.stdout.write(f"{taken} things deleted. Each is in the audit log.")

    def _tell(self) -> None:
        names = {item.pk: item.name for item in Workspace.objects.all()}
        nothing = True
        for what, rows, path in everything_overdue(timezone.now()):
            counted = Counter(rows.order_by().values_list(path, flat=True))
            for workspace, count in sorted(counted.items(), key=lambda item: names.get(item[0], "")):
                nothing = False
                self.stdout.write(f"{names.get(workspace, workspace)}: {count} {what}")
        if nothing:
            self.stdout.write("Nothing is overdue.")
