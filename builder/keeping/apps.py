"""The keeping app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class KeepingConfig(AppConfig):
    name = "builder.keeping"
    verbose_name = _("Keeping")
