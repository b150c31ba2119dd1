"""`manage.py lists`: the installation's own word lists; each is a filter that a policy can name."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from builder.safety.word_lists import add_word_list, remove_word_list, word_lists
from runtime.errors import UserError


class Command(BaseCommand):
    help = (
        "Show, add and remove word lists. A file holds an entry a line, in UTF-8; `#` begins a remark, `!` a phrase "
        "that is harmless although it contains an entry. The id that is printed is the filter to name in a policy."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("show", help="all lists, with their entries counted")
        add = verbs.add_parser("add", help="store a list")
        add.add_argument("name", help="small letters, digits, - and _")
        add.add_argument("file", type=Path)
        remove = verbs.add_parser("remove", help="delete a list that the policy in force does not name")
        remove.add_argument("id")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            if verb == "add":
                with options["file"].open("rb") as file:
                    kept = add_word_list(options["name"], file)
                self.stdout.write(f"{kept.filter_id}  {kept.entries} entries")
            elif verb == "remove":
                remove_word_list(options["id"])
            else:
                for kept in word_lists():
                    self.stdout.write(f"{kept.filter_id}  {kept.entries} entries")
        except UserError as error:
            raise CommandError(" ".join(words.en for words in (error.message, error.hint) if words)) from None
        except OSError as error:
            raise CommandError(f"The file cannot be read: {error.strerror}.") from None
