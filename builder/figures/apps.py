"""The figures app."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FiguresConfig(AppConfig):
    name = "builder.figures"
    verbose_name = _("Figures")
