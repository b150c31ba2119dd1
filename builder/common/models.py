"""What every stored thing has in common: its id."""

from django.db import models

from builder.common.ids import uuid7


class Identified(models.Model):
    """A row with a UUIDv7 as its primary key."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)

    class Meta:
        abstract = True
