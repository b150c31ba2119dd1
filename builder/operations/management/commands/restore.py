"""`manage.py restore`: a backup, into an empty home and an empty database."""

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand

from builder.common.language import say
from builder.operations.backup.restore import restore_backup
from builder.operations.doctor import language_from
from builder.operations.management.commands.backup import VARIABLE, asked, refuse
from runtime.errors import UserError
from runtime.words import Words

_ASK = Words("The passphrase of the backup's secrets: ", "备份密钥的口令：")
_DONE = Words(
    "Restored as it was at {made}: {runs} runs, {assets} assets. {unfinished} runs go on once a worker starts.",
    "已恢复到 {made} 的状态：{runs} 个运行、{assets} 个资产。启动工作进程后，{unfinished} 个运行将继续。",
)
_NEXT = Words(
    "Everybody signs in anew. Models were not in it: start with `up`, and then ask `python3 manage.py doctor`.",
    "所有人需要重新登录。备份不含模型：请用 `up` 启动，然后运行 `python3 manage.py doctor`。",
)


class Command(BaseCommand):
    help = (
        "Restore a backup into an empty home (SLUICEWAY_HOME) and an empty database. Every file is checked against its "
        "hash, and the audit log from its first line; when something is not what it was, nothing is left behind."
    )
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("source", type=Path, metavar="FOLDER|FILE.tar", help="what `backup` wrote")
        parser.add_argument(
            "--without-secrets",
            action="store_true",
            help=f"leave its keys out, and ask for no passphrase ({VARIABLE})",
        )
        parser.add_argument(
            "--accept-broken-log", action="store_true", help="even if its audit log is broken"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        language = language_from()

        def passphrase() -> str | None:
            return None if options["without_secrets"] else asked(say(_ASK, language))

        try:
            made = restore_backup(options["source"].absolute(), passphrase, options["accept_broken_log"])
        except UserError as fault:
            refuse(self, fault)
        fill = {"made": made.made, "runs": made.runs, "assets": made.assets, "unfinished": made.unfinished}
        self.stdout.write(say(_DONE.fill(**fill), language))
        self.stdout.write(say(_NEXT, language))
