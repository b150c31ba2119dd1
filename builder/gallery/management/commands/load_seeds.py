"""`manage.py load_seeds`: brings the templates of the product into the gallery."""

from typing import Any

from django.core.management.base import BaseCommand

from builder.gallery.load_seeds import load_seeds


class Command(BaseCommand):
    help = "Load the templates that come with Sluiceway, as far as they are new or changed."

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(f"{load_seeds()} templates were new or changed.")
