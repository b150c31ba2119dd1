"""`manage.py setup`: fetches everything that `up` and `test` need, so that both then work without a network."""

import subprocess
import sys
from typing import Any

from django.core.management.base import BaseCommand

from builder.bootstrap import places
from builder.bootstrap.talk import say
from builder.common.management.commands.up import install_models


class Command(BaseCommand):
    """The environment and the bundle are ready before Django starts; here comes what is left."""

    help = "Install everything that `up` and `test` need: packages, the browser bundle, default models, Chromium, RabbitMQ."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Install the models, and the programs that the tests need and no wheel carries."""
        install_models()
        for program in ("chromium", "rabbitmq"):
            ensure = f"from tests.stages.{program} import ensure; ensure()"
            code = subprocess.run([sys.executable, "-c", ensure], cwd=places.ROOT).returncode
            if code:
                sys.exit(code)
        say("Everything is installed. Start with: python3 manage.py up")
