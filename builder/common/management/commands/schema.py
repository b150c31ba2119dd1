"""`manage.py schema`: writes the API's description and the browser app's types made from it."""

import subprocess
import sys
from typing import Any

from django.core.management import call_command
from django.core.management.base import BaseCommand

from builder.bootstrap import bundle, places

SCHEMA, TYPES = "src/api/schema.json", "src/api/schema.d.ts"


class Command(BaseCommand):
    help = "Write frontend/src/api/schema.json and schema.d.ts anew, after a change of the API."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Describe the API as it is now; a description with gaps is refused."""
        call_command(
            "spectacular",
            format="openapi-json",
            file=str(places.FRONTEND / SCHEMA),
            fail_on_warn=True,
            validate=True,
        )
        bundle.ensure_packages()
        done = subprocess.run(types_command(), cwd=places.FRONTEND, env=bundle.node_environment())
        if done.returncode:
            sys.exit(done.returncode)


def types_command(*options: str) -> list[str]:
    """The command line that writes the types, to be run in the frontend's folder."""
    return bundle.tool_command("openapi-typescript", "bin/cli.js", SCHEMA, "--output", TYPES, *options)
