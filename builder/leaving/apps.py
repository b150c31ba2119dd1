"""The leaving app: it has verbs and commands, and no rows of its own."""

from django.apps import AppConfig


class LeavingConfig(AppConfig):
    name = "builder.leaving"
