"""The operations app. It has no tables of its own."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OperationsConfig(AppConfig):
    name = "builder.operations"
    verbose_name = _("Operations")
