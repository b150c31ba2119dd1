"""`manage.py compile_translations`: writes django.mo from django.po."""

from typing import Any

from django.core.management.base import BaseCommand

from builder.console.translations import MO, PO, read_po, write_mo


class Command(BaseCommand):
    help = "Write the console's translations as Django loads them, after a change of builder/locale."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        translations = read_po(PO.read_text(encoding="utf-8"))
        MO.write_bytes(write_mo(translations))
        self.stdout.write(f"{len(translations) - 1} texts.")
