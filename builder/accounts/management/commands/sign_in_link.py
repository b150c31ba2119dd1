"""`manage.py sign_in_link`: prints the path of a fresh one-time sign-in link for the administrator."""

from typing import Any

from django.core.management.base import BaseCommand

from builder.accounts.sign_in_links import issue_link


class Command(BaseCommand):
    """Issue the link, print its path."""

    help = "Print the path of a one-time sign-in link for the administrator; good for a day, good once."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Print the path alone, so that a script can use it."""
        self.stdout.write(issue_link())
