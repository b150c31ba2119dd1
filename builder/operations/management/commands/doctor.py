"""`manage.py doctor`: what is wrong with this installation, and what to do."""

import json
import sys
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from builder.common.language import LANGUAGES, Language, say
from builder.operations.doctor import examine, language_from
from builder.operations.told import Level, Told
from runtime.words import Words

_MARK = {Level.WELL: "  ", Level.NOTICE: "! ", Level.WRONG: "✗ "}
_SOUND = Words("Nothing is wrong.", "一切正常。")
_FAULTS = Words("{count} things are wrong.", "有 {count} 处问题。")


class Command(BaseCommand):
    help = (
        "Say what is wrong with this installation and what to do, in sentences. It changes nothing. "
        "Exit code 0: nothing is wrong; 1: something is."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="print JSON, for machines")
        parser.add_argument(
            "--language", choices=LANGUAGES, help="of the sentences (default: what the terminal speaks)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        language: Language = options["language"] or language_from()
        told = examine()
        wrong = sum(item.level is Level.WRONG for item in told)
        if options["json"]:
            body = {"wrong": wrong, "told": [item.to_json(language) for item in told]}
            self.stdout.write(json.dumps(body, ensure_ascii=False, indent=2))
        else:
            self.stdout.write("\n".join(lines(told, language)))
            self.stdout.write(say(_FAULTS.fill(count=wrong) if wrong else _SOUND, language))
        if wrong:
            sys.exit(1)


def lines(told: list[Told], language: Language) -> list[str]:
    """What is wrong comes first; what to do stands under it."""
    order = [Level.WRONG, Level.NOTICE, Level.WELL]
    found = []
    for item in sorted(told, key=lambda item: order.index(item.level)):
        found.append(f"{_MARK[item.level]}{say(item.message, language)}")
        if item.hint:
            found.append(f"     {say(item.hint, language)}")
    return found
