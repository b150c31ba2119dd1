"""The one shape of every error."""

from builder.api.shapes.base import IssueSerializer, Shape, Text
from builder.api.shapes.workflows import DraftConflictSerializer


class ErrorSerializer(Shape):
    """What went wrong, in the language that was asked for, and what to do about it."""

    code = Text()
    message = Text()
    hint = Text(allow_null=True)
    issues = IssueSerializer(many=True, required=False)


class RevisionConflictSerializer(ErrorSerializer):
    """A save that met a newer draft."""

    current = DraftConflictSerializer()
