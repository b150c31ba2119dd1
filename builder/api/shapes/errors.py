"""The one shape of every error."""

from builder.api.shapes.base import IssueSerializer, Shape, Text
from builder.api.shapes.workflows import CallerSerializer, DraftConflictSerializer


class ErrorSerializer(Shape):
    """What went wrong, in the language that was asked for, and what to do about it."""

    code = Text()
    message = Text()
    hint = Text(allow_null=True)
    issues = IssueSerializer(many=True, required=False)


class CalledSerializer(ErrorSerializer):
    """A deletion that would leave others without what they call."""

    callers = CallerSerializer(many=True)


class RevisionConflictSerializer(ErrorSerializer):
    """A save that met a newer draft."""

    current = DraftConflictSerializer()
