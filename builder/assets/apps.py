"""The assets app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AssetsConfig(AppConfig):
    name = "builder.assets"
    verbose_name = _("Files")
