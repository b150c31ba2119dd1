"""`manage.py backup`: everything that this installation knows, in one folder or file, taken while it runs."""

import os
import sys
from argparse import ArgumentParser
from getpass import getpass
from pathlib import Path
from typing import Any, NoReturn

from django.core.management.base import BaseCommand

from builder.common.language import say
from builder.operations.backup.take import take_backup
from builder.operations.doctor import language_from
from runtime.errors import UserError
from runtime.words import Words

VARIABLE = "SLUICEWAY_BACKUP_PASSPHRASE"
_ASK = Words("A passphrase for the secrets: ", "密钥的口令：")
_DONE = Words(
    "{runs} runs ({unfinished} of them unfinished), {assets} assets, {megabytes} MB are in {target}.",
    "{target} 中有 {runs} 个运行（其中 {unfinished} 个未结束）、{assets} 个资产、共 {megabytes} MB。",
)
_WITHOUT = Words(
    "The installation's keys are not in it. Without them what is restored cannot go on with unfinished runs or use "
    "keys of providers: keep secrets/ elsewhere, or take it with --secrets.",
    "其中不含本系统的密钥。没有密钥，恢复后无法继续未结束的运行，也无法使用服务商的密钥：请另行保存 secrets/，或使用 --secrets 备份。",
)
_MISSING = Words(
    "{count} assets are not in it: they were not there.", "其中缺少 {count} 个资产：它们本就不存在。"
)


class Command(BaseCommand):
    help = (
        "Take a backup while everything goes on: database, assets, word lists, providers. Models are not in it; "
        "sessions are not, so that nobody is signed in by one. It holds all that people gave and got: guard it."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "target", type=Path, metavar="FOLDER|FILE.tar", help="where it goes; must not exist"
        )
        parser.add_argument(
            "--secrets",
            action="store_true",
            help=f"with the installation's keys, under a passphrase ({VARIABLE})",
        )
        parser.add_argument("--accept-missing", action="store_true", help="even if assets are missing")

    def handle(self, *args: Any, **options: Any) -> None:
        language = language_from()
        passphrase = asked(say(_ASK, language)) if options["secrets"] else None
        try:
            made = take_backup(options["target"].absolute(), passphrase, options["accept_missing"])
        except UserError as fault:
            refuse(self, fault)
        fill = {"runs": made.runs, "unfinished": made.unfinished, "assets": made.assets}
        done = _DONE.fill(**fill, megabytes=round(made.size / 1e6, 1), target=options["target"])
        self.stdout.write(say(done, language))
        if passphrase is None:
            self.stdout.write(say(_WITHOUT, language))
        if made.missing:
            self.stdout.write(say(_MISSING.fill(count=len(made.missing)), language))


def asked(prompt: str) -> str:
    """By a variable, or typed: an argument could be read by other users of the machine."""
    return os.environ.get(VARIABLE) or getpass(prompt)


def refuse(command: BaseCommand, fault: UserError) -> NoReturn:
    """Say why and what to do, and end with 1."""
    language = language_from()
    hint = f" {say(fault.hint, language)}" if fault.hint else ""
    command.stderr.write(f"{say(fault.message, language)}{hint}")
    sys.exit(1)
