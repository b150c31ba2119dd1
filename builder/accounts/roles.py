"""Roles: what a person may do in a workspace."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Role(models.TextChoices):
    OWNER = "owner", _("Owner")
    EDITOR = "editor", _("Editor")
    VIEWER = "viewer", _("Viewer")
    # Sees what a viewer sees, and decides about what gates hold.
    REVIEWER = "reviewer", _("Reviewer")


WRITERS = (Role.OWNER, Role.EDITOR)
