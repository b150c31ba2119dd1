"""`manage.py providers`: remote APIs whose chat models filters, and where it is allowed nodes, may ask."""

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from cryptography.fernet import InvalidToken
from django.core.management.base import BaseCommand, CommandError

from builder.catalog.providers import known_providers, try_provider
from builder.catalog.secrets import NAME, reseal
from builder.console.change_providers import add_provider, change_key, remove_provider
from runtime.errors import OperationalError, UserError
from runtime.providers import Provider


class Command(BaseCommand):
    help = (
        "Show, add, try and remove providers: APIs that speak the OpenAI protocol (OpenAI, Azure, ChatGLM, vLLM, "
        "llama.cpp's server and others). A key is asked for, or read from standard input; it is never an argument."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="all providers, with their models and whether they have a key")
        _add_arguments(verbs.add_parser("add", help="store a provider, in place of one of its name"))
        for verb, about in (
            ("key", "give a provider another key"),
            ("test", "ask a model for one word"),
            ("remove", "delete a provider and its key; what asks it lets nothing pass from then on"),
        ):
            named = verbs.add_parser(verb, help=about)
            named.add_argument("name")
            if verb == "test":
                named.add_argument("--model", default="", help="which one; the first without it")
        verbs.add_parser("reseal", help=f"encrypt all keys anew with the first key in secrets/{NAME}")

    def handle(self, *args: Any, verb: str, **options: Any) -> None:
        try:
            {
                "list": self._list,
                "add": self._add,
                "key": self._key,
                "test": self._test,
                "remove": self._remove,
                "reseal": self._reseal,
            }[verb](options)
        except (UserError, OperationalError) as error:
            raise CommandError(" ".join(words.en for words in (error.message, error.hint) if words)) from None

    def _list(self, options: dict[str, Any]) -> None:
        for known in known_providers():
            item = known.provider
            key = "has a key" if known.has_key else "HAS NO KEY" if item.keyed else "wants no key"
            who = "filters and workflows" if item.workflows else "filters"
            self.stdout.write(f"{item.name}  {item.base_url}  {key}  for {who}")
            if item.keyed:
                self.stdout.write(f"  its key, where workers get keys as files: {item.secret}")
            for ref in item.refs():
                self.stdout.write(f"  {ref}")

    def _add(self, options: dict[str, Any]) -> None:
        provider = Provider(
            options["name"],
            options["url"],
            tuple(options["model"]),
            options["header"],
            options["limit"],
            tuple(options["network"]),
            not options["no_key"],
            options["workflows"],
        )
        add_provider(provider, _read_key() if provider.keyed and not options["same_key"] else "")
        self.stdout.write(f"{provider.name} is there. Try it: manage.py providers test {provider.name}")

    def _key(self, options: dict[str, Any]) -> None:
        change_key(options["name"], _read_key())
        self.stdout.write(f"{options['name']} has another key.")

    def _test(self, options: dict[str, Any]) -> None:
        seconds = try_provider(options["name"], options["model"])
        self.stdout.write(f"{options['name']} answers, after {seconds:.1f} s.")

    def _remove(self, options: dict[str, Any]) -> None:
        remove_provider(options["name"])
        self.stdout.write(f"{options['name']} is removed, and its key with it.")

    def _reseal(self, options: dict[str, Any]) -> None:
        try:
            count = reseal()
        except InvalidToken:
            raise CommandError(
                f"A key cannot be opened with those in secrets/{NAME}; nothing was changed."
            ) from None
        self.stdout.write(f"Keys encrypted anew: {count}.")


def _add_arguments(add: ArgumentParser) -> None:
    add.add_argument("name", help="small letters, digits, - and _")
    add.add_argument("--url", required=True, help="base URL, for example https://api.example.com/v1")
    add.add_argument("--model", action="append", required=True, help="a chat model of it; again for another")
    add.add_argument("--no-key", action="store_true", help="it wants no key")
    add.add_argument(
        "--same-key", action="store_true", help="keep the key that it has; the address is the same"
    )
    add.add_argument(
        "--header", default="bearer", help="how the key is sent: bearer, or api-key as Azure wants it"
    )
    add.add_argument("--limit", default="max_tokens", help="or max_completion_tokens, which some models want")
    add.add_argument(
        "--network",
        action="append",
        default=[],
        help="a private network that it is in, for example 10.0.0.0/8",
    )
    add.add_argument("--workflows", action="store_true", help="nodes of workflows may use it, too")


def _read_key() -> str:
    if sys.stdin.isatty():
        return getpass("Key: ").strip()
    return sys.stdin.readline().strip()
