"""`manage.py erase --user NAME`: deletes a person's data, and says what was deleted."""

import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from builder.accounts.models import User
from builder.common.errors import Refused
from builder.leaving.erase import Receipt, go_on
from builder.leaving.erase_person import erase_person


class Command(BaseCommand):
    help = "Delete what the installation knows of a person, and print the receipt."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--user", required=True, help="the name that they sign in with")
        parser.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError("Nobody has this name.")
        if not options["yes"] and input(f"Delete everything of {user.username}, for good? [y/N] ") != "y":
            raise CommandError("Nothing was deleted.")
        try:
            erasure = erase_person(user, by=None)
        except Refused as refused:
            raise CommandError(refused.message.en) from None
        try:
            while erasure.finished is None:
                go_on(erasure)
        except Refused as refused:  # begun, and not over: the sweep comes back to it
            self.stderr.write(f"It is not finished yet. {refused.message.en}")
        self.stdout.write(json.dumps(Receipt(erasure).to_json(), indent=2))
