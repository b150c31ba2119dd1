"""Deletion, retention and exports: what is asked for, what is told."""

from rest_framework import serializers

from builder.api.shapes.base import Shape, Text, Whole
from builder.keeping.models import Erased, Kept
from builder.keeping.retention import MOST_DAYS

ERASED = Erased.values
KEPT = Kept.values


class ReceiptSerializer(Shape):
    """What was deleted: counts, and what it was about by the SHA-256 of its id. `finished` is null while it goes on."""

    id = serializers.UUIDField()
    what = serializers.ChoiceField(choices=ERASED)
    which = Text(allow_blank=True)
    deleted = serializers.DictField(child=serializers.IntegerField())
    by = Text(allow_null=True)
    begun = serializers.DateTimeField()
    finished = serializers.DateTimeField(allow_null=True)
    audit_entries = serializers.ListField(child=serializers.IntegerField())


class EraseWorkflowSerializer(Shape):
    """Whether its runs go as well, and whether it goes although others call it."""

    with_runs = serializers.BooleanField(required=False)
    anyway = serializers.BooleanField(required=False)


class TermSerializer(Shape):
    """Days: what the workspace wants, the most that the installation allows, what holds. null keeps."""

    kind = serializers.ChoiceField(choices=KEPT)
    wanted = serializers.IntegerField(allow_null=True)
    most = serializers.IntegerField(allow_null=True)
    days = serializers.IntegerField(allow_null=True)


class RetentionSerializer(Shape):
    """How long a workspace keeps what."""

    results = TermSerializer(many=True)


def _days() -> Whole:
    return Whole(min_value=1, max_value=MOST_DAYS, allow_null=True, required=False)


class NewRetentionSerializer(Shape):
    """The kinds that change; null keeps for ever."""

    uploads = _days()
    outputs = _days()
    intermediate = _days()
    runs = _days()
    held = _days()
    reads = _days()


class NewExportSerializer(Shape):
    """Whose data; only an administrator may name somebody else."""

    person = serializers.UUIDField(required=False)


class ExportSerializer(Shape):
    """An export: fetch `url` until it expires. `done` of about `total` entries were sent the last time."""

    id = serializers.UUIDField()
    total = serializers.IntegerField()
    done = serializers.IntegerField()
    fetched = serializers.DateTimeField(allow_null=True)
    expires = serializers.DateTimeField()
    url = Text()
