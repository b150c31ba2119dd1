"""`manage.py sign_in_link [NAME]`: prints the path of a fresh one-time sign-in link."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from builder.accounts.models import User
from builder.accounts.sign_in_links import issue_link


class Command(BaseCommand):
    """Issue the link, print its path."""

    help = "Print the path of a one-time sign-in link; good for a day, good once."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the arguments."""
        parser.add_argument("name", nargs="?", help="whom it signs in (default: the administrator)")

    def handle(self, *args: Any, name: str | None = None, **options: Any) -> None:
        """Print the path alone, so that a script can use it."""
        user = None
        if name:
            user = User.objects.filter(username=name, is_active=True).first()
            if user is None:
                raise CommandError(f"There is no active user called {name}.")
        self.stdout.write(issue_link(user))
